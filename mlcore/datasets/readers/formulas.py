"""Formulas in workbooks whose results are not stored: to a reader their cells are empty.

A spreadsheet program stores the result of a formula beside it; what a script writes has none.
"""

from __future__ import annotations

import zipfile
from functools import partial
from typing import IO, TYPE_CHECKING, BinaryIO

from mlcore.datasets.readers.guarded_xml import look_through
from mlcore.datasets.readers.packing import PIECE
from mlcore.in_words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.datasets.readers.formats import NotATableError

__all__ = ["FORMULA", "formulas_in_xlsx", "without_results"]

_SHEETS = "xl/worksheets/"
FORMULA = "table:formula"
"""Attribute of a cell that has a formula in an ODS workbook."""


def without_results(count: int) -> list[str]:
    """Return what is said of so many formulas without results: a sentence, or none."""
    if not count:
        return []
    hold = "holds a formula whose result is" if count == 1 else "hold formulas whose results are"
    sentence = (
        f"{counted(count, 'cell')} of the workbook {hold} not stored in the file: to read the"
        " values, open it in a spreadsheet program and save it, or save it as CSV."
    )
    return [sentence]


def formulas_in_xlsx(file: BinaryIO, *, damaged: NotATableError) -> int:
    """Return how many formulas of a workbook have no result.

    Parameters
    ----------
    file
        An XLSX workbook.
    damaged
        Raised when a sheet is not well-formed.
    """
    look = _Look()
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith(_SHEETS) and _has_formulas(archive, name):
                with archive.open(name) as sheet:
                    look_through(
                        iter(partial(sheet.read, PIECE), b""),
                        damaged=damaged,
                        begin=look.begin,
                        end=look.end,
                        text=look.text,
                    )
    return look.count


def _has_formulas(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as sheet:
        return any(b"<f>" in piece or b"<f " in piece for piece in _overlapping(sheet))


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    """Yield pieces, each with the end of the one before, so that none cuts a sign in two."""
    last = b""
    for piece in iter(partial(file.read, PIECE), b""):
        yield last + piece
        last = piece[-2:]


class _Look:
    """Counts cells that have a formula and no value."""

    def __init__(self) -> None:
        self.count = 0
        self._formula = self._in_value = self._value = False

    def begin(self, name: str, _: dict[str, str]) -> None:
        """See an element begin."""
        if name == "c":
            self._formula = self._value = False
        self._formula |= name == "f"
        self._in_value = name == "v"

    def end(self, name: str) -> None:
        """See an element end."""
        self._in_value = False
        if name == "c" and self._formula and not self._value:
            self.count += 1

    def text(self, content: str) -> None:
        """See what stands between elements."""
        self._value |= self._in_value and bool(content)
