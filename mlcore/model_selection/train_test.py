"""Which rows are trained on and which are tested on, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets.membership import are_among
from mlcore.datasets.splits import split_by_star
from mlcore.errors import DataError
from mlcore.in_words import fraction, names
from mlcore.levels import TEST_FRACTION

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table

__all__ = [
    "FIXED_SPLIT",
    "HELD_OUT_SPLIT",
    "UPLOADED_TEST",
    "left_out",
    "not_used",
    "shared_stars",
    "split",
]

_OF_THE_STARS = fraction(TEST_FRACTION)

FIXED_SPLIT = f"the fixed test split: {_OF_THE_STARS} of the host stars, none of them trained on"
HELD_OUT_SPLIT = f"rows of the training file that were held out: {_OF_THE_STARS} of its host stars"
UPLOADED_TEST = "the rows of the testing file"


def split(table: Table, *, salt: str = "") -> tuple[Table, Table]:
    """Divide a table into training and testing rows by host star, stratified by label.

    Parameters
    ----------
    table
        A table with labels.
    salt
        See `mlcore.datasets.splits.split_by_star`.

    Returns
    -------
    training, testing : Table

    Raises
    ------
    DataError
        When the table has no labels.

    Examples
    --------
    >>> import mlcore
    >>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
    >>> training, testing = mlcore.split(table)
    >>> set(training.hosts) & set(testing.hosts)
    set()
    """
    if table.labels is None:
        raise DataError(f"The table has no column {table.dataset.label}, which splitting needs.")
    tested = split_by_star(table.hosts, table.labels, salt=salt)
    return table.take(~tested), table.take(tested)


def shared_stars(training: Table, testing: Table) -> tuple[str, ...]:
    """Return a warning when host stars stand on both sides of a split, else nothing."""
    # A row without a star is a star of its own, in one table only.
    trained = training.hosts[training.stars_known]
    shared = testing.stars_known & are_among(testing.hosts, trained)
    # One of the tables may name the stars, and the other the objects alone.
    shared |= are_among(testing.object_stars, training.object_stars)
    if not shared.any():
        return ()
    warning = (
        f"{testing.hosts[shared].nunique()} host stars are in both the training and the testing"
        f" table; the figures may flatter the model on the {int(shared.sum())} testing rows of"
        " these stars."
    )
    return (warning,)


def left_out(table: Table, kept: NDArray[np.bool_], what: str) -> tuple[str, ...]:
    """Return a warning when rows of a table are not among what is learnt or predicted."""
    rows = int((~kept).sum())
    if not rows:
        return ()
    assert table.dataset.untreated is not None  # noqa: S101 - else every row is kept
    reason = table.dataset.untreated.reason
    return (f"{rows} of the {len(table)} {what} rows were left out, because {reason}.",)


def not_used(columns: Sequence[str]) -> str:
    """Return what is said of columns that the training rows have and those to predict lack."""
    it = "it" if len(columns) == 1 else "them"
    return (
        f"The rows to be predicted have no {names(columns)}: the model was trained without {it}, on"
        " the columns that both tables have."
    )
