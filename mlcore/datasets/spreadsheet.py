"""XLSX workbooks: the first sheet is the table."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

__all__ = ["Sheet", "SheetError", "open_sheet"]


class SheetError(Exception):
    """A workbook cannot be read; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The cells of a sheet."""

    comments: tuple[str, ...]
    """The lines above the columns' names, as far as they begin with ``#``."""
    names: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]

    def frame(self, names: Sequence[str], wanted: Collection[str]) -> pd.DataFrame:
        """Return the wanted columns under the given names."""
        kept = [position for position, name in enumerate(names) if name in wanted]
        frame = pd.DataFrame(
            {
                names[position]: pd.Series([row[position] for row in self.rows], dtype=object)
                for position in kept
            },
            index=pd.RangeIndex(len(self.rows)),
        )
        return frame.infer_objects()


def open_sheet(path: Path) -> Sheet:
    """Read a workbook's first sheet.

    Raises
    ------
    SheetError
        When the workbook is damaged or has no line with column names.
    """
    from openpyxl import load_workbook  # noqa: PLC0415  # slow to import, and rarely needed
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            # It remarks on styles and extensions that have nothing to do with the cells.
            warnings.simplefilter("ignore", UserWarning)
            book = load_workbook(file, read_only=True, data_only=True)
            cells = [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)]
            book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        ParseError,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        msg = "The workbook is damaged"
        raise SheetError(msg) from error
    comments: list[str] = []
    for number, row in enumerate(cells):
        first = next((cell for cell in row if cell is not None), None)
        if first is None:
            continue
        if str(first).lstrip().startswith("#"):
            comments.append(str(first).strip())
            continue
        return _sheet(comments, row, cells[number + 1 :])
    msg = "The workbook's first sheet has no line with column names"
    raise SheetError(msg)


def _sheet(comments: list[str], header: tuple[Any, ...], cells: list[tuple[Any, ...]]) -> Sheet:
    width = max(position for position, cell in enumerate(header) if cell is not None) + 1
    rows = [(row + (None,) * width)[:width] for row in cells]
    # Rows that were only ever formatted come as rows without a value.
    return Sheet(
        comments=tuple(comments),
        names=tuple("" if cell is None else cell for cell in header[:width]),
        rows=tuple(row for row in rows if any(cell is not None for cell in row)),
    )
