"""XLSX workbooks, read by openpyxl."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from mlcore.datasets.readers.archives import check_parts
from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.formulas import formulas_in_xlsx, without_results
from mlcore.datasets.readers.sheets import Sheet, opened_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.datasets.readers.packing import Content
    from mlcore.datasets.readers.raw_table import Opened

__all__ = ["opened"]

_STREAMED = ("xl/worksheets/", "xl/sharedStrings.xml")
"""Parts of a workbook that are read piece by piece; its others are read whole."""


@contextmanager
def opened(content: Content) -> Iterator[Opened]:
    """Open the first sheet of a workbook that is a table.

    Raises
    ------
    NotATableError
        When it is no workbook or is damaged, now or while it is read, or has no line with column
        names.
    DataError
        When it is larger than `LIMITS` allows.
    """
    from openpyxl import load_workbook  # noqa: PLC0415  # slow to import, and rarely needed
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with warnings.catch_warnings(), content.file() as file:
            check_parts(file, streamed=_STREAMED)
            formulas = formulas_in_xlsx(file, damaged=_damaged())
            # It remarks on styles and extensions that have nothing to do with the cells.
            warnings.simplefilter("ignore", UserWarning)
            # defusedxml, which it takes for its parser, refuses entities that multiply.
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            table = opened_sheets(
                [Sheet(title=sheet.title, rows=partial(_rows, sheet)) for sheet in book.worksheets]
            )
            table.notes.extend(without_results(formulas))
            yield table
            book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        OSError,
        zlib.error,
        ParseError,
        EOFError,
        LookupError,
        ValueError,
        OverflowError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        raise _damaged() from error


def _damaged() -> NotATableError:
    return NotATableError(f"The workbook is damaged; {EXPECTED}.")


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # A sheet may claim to be as wide as it likes; its cells tell.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(values_only=True)
