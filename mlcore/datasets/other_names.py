"""What else the objects of a mission's table and their stars are called.

Nothing but looking an object up goes by these names: a Kepler name is given to confirmed planets
only, so that having one states the label. They are kept apart from the rows that models see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlcore.datasets.name_keys import object_key, other_key, star_key
from mlcore.datasets.readers.read import read_frame
from mlcore.datasets.words import as_words

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    import pandas as pd

    from mlcore.datasets.spec import Column
    from mlcore.datasets.table import Table

__all__ = ["OtherName", "names_beside", "names_in_file", "other_names"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherName:
    """One more name of an object, or of its star."""

    row: int
    """Position of the object in its table, from 1."""
    object_key: str
    """The object's own name in the one spelling of all."""
    name: str
    """As it is shown."""
    key: str
    """In the one spelling of all."""
    star_key: str
    """What it says of the star, likewise; `key` itself where it names the star, and empty where it
    does not tell."""


def names_in_file(path: Path, table: Table) -> tuple[OtherName, ...]:
    """Return the other names in a file that a table was read from; see `other_names`."""
    columns = {column.name for column in table.dataset.other_names}
    if not columns:
        return ()
    return other_names(read_frame(path, columns=columns, text=columns).frame, table)


def names_beside(path: Path, table: Table) -> tuple[OtherName, ...]:
    """Return the other names in a file of other rows, which has the objects' names too.

    Objects of the table that the file does not have are without; see `other_names`.
    """
    dataset = table.dataset
    object_column = dataset.object_name[0]
    declared = [column.name for column in dataset.other_names]
    wanted = {object_column, *declared}
    cells = read_frame(path, columns=wanted, text=wanted).frame
    keys = [object_key(name, dataset) for name in cells[object_column]]
    called = (
        cells[declared].set_axis(keys).reindex([object_key(name, dataset) for name in table.names])
    )
    rows = called.set_axis(table.row_numbers).reindex(range(1, max(table.row_numbers) + 1))
    return other_names(rows, table)


def other_names(cells: pd.DataFrame, table: Table) -> tuple[OtherName, ...]:
    """Return what else the objects of a table and their stars are called.

    Parameters
    ----------
    cells
        All rows of the file that the table was read from, with those of its columns that
        `mlcore.datasets.spec.Dataset.other_names` declares.
    table
        A mission's table.

    Returns
    -------
    tuple of OtherName
        In the order of the rows, those of objects before those of stars; without what is only
        another spelling of the object's or the star's name in the table.
    """
    dataset = table.dataset
    declared = [column for column in dataset.other_names if column.name in cells]
    declared.sort(key=lambda column: column.of_star)
    if not declared:
        return ()
    read = {column.name: _words(cells[column.name], column, table) for column in declared}
    names: list[OtherName] = []
    for place, (own, host) in enumerate(zip(table.names, table.hosts, strict=True)):
        own_key = object_key(own, dataset)
        told = {own_key, star_key(host, dataset)}
        for column in declared:
            cell = read[column.name][place]
            if cell is None:
                continue
            shown, key, star = other_key(cell, column)
            if key in told:
                continue
            told.add(key)
            names.append(
                OtherName(row=place + 1, object_key=own_key, name=shown, key=key, star_key=star)
            )
    return tuple(names)


def _words(cells: pd.Series[Any], column: Column, table: Table) -> list[str | None]:
    """Return the cells of a table's rows as words, None where nothing stands."""
    # With the catalogue's name, which the words of its own table are without.
    words = as_words(cells.iloc[table.row_numbers - 1], replace(column, catalogue=None))
    return [
        None if is_missing else word for word, is_missing in zip(words, words.isna(), strict=True)
    ]
