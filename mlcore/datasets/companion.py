"""A second table of the same rows, joined where a folder has both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.datasets.cells import CellUnits, as_numbers
from mlcore.datasets.folder import readable_tables
from mlcore.datasets.readers.read import read_frame
from mlcore.datasets.words import as_words
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from mlcore.datasets.table import Table

__all__ = ["companion_in", "with_companion"]


def companion_in(folder: Path, table: Table) -> Path | None:
    """Return the file in a folder that is the companion of a mission's table, None without one.

    It is recognised by its columns, whatever it is called.

    Raises
    ------
    OSError
        When the folder cannot be opened.
    """
    companion = table.dataset.companion
    if companion is None:
        return None
    needed = {*companion.keys, *companion.columns}
    for path, names, _ in readable_tables(folder):
        # The mission's own table, once joined, has the columns too, and is no companion.
        if needed <= set(names) and table.dataset.label not in names:
            return path
    return None


def with_companion(table: Table, path: Path) -> Table:
    """Return a table with the columns of its companion, missing in rows that it lacks.

    Raises
    ------
    DataError
        When the companion cannot be read, or speaks twice of one row.
    """
    companion = table.dataset.companion
    if companion is None or not set(companion.keys.values()) <= set(table.frame):
        return table
    declared = [table.dataset.column(name) for name in companion.columns]
    text = {*companion.keys, *(column.name for column in declared if column.text)}
    raw = read_frame(path, columns=(*companion.keys, *companion.columns), text=text).frame
    theirs = _keys(raw, table, list(companion.keys))
    if theirs.duplicated().any():
        raise DataError(f"The table {path.name} says twice {companion.title}.")
    mine = _keys(table.frame, table, list(companion.keys.values()))
    numbers = table.row_numbers
    joined = table.frame.copy(deep=False)
    for column in declared:
        cells = (
            as_words(raw[column.name], column)
            if column.text
            else as_numbers(
                raw[column.name], CellUnits(column=column, dataset=table.dataset), numbers, []
            )
        )
        joined[column.name] = mine.map(cells.set_axis(theirs))
    order = [name for name in table.dataset.column_names if name in joined]
    return replace(table, frame=joined[order])


def _keys(frame: pd.DataFrame, table: Table, names: list[str]) -> pd.Series[str]:
    """Return what tells the rows apart, as words."""
    name = table.dataset.column(table.dataset.host)
    first, *others = (as_words(frame[key].astype("str"), name) for key in names)
    for other in others:
        first = first + " " + other
    return first
