"""ODS workbooks, read by calamine.

Repeated rows and cells are written once with a count, so that a first pass looks how large the
sheets are that a workbook means.
"""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from mlcore.datasets.readers.archives import check_parts
from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.formulas import FORMULA, without_results
from mlcore.datasets.readers.guarded_xml import look_through
from mlcore.datasets.readers.limits import check_sheet_rows, check_size
from mlcore.datasets.readers.packing import PIECE
from mlcore.datasets.readers.sheets import Sheet, opened_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.datasets.readers.packing import Content
    from mlcore.datasets.readers.raw_table import Opened

__all__ = ["opened"]

_CONTENT = "content.xml"
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"


@contextmanager
def opened(content: Content) -> Iterator[Opened]:
    """Open the first sheet of a workbook that is a table.

    Raises
    ------
    NotATableError
        When it is no workbook or is damaged, or has no line with column names.
    DataError
        When it is larger than `LIMITS` allows.
    """
    with content.file() as file:
        check_parts(file, streamed=(_CONTENT,))
        formulas = _look_through(file)
        file.seek(0)
        table = opened_sheets(_sheets(file))
        table.notes.extend(without_results(formulas))
        yield table


def _sheets(file: BinaryIO) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  # rarely needed

    try:
        book = CalamineWorkbook.from_filelike(file)
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged() from error
    except BaseException as error:
        # What its language calls a panic is no Exception in Python.
        if type(error).__name__ == "PanicException":
            raise _damaged() from error
        raise
    return [Sheet(title=sheet.name, rows=partial(_rows, sheet)) for sheet in sheets]


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    for row in sheet.iter_rows():
        yield tuple(None if cell == "" else cell for cell in row)


def _look_through(file: BinaryIO) -> int:
    """Refuse a workbook that is too large; return how many formulas have no result."""
    look = _Look()
    try:
        with zipfile.ZipFile(file) as archive:
            if not archive.read("mimetype")[:100].startswith(_SPREADSHEET):
                raise NotATableError(f"The file is a document, but no spreadsheet; {EXPECTED}.")
            with archive.open(_CONTENT) as sheets:
                look_through(
                    iter(partial(sheets.read, PIECE), b""),
                    damaged=_damaged(),
                    begin=look.begin,
                    end=look.end,
                    text=look.text,
                )
    except (
        zipfile.BadZipFile,
        OSError,
        zlib.error,
        EOFError,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise _damaged() from error
    return look.formulas


class _Look:
    """Counts the rows and cells that a workbook means, up to the last that has something in it."""

    def __init__(self) -> None:
        self._row = self._row_count = self._cell = self._cell_count = self._width = 0
        self._in_cell = False
        self.formulas = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """See an element begin."""
        match name:
            case "table:table":
                self._row = self._width = 0
            case "table:table-row":
                self._row_count = _count(attributes.get("table:number-rows-repeated"))
                self._cell = 0
            case "table:table-cell" | "table:covered-table-cell":
                self._cell_count = _count(attributes.get("table:number-columns-repeated"))
                self._in_cell = True
                if attributes.get("office:value-type"):
                    self._fill()
                elif FORMULA in attributes:
                    self.formulas += 1

    def end(self, name: str) -> None:
        """See an element end."""
        match name:
            case "table:table-row":
                self._row += self._row_count
            case "table:table-cell" | "table:covered-table-cell":
                self._cell += self._cell_count
                self._in_cell = False

    def text(self, content: str) -> None:
        """See what stands between elements."""
        if self._in_cell and content.strip():
            self._fill()

    def _fill(self) -> None:
        self._width = max(self._width, self._cell + self._cell_count)
        # What is above and beside the last filled cell takes room, too.
        rows = self._row + self._row_count - 1
        check_sheet_rows(rows)
        check_size(rows=rows, columns=self._width)


def _count(repeated: str | None) -> int:
    return int(repeated) if repeated and repeated.isdigit() else 1


def _damaged() -> NotATableError:
    return NotATableError(f"The workbook is damaged; {EXPECTED}.")
