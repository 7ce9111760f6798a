"""Which rows of a file are objects: none that is blank, one of each object, none twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.object_names import parse_name
from mlcore.datasets.readers.body_rows import counted_rows
from mlcore.datasets.words import as_words, holds_something
from mlcore.errors import DataError
from mlcore.in_words import counted, quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table

__all__ = [
    "one_row_per_object",
    "with_known_stars",
    "without_blank_rows",
    "without_equal_rows",
]

_FLAG_SET = "1"
_MOST_OF_A_STAR = 9
"""Objects of one star that are more than any is known to have: Kepler-90 has eight."""
_NUMBER_OF_A_STAR = r"[0-9]*[1-9][0-9]*"
_TRUE = frozenset({"TRUE", "T", "YES", "Y"})


def without_blank_rows(
    frame: pd.DataFrame,
    row_numbers: NDArray[np.int64],
    dataset: Dataset,
    warnings: list[str],
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Leave out rows that have nothing in any of the mission's columns, and lines of words.

    Lines without a cell no reader of text takes for rows; other formats have rows of empty values.
    A line that parts a table, such as "Second campaign", stands in the column of names.

    Parameters
    ----------
    frame
        The file's columns, shape ``(n, k)``.
    row_numbers
        Of each row in the file, shape ``(n,)``.
    dataset
        The mission.
    warnings
        Gets a sentence where rows are left out.

    Returns
    -------
    tuple of DataFrame and ndarray
        The rows that are left, and their numbers.

    Raises
    ------
    DataError
        When no row is left.
    """
    filled = np.zeros(len(frame), dtype=bool)
    names = [name for name in (dataset.host, *dataset.object_name) if name in frame]
    others = [name for name in dataset.column_names if name in frame and name not in names]
    # Numbers tell at once, and of most tables a column or two tell everything.
    for name in sorted(others, key=lambda name: not pd.api.types.is_numeric_dtype(frame[name])):
        if filled.all():
            return frame, row_numbers
        filled |= _here(frame[name])
    if filled.all():
        return frame, row_numbers
    parting = np.zeros(len(frame), dtype=bool)
    for name in names:
        here = _here(frame[name]) & ~filled
        words = frame.loc[here, name].astype("str").str.strip()
        catalogue = dataset.column(name).catalogue
        known = words.map(lambda word, bare=catalogue: parse_name(word, bare) is not None)
        filled[np.flatnonzero(here)[known.to_numpy(dtype=bool)]] = True
        parting |= here
    parting &= ~filled
    if not filled.any():
        raise DataError("The table has no rows.")
    if blank := int((~filled & ~parting).sum()):
        warnings.append(f"{counted_rows(blank, 'blank ')} left out.")
    if parting.any():
        first = int(parting.argmax())
        line = next(str(frame[name].iloc[first]) for name in names if _here(frame[name])[first])
        count = int(parting.sum())
        warnings.append(
            f"{counted_rows(count)} left out that {'has' if count == 1 else 'have'} words for a"
            f" name and no value: {quoted(line)} in row {row_numbers[first]}"
            f"{'' if count == 1 else ' is the first'}."
        )
    return frame[filled].reset_index(drop=True), row_numbers[filled]


def _here(cells: pd.Series[Any]) -> NDArray[np.bool_]:
    """Tell which cells have something in them."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells.notna().to_numpy(dtype=bool)
    return holds_something(cells.astype("str").str.strip()).to_numpy(dtype=bool)


def one_row_per_object(
    frame: pd.DataFrame, dataset: Dataset, warnings: list[str]
) -> NDArray[np.bool_]:
    """Tell which rows stand for their objects, where a mission's table has several of one.

    Parameters
    ----------
    frame
        The file's columns, shape ``(n, k)``.
    dataset
        Says which rows stand for their objects.
    warnings
        Gets a sentence where rows are left out, or where that cannot be told.

    Returns
    -------
    ndarray of bool, shape ``(n,)``

    Raises
    ------
    DataError
        When none does.
    """
    chosen = np.ones(len(frame), dtype=bool)
    for name, value in (dataset.one_row_per_object or {}).items():
        if name not in frame:
            warnings.append(
                f"The table has no column {name}: an object may have more than one row."
            )
            continue
        words = as_words(frame[name], dataset.column(name))
        if value == _FLAG_SET:
            words = words.mask(words.str.upper().isin(_TRUE), value)
        chosen &= (words == value).to_numpy(dtype=bool)
        if not chosen.any():
            msg = f"The table has no row with {name} = {value}, which stands for its object."
            raise DataError(msg)
    if dropped := int((~chosen).sum()):
        warnings.append(
            f"{counted(dropped, 'row')} of {len(frame)} left out: one is kept for each object."
        )
    return chosen


def with_known_stars(
    stars: pd.Series[str], dataset: Dataset, warnings: list[str]
) -> pd.Series[str]:
    """Count as missing what names no star: a zero, or one word that stands in many rows.

    Parameters
    ----------
    stars
        The column of host stars, shape ``(n,)``.
    dataset
        The mission.
    warnings
        Gets a sentence where names were left out, or are of several missions.
    """
    bare = dataset.column(dataset.host).catalogue
    # Nearly all are numbers, which need no parsing.
    plain = stars.str.fullmatch(_NUMBER_OF_A_STAR, na=False) if bare is not None else stars.isna()
    rows = stars[~plain].dropna().value_counts()
    if rows.empty:
        return stars
    numbers = rows.index[rows.index.str.isdigit()] if bare is not None else rows.index[:0]
    parsed = {str(word): parse_name(str(word)) for word in rows.index.difference(numbers)}
    nameless = [
        word
        for word, name in parsed.items()
        if (name is None and rows[word] > _MOST_OF_A_STAR) or (name is not None and not name.number)
    ]
    nameless += map(str, numbers[numbers.str.strip("0") == ""])
    if nameless:
        count = int(rows[nameless].sum())
        warnings.append(
            f"Column {dataset.host} has {quoted(nameless[0])} in {counted(count, 'row')}, which"
            " names no star: each of them counts as one of its own."
        )
    others = [
        word
        for word, name in parsed.items()
        if name is not None and name.catalogue not in dataset.catalogues
    ]
    named = len(numbers) + sum(name is not None for name in parsed.values())
    if others and bare is not None:
        named += stars[plain].nunique()
    if others and len(others) < named:
        warnings.append(
            f"Column {dataset.host} has stars of other catalogues than {dataset.short_title}'s"
            f" ({len(others)} of {named}, such as {quoted(others[0])}): all rows are read as"
            f" {dataset.short_title}'s."
        )
    return stars.mask(stars.isin(nameless)) if nameless else stars


def without_equal_rows(table: Table) -> Table:
    """Leave out the rows of objects that a row before them equals in every column."""
    name = table.dataset.object_name[0]
    # Without the objects' names, equal rows may be different objects.
    if name not in table.frame:
        return table
    equal = (table.frame.duplicated() & table.frame[name].notna()).to_numpy(dtype=bool)
    if not equal.any():
        return table
    warning = f"{counted(int(equal.sum()), 'row')} of {len(table)} left out: another row is equal."
    return replace(table.take(~equal), warnings=(*table.warnings, warning))
