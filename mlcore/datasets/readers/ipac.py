"""IPAC tables, the archive's fixed-width format, read by astropy."""

from __future__ import annotations

import io
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.datasets.readers.text_source import as_file
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from mlcore.datasets.readers.text_source import TextSource

__all__ = ["headings_of", "is_it", "opened"]

_CELLS_AT_ONCE = 1 << 19
_TYPES = frozenset(
    {"int", "i", "long", "l", "float", "f", "real", "r", "double", "d", "char", "c", "date"}
)
_UNITS = 2
"""Which of the header's lines has the units, after those of the names and of the types."""


def is_it(head: str) -> bool:
    """Tell whether a text is an IPAC table.

    Its first lines that are no comment have bars, where those of the rows have none.
    """
    header, first = _header(head)
    if not header:
        return False
    return first or (len(header) > 1 and _TYPES.issuperset(map(str.lower, header[1])))


def headings_of(head: str) -> Sequence[Heading]:
    """Return the names of the columns with their units."""
    header, _ = _header(head)
    units = [*(header[_UNITS] if len(header) > _UNITS else ()), *("" for _ in header[0])]
    return [Heading(name=name, unit=unit) for name, unit in zip(header[0], units, strict=False)]


def opened(source: TextSource) -> Opened:
    """Open a text that has been looked through."""
    headings = headings_of(source.head)

    def pieces(kept: Sequence[int], words: Collection[int]) -> Iterator[pd.DataFrame]:  # noqa: ARG001
        return _pieces(source, len(headings), kept)

    return Opened(headings=headings, pieces=pieces)


def _header(head: str) -> tuple[list[list[str]], bool]:
    """Return the cells of the header's lines, and whether a row without bars follows them."""
    told = [line.rstrip() for line in head.splitlines() if line.strip() and line[0] != "\\"]
    barred = [*takewhile(lambda line: line.startswith("|") and line.endswith("|"), told)]
    header = [[cell.strip() for cell in line[1:-1].split("|")] for line in barred]
    return header, len(told) > len(barred) and len(barred) <= _UNITS + 2


def _pieces(source: TextSource, width: int, kept: Sequence[int]) -> Iterator[pd.DataFrame]:
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
        rows += islice(lines, max(1, _CELLS_AT_ONCE // width))
        try:
            table = astropy_ascii.read([*header, *rows], format="ipac", guess=False)
            table.keep_columns([table.colnames[place] for place in kept])
            frame: pd.DataFrame = table.to_pandas()
        except (InconsistentTableError, ValueError, IndexError, KeyError) as error:
            msg = "The rows of the IPAC table do not stand under their columns."
            raise DataError(msg) from error
        yield frame
        if not rows:
            return
        rows = []
