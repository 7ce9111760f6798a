"""JSON, in the shapes that pandas, TAP services and people write tables in."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.datasets.readers.text_source import inspected
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from mlcore.datasets.readers.packing import Content

__all__ = ["opened"]

_DESCRIBED = ("metadata", "fields", "columns", "meta")
"""Under which name a table of lists has its columns' descriptions."""
_SHAPES = (
    "a list of objects, an object of columns, or an object with metadata and data, as TAP services"
    " answer"
)


@contextmanager
def opened(content: Content) -> Iterator[Opened]:
    """Open a table in JSON.

    Raises
    ------
    NotATableError
        When it is no JSON, or none of a known shape.
    DataError
        When it is larger than `LIMITS` allows.
    """
    source = inspected(content, by_lines=False)
    pieces, size = [], 0
    for piece in source.pieces():
        size += len(piece)
        if size > LIMITS.json_bytes:
            raise DataError(
                f"The JSON file is larger than the {LIMITS.json_bytes / 10**6:g} MB that it may be:"
                " send it as CSV or Parquet."
            )
        pieces.append(piece)
    text = b"".join(pieces).decode()
    pieces.clear()
    headings, columns = _table(_loaded(text))
    yield Opened(headings=headings, pieces=partial(_pieces, headings, columns))


Columns = dict[str, list[Any]]


def _loaded(text: str) -> Any:
    load = partial(json.loads, object_pairs_hook=_object)
    try:
        try:
            return load(text)
        except json.JSONDecodeError as error:
            # An object in each line, as logs and databases write them.
            lines = [line for line in text.splitlines() if line.strip()]
            if error.msg != "Extra data" or not all(line.lstrip()[0] in "{[" for line in lines):
                raise
            return [load(line) for line in lines]
    except (ValueError, RecursionError) as error:
        raise NotATableError(f"The file begins as JSON does, but is none; {EXPECTED}.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise DataError(f"An object in the JSON file has more than one value named {doubled[:40]}.")
    return values


def _table(value: Any) -> tuple[list[Heading], Columns]:
    if isinstance(value, list):
        return _of_rows(value)
    for name in _DESCRIBED:
        described, rows = value.get(name), value.get("data")
        if isinstance(described, list) and described and isinstance(rows, list):
            return _described(described, rows)
    if isinstance(described := value.get("schema"), dict) and isinstance(value.get("data"), list):
        return _of_rows(value["data"])
    return _of_object(value)


def _of_object(value: Mapping[str, Any]) -> tuple[list[Heading], Columns]:
    """Return the columns of an object that describes none."""
    lists = {name: cells for name, cells in value.items() if isinstance(cells, list)}
    only = next(iter(lists.values()), [])
    # One list of objects beside what describes it.
    if len(lists) == 1 and only and all(isinstance(row, dict) for row in only):
        return _of_rows(only)
    if lists and len(lists) == len(value) and len({len(cells) for cells in lists.values()}) == 1:
        return _named(lists)
    if value and all(isinstance(cells, dict) for cells in value.values()):
        return _of_objects(value)
    if value and not any(isinstance(cell, (dict, list)) for cell in value.values()):
        return _of_rows([value])
    raise _unknown_shape()


def _of_rows(rows: Sequence[Any]) -> tuple[list[Heading], Columns]:
    """Return the columns of a list of objects, or of a list of lists whose first has the names."""
    if rows and all(isinstance(row, dict) for row in rows):
        names: dict[str, None] = {}
        for row in rows:
            names.update(dict.fromkeys(row))
            check_size(rows=1, columns=len(names))
        check_size(rows=len(rows), columns=len(names))
        rows = [row for row in rows if any(cell is not None for cell in row.values())]
        return _named({name: [row.get(name) for row in rows] for name in names})
    if len(rows) > 1 and all(isinstance(row, list) for row in rows):
        return _described(rows[0], rows[1:])
    raise _unknown_shape()


def _described(described: Sequence[Any], rows: Sequence[Any]) -> tuple[list[Heading], Columns]:
    """Return the columns of a table whose columns are described apart from its rows."""
    headings = [
        Heading(name=str(column.get("name", "")), unit=str(column.get("unit") or ""))
        if isinstance(column, dict)
        else Heading(name=str(column))
        for column in described
    ]
    if not all(isinstance(column, (dict, str)) for column in described):
        raise _unknown_shape()
    check_size(rows=len(rows), columns=len(headings))
    if rows and all(isinstance(row, dict) for row in rows):
        return headings, {h.name: [row.get(h.name) for row in rows] for h in headings}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != len(headings):
            raise DataError(
                f"Row {number} of the table has not the {len(headings)} values that its columns"
                " have names for."
            )
    rows = [row for row in rows if any(cell is not None for cell in row)]
    return headings, {str(n): [row[n] for row in rows] for n, _ in enumerate(headings)}


def _of_objects(value: Mapping[str, Mapping[str, Any]]) -> tuple[list[Heading], Columns]:
    """Return the columns of an object of objects: of columns by row, or of rows by column."""
    inner = {name for cells in value.values() for name in cells}
    by_row = all(name.isdigit() for name in inner)
    if by_row == all(name.isdigit() for name in value):
        raise _unknown_shape()
    if not by_row:
        return _of_rows(list(value.values()))
    check_size(rows=len(inner), columns=len(value))
    rows = dict.fromkeys(name for cells in value.values() for name in cells)
    return _named({name: [cells.get(row) for row in rows] for name, cells in value.items()})


def _named(columns: Mapping[str, list[Any]]) -> tuple[list[Heading], Columns]:
    check_size(rows=max(map(len, columns.values()), default=0), columns=len(columns))
    return [Heading(name=name) for name in columns], dict(columns)


def _pieces(
    headings: Sequence[Heading],
    columns: Columns,
    kept: Sequence[int],
    words: Collection[int],  # noqa: ARG001
) -> Iterator[pd.DataFrame]:
    cells = list(columns.values())
    for place in kept:
        if any(isinstance(cell, (dict, list)) for cell in cells[place]):
            raise DataError(
                f"Column {headings[place].name.strip().lower()} of the JSON file has lists or"
                " objects in it; allowed are numbers and words."
            )
    rows = len(cells[0]) if cells else 0
    yield pd.DataFrame(
        {place: pd.Series(cells[place], dtype=object) for place in kept},
        index=pd.RangeIndex(rows),
    ).infer_objects()


def _unknown_shape() -> NotATableError:
    return NotATableError(f"The JSON file is no table: allowed are {_SHAPES}.")
