"""IPAC tables, the archive's fixed-width format."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING

from mlcore.datasets.readers.text_source import as_file
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from mlcore.datasets.readers.text_source import TextSource

__all__ = ["column_names", "pieces"]

_CELLS_AT_ONCE = 1 << 19


def column_names(head: str) -> tuple[str, ...] | None:
    """Return the names of an IPAC table's columns; None where the text is none.

    It is one where its first line that is no comment has bars.
    """
    for line in head.split("\n"):
        if line.strip() and not line.startswith("\\"):
            bars = line.startswith("|")
            return tuple(line.strip().strip("|").split("|")) if bars else None
    return None


def pieces(source: TextSource, names: Sequence[str], kept: Sequence[int]) -> Iterator[pd.DataFrame]:
    """Yield the rows.

    Raises
    ------
    DataError
        When the rows do not stand under their columns.
    """
    from astropy.io import ascii as astropy_ascii  # noqa: PLC0415  # slow, and rarely needed
    from astropy.io.ascii import InconsistentTableError  # noqa: PLC0415

    lines = io.TextIOWrapper(as_file(source.pieces()), encoding="utf-8", newline=None)
    header: list[str] = []
    rows: list[str] = []
    for line in filter(str.strip, lines):
        if line[0] not in "\\|":
            rows = [line]
            break
        header.append(line)
    while True:
        # The format's reader holds each cell as an object of its own, so it gets a few at a time.
        rows += islice(lines, max(1, _CELLS_AT_ONCE // len(names)))
        try:
            table = astropy_ascii.read([*header, *rows], format="ipac", guess=False)
            table.rename_columns(table.colnames, list(names))
            table.keep_columns([names[place] for place in kept])
            frame: pd.DataFrame = table.to_pandas()
        except (InconsistentTableError, ValueError, IndexError, KeyError) as error:
            msg = "The rows of the IPAC table do not stand under their columns."
            raise DataError(msg) from error
        yield frame
        if not rows:
            return
        rows = []
