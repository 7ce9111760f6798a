"""XLSX workbooks: the first sheet is the table."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import pandas as pd

from mlcore.datasets.readers.gathering import check_size, gathered
from mlcore.datasets.readers.limits import LIMITS
from mlcore.datasets.readers.zip_claims import check_workbook
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

__all__ = ["Sheet", "SheetError", "opened"]

_CELLS_AT_ONCE = 1 << 17


class SheetError(Exception):
    """A workbook cannot be read; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The cells of a sheet, to be read once."""

    comments: tuple[str, ...]
    """The lines above the columns' names, as far as they begin with ``#``."""
    names: tuple[Any, ...]
    rows: Iterator[tuple[Any, ...]]

    def frame(self, names: Sequence[str], wanted: Collection[str]) -> pd.DataFrame:
        """Return the wanted columns under the given names."""
        kept = [position for position, name in enumerate(names) if name in wanted]
        kept_names = [names[position] for position in kept]
        return gathered(self._pieces(kept), kept_names, width=len(names))

    def _pieces(self, kept: Sequence[int]) -> Iterator[pd.DataFrame]:
        while True:
            rows = list(islice(self.rows, max(1, _CELLS_AT_ONCE // max(1, len(self.names)))))
            piece = pd.DataFrame(
                {
                    position: pd.Series([row[position] for row in rows], dtype=object)
                    for position in kept
                },
                index=pd.RangeIndex(len(rows)),
            )
            yield piece.infer_objects()
            if not rows:
                return


@contextmanager
def opened(path: Path) -> Iterator[Sheet]:
    """Open a workbook's first sheet.

    Raises
    ------
    SheetError
        When the workbook is damaged, now or while it is read, or has no line with column names.
    mlcore.errors.DataError
        When it is no workbook or larger than `LIMITS` allows.
    """
    from openpyxl import load_workbook  # noqa: PLC0415  # slow to import, and rarely needed
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    check_workbook(path)
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            # It remarks on styles and extensions that have nothing to do with the cells.
            warnings.simplefilter("ignore", UserWarning)
            # defusedxml, which it takes for its parser, refuses entities that multiply.
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            # A sheet may claim to be as wide as it likes; its cells tell.
            sheet.reset_dimensions()
            yield _sheet(_counted(sheet.iter_rows(values_only=True)))
            book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        zlib.error,
        ParseError,
        EOFError,
        KeyError,
        IndexError,
        ValueError,
        OverflowError,
        TypeError,
        AttributeError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise SheetError("The workbook is damaged") from error


def _counted(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as long as they are few; what is empty costs time, too."""
    cells = 0
    for number, row in enumerate(rows):
        cells += len(row)
        check_size(rows=number, columns=1)
        if cells > LIMITS.cells:
            raise DataError(
                f"The workbook's first sheet has more than the {LIMITS.cells:,} cells that it may"
                " have, its empty ones included."
            )
        yield row


def _sheet(rows: Iterator[tuple[Any, ...]]) -> Sheet:
    comments: list[str] = []
    for row in rows:
        first = next((cell for cell in row if cell is not None), None)
        if first is None:
            continue
        if str(first).lstrip().startswith("#"):
            comments.append(str(first).strip())
            continue
        width = max(position for position, cell in enumerate(row) if cell is not None) + 1
        return Sheet(
            comments=tuple(comments),
            names=tuple("" if cell is None else cell for cell in row[:width]),
            rows=_filled(rows, width),
        )
    raise SheetError("The workbook's first sheet has no line with column names")


def _filled(rows: Iterator[tuple[Any, ...]], width: int) -> Iterator[tuple[Any, ...]]:
    # Rows that were only ever formatted come as rows without a value.
    padding = (None,) * width
    return (
        (row + padding)[:width] for row in rows if any(cell is not None for cell in row[:width])
    )
