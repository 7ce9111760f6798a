"""IPAC tables, the archive's fixed-width format."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING

from mlcore.datasets.readers.gathering import check_size, gathered
from mlcore.datasets.readers.text_source import as_file
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from mlcore.datasets.readers.text_source import TextSource

__all__ = ["column_names", "is_ipac", "read"]

_CELLS_AT_ONCE = 1 << 19


def is_ipac(head: str) -> bool:
    """Tell whether a text is an IPAC table: its first line that is no comment has bars."""
    return _names_line(head) is not None


def column_names(head: str) -> tuple[str, ...]:
    """Return the names of the columns of a text that `is_ipac`."""
    line = _names_line(head) or ""
    return tuple(line.strip().strip("|").split("|"))


def read(source: TextSource, names: Sequence[str], wanted: Collection[str]) -> pd.DataFrame:
    """Parse the rows.

    Parameters
    ----------
    source
        The text.
    names
        Names to give to the columns, as many as the table has.
    wanted
        Those of the names to return.

    Raises
    ------
    DataError
        When there is too much of it, or the rows do not stand under their columns.
    """
    check_size(rows=1, columns=len(names))
    kept = [name for name in names if name in wanted]
    return gathered(_pieces(source, names, kept), kept, width=len(names))


def _pieces(
    source: TextSource, names: Sequence[str], kept: Sequence[str]
) -> Iterator[pd.DataFrame]:
    from astropy.io import ascii as astropy_ascii  # noqa: PLC0415  # slow, and rarely needed
    from astropy.io.ascii import InconsistentTableError  # noqa: PLC0415

    lines = io.TextIOWrapper(as_file(source.pieces()), encoding="utf-8", newline=None)
    header: list[str] = []
    row: str | None = None
    for line in lines:
        if not line.strip():
            continue
        if line[0] not in "\\|":
            row = line
            break
        header.append(line)
    while True:
        # The format's reader holds each cell as an object of its own, so it gets a few at a time.
        rows = [] if row is None else [row]
        rows += islice(lines, max(1, _CELLS_AT_ONCE // len(names)))
        row = None
        try:
            table = astropy_ascii.read([*header, *rows], format="ipac", guess=False)
            table.rename_columns(table.colnames, list(names))
            table.keep_columns(list(kept))
            frame: pd.DataFrame = table.to_pandas()
        except (InconsistentTableError, ValueError, IndexError, KeyError) as error:
            msg = "The rows of the IPAC table do not stand under their columns."
            raise DataError(msg) from error
        yield frame
        if not rows:
            return


def _names_line(head: str) -> str | None:
    position = 0
    while position < len(head):
        end = head.find("\n", position)
        end = len(head) if end < 0 else end
        line = head[position:end].rstrip("\r")
        position = end + 1
        if line.strip() and not line.startswith("\\"):
            return line if line.startswith("|") else None
    return None
