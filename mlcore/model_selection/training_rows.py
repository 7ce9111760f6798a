"""Which rows of a table can be learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets.checking import no_label
from mlcore.datasets.spec import CLASSES, Disposition
from mlcore.errors import DataError
from mlcore.in_words import counted
from mlcore.tasks import DISPOSITION

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from mlcore.datasets.table import Table
    from mlcore.tasks import Task

__all__ = [
    "MIN_ROWS",
    "MIN_STARS_PER_CLASS",
    "check_trainable",
    "labelled_rows",
    "labels_of",
    "training_rows",
]

MIN_ROWS = 20
"""How many rows with a disposition training needs."""
MIN_STARS_PER_CLASS = 5
"""How many host stars each disposition needs, so that every part of a split has some."""


def labels_of(table: Table) -> pd.Series[str]:
    """Return the label of each row.

    Raises
    ------
    DataError
        When the table has no labels.
    """
    if table.labels is None:
        raise DataError(f"The table has no column {table.dataset.label}, which training needs.")
    return table.labels


def labelled_rows(table: Table, task: Task = DISPOSITION) -> Table:
    """Return the rows whose label a task tells apart: the others say nothing to learn from.

    Raises
    ------
    DataError
        When the table has no labels.
    """
    return table.take(task.decided(labels_of(table)))


def training_rows(table: Table, task: Task = DISPOSITION) -> Table:
    """Return the rows to learn a task from, of a table that is large enough.

    Raises
    ------
    DataError
        When there are too few rows, classes or stars to train on.
    """
    check_trainable(table, task.classes)
    return labelled_rows(table, task)


def check_trainable(table: Table, classes: Collection[Disposition] = CLASSES) -> None:
    """Refuse a table from which no model can be trained and tested.

    Parameters
    ----------
    table
        The rows.
    classes
        Dispositions that are told apart; rows with another one do not count.

    Raises
    ------
    DataError
        When there are fewer than `MIN_ROWS` rows with a disposition, fewer than two dispositions,
        or one of them on fewer than `MIN_STARS_PER_CLASS` host stars.
    """
    labels = table.labels
    if labels is None:
        raise DataError(no_label(table.dataset))
    every = len(classes) == len(CLASSES)
    wanted = " or ".join(kind.words for kind in CLASSES if kind in classes)
    labels = labels.where(labels.isin([str(kind) for kind in classes]))
    labelled = int(labels.notna().sum())
    if labelled < MIN_ROWS:
        counting = f"{counted(labelled, 'row')} " + (
            "with a disposition" if every else f"whose disposition is {wanted}"
        )
        raise DataError(
            f"The table has {counting} in column "
            f"{table.dataset.label}; training needs at least {MIN_ROWS}."
        )
    stars = table.hosts.groupby(labels).nunique()
    if len(stars) < 2:
        among = "with a disposition" if every else f"that is {wanted}"
        raise DataError(
            f"Every row {among} in column {table.dataset.label} is"
            f" {Disposition(stars.index[0]).words}; training needs at least two different"
            " dispositions."
        )
    for kind in Disposition:
        if (count := int(stars.get(kind, MIN_STARS_PER_CLASS))) < MIN_STARS_PER_CLASS:
            raise DataError(
                f"The rows that are {kind.words} belong to {counted(count, 'host star')}; "
                f"training needs at least {MIN_STARS_PER_CLASS} for each disposition."
            )
