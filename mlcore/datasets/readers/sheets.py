"""The sheets of a workbook, XLSX or ODS: which is the table, and where its rows begin."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets.readers.body_rows import BodyRows
from mlcore.datasets.readers.dates import dated
from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.heading_row import (
    COMMENTS,
    Below,
    are_names,
    is_empty,
    is_title,
    number_columns,
    row_below,
    shown,
)
from mlcore.datasets.readers.limits import LIMITS, check_sheet_rows
from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

__all__ = ["Sheet", "opened_sheets"]

Row = tuple[Any, ...]

_CELLS_AT_ONCE = 1 << 17
_LOOKED_AT = 200
"""How many rows at a sheet's beginning are looked at for the names."""
_SAMPLE = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A sheet of a workbook."""

    title: str
    rows: Callable[[], Iterator[Row]]
    """Yields its rows from the beginning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """Where in a sheet the table is."""

    sheet: Sheet
    names: Row
    units: tuple[str, ...]
    begins: int
    """How many rows stand above the first object."""
    sample: tuple[Row, ...]
    comments: tuple[str, ...]
    notes: tuple[str, ...]


def opened_sheets(sheets: Sequence[Sheet]) -> Opened:
    """Open the first sheet that is a table: with names in two columns or more, and rows below.

    Where none is, the first in which anything can be a name is taken.

    Raises
    ------
    NotATableError
        When there is none.
    DataError
        When it is larger than `LIMITS` allows.
    """
    found = [(sheet, _found(sheet)) for sheet in sheets]
    tables = [table for _, table in found if table and len(table.names) > 1 and table.sample]
    table = next(iter(tables or [table for _, table in found if table]), None)
    if table is None:
        raise NotATableError(f"The workbook has no sheet with a line of column names; {EXPECTED}.")
    notes = list(table.notes)
    if len(tables) > 1:
        others = ", ".join(f"'{other.sheet.title}'" for other in tables[1:])
        notes.insert(0, f"The sheet '{table.sheet.title}' was read, and not: {others}.")
    elif table.sheet is not sheets[0]:
        notes.insert(
            0, f"The sheet '{table.sheet.title}' was read: the first sheet holds no table."
        )
    width = len(table.names)

    def pieces(kept: Sequence[int], words: Collection[int]) -> Iterator[pd.DataFrame]:  # noqa: ARG001
        numeric = number_columns(table.sample, width)
        body: BodyRows[Row] = BodyRows(table.names, table.units, table.sample, numeric)
        rows = _objects(table, body, notes)
        while True:
            some = list(islice(rows, max(1, _CELLS_AT_ONCE // width)))
            columns = {
                place: pd.Series([row[place] for row in some], dtype=object) for place in kept
            }
            yield pd.DataFrame(columns, index=pd.RangeIndex(len(some))).infer_objects()
            if not some:
                break
        notes.extend(body.notes())

    names = ("" if cell is None else str(cell) for cell in table.names)
    units = (*table.units, *("" for _ in table.names))
    headings = [Heading(name=name, unit=unit) for name, unit in zip(names, units, strict=False)]
    return Opened(headings=headings, pieces=pieces, dated=dated(table.comments), notes=notes)


def _objects(table: _Found, body: BodyRows[Row], notes: list[str]) -> Iterator[Row]:
    width = len(table.names)
    beside = 0
    for row in islice(_counted(table.sheet.rows()), table.begins, None):
        cells = (*row, *(None,) * width)[:width]
        for other in body.sorted_out(cells, cells):
            yield other
            beside += other is cells and any(not is_empty(cell) for cell in row[width:])
    if beside:
        notes.append(
            f"What stands beside the named columns, in {beside:,} rows, was left out."
            if beside > 1
            else "What stands beside the named columns in one row was left out."
        )


def _counted(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield rows as long as they are few; what is empty costs time, too."""
    cells = 0
    for number, row in enumerate(rows):
        cells += len(row)
        check_sheet_rows(number)
        if cells > LIMITS.cells:
            raise DataError(
                f"A sheet of the workbook has more than the {LIMITS.cells:,} cells that it may"
                " have, its empty ones included."
            )
        yield row


def _found(sheet: Sheet) -> _Found | None:
    rows = [_trimmed(row) for row in islice(_counted(sheet.rows()), _LOOKED_AT)]
    comments = [
        (number, str(row[0]).strip())
        for number, row in enumerate(rows)
        if row and str(_first(row)).lstrip().startswith(COMMENTS)
    ]
    noted = {number for number, _ in comments}
    told = [number for number, row in enumerate(rows) if row and number not in noted]
    at = next((n for n in told if _names_rows(rows[n], _below(rows, told, n))), None)
    notes: list[str] = []
    if at is None:
        if not told:
            return None
        at = told[0]
    elif at != told[0]:
        title = shown(" ".join(str(cell) for cell in rows[told[0]] if not is_empty(cell)))
        notes.append(f"Row {at + 1} of the sheet names the columns; {title} above was left out.")
    names = rows[at]
    below = _below(rows, told, at)
    numeric = number_columns(below[1:], len(names))
    units: tuple[str, ...] = ()
    begins = at + 1
    for number in (n for n in told if n > at):
        if rows[number] == names:
            begins = number + 1
            notes.append(_second_headings(number))
            continue
        kind = row_below(_filled_up(rows[number], len(names)), numeric)
        if kind is None:
            break
        begins = number + 1
        if kind == Below.UNITS:
            units = tuple("" if is_empty(cell) else str(cell) for cell in rows[number])
        elif kind == Below.HEADINGS:
            notes.append(_second_headings(number))
    return _Found(
        sheet=sheet,
        names=names,
        units=units,
        begins=begins,
        sample=tuple(rows[n] for n in told if n >= begins)[:_SAMPLE],
        comments=tuple(comment for number, comment in comments if number < at),
        notes=tuple(notes),
    )


def _second_headings(number: int) -> str:
    return f"A second line of headings in row {number + 1} of the sheet was left out."


def _names_rows(names: Row, below: Sequence[Row]) -> bool:
    """Tell whether a row holds the names of what stands below: none of these reaches far beyond."""
    if not are_names(names):
        return False
    if below and are_names(below[0]) and is_title(names, below[0]):
        return False
    return 2 * sum(len(row) <= len(names) for row in below) >= len(below)


def _below(rows: Sequence[Row], told: Sequence[int], at: int) -> list[Row]:
    return [rows[n] for n in told if n > at][:_SAMPLE]


def _trimmed(row: Row) -> Row:
    """Return a row without the empty cells at its end."""
    end = max((place for place, cell in enumerate(row) if not is_empty(cell)), default=-1) + 1
    return tuple(row[:end])


def _filled_up(row: Row, width: int) -> Row:
    return (*row, *(None,) * width)[: max(width, len(row))]


def _first(row: Row) -> Any:
    return next(cell for cell in row if not is_empty(cell))
