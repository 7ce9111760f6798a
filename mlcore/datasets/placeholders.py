"""Numbers that stand for a missing value, such as -999, told by what else a column holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.in_words import counted

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["PLACEHOLDERS", "are_some", "outside", "without_placeholders"]

PLACEHOLDERS = (
    *(-1.0, -9.0, -99.0, -99.9, -99.99, -999.0, -999.9, -999.99, -9999.0, -99999.0, -32768.0),
    *(0.0, 99.0, 99.9, 99.99, 999.0, 999.9, 999.99, 9999.0, 9999.99, 99999.0, 999999.0),
)
"""Numbers that stand for a missing value where the column cannot have them."""
NINES = (9999.0, 9999.9, 9999.99, 99999.0, 99999.9, 99999.99, 999999.0)
"""Those that no column of the archive's tables repeats, though some could have them."""
_FIRST_NINES = 99.0
"""Of the placeholders above zero the smallest."""
_NEVER_ZERO = frozenset({"mag", "dex(cm / s2)"})
"""Units of columns in which zero is as good as never measured."""
_OFTEN = 3
"""How often a column has one of these where it stands for a missing value."""
_FEW = 5
"""Values of a column below which nothing is said of the whole of it."""
_MOST = 0.5
"""Share of a column's other values that are different, where it hardly repeats any."""


def outside(values: NDArray[np.float64], column: Column) -> NDArray[np.bool_]:
    """Tell which values a column that declares its bounds cannot have, shape ``(n,)``."""
    assert column.plausible is not None  # noqa: S101 - only such columns are asked
    low, high = column.plausible
    # A catalogue may write zero for what it could not fit; repeated ones are placeholders.
    return np.asarray(((values < low) & (values != 0)) | (values > high))


def are_some(values: NDArray[np.float64], some: Collection[float]) -> NDArray[np.bool_]:
    """Tell which values are one of some placeholders; most are no candidate for any."""
    found = np.zeros(len(values), dtype=bool)
    if len(some):
        perhaps = np.flatnonzero((values <= 0) | (values >= _FIRST_NINES))
        found[perhaps] = np.isin(values[perhaps], list(some))
    return found


def without_placeholders(
    frame: pd.DataFrame,
    errors: pd.DataFrame,
    dataset: Dataset,
    bounded: list[Column],
    warnings: list[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count as missing what stands for a missing value: an impossible number that is repeated.

    Parameters
    ----------
    frame, errors
        The table's columns, and uncertainties that stand apart, of the same rows.
    dataset
        Whose columns they are.
    bounded
        Those columns of numbers of which is declared between which values they can be.
    warnings
        Gets a sentence where something was found.

    Returns
    -------
    frame, errors : DataFrame
        The same where nothing was.
    """
    found, everywhere, places = _found(frame, bounded)
    if not found:
        return frame, errors
    frame, errors = frame.copy(deep=False), errors.copy(deep=False)
    counts: dict[str, int] = {}
    for column in dataset.columns:
        if column.name not in frame or column.text or column.uncertainty_of is not None:
            continue
        cells = frame[column.name]
        # What stands for nothing elsewhere does so here, too, but a zero or a one may be measured.
        mine = cells.isin([n for n in found if abs(n) > 9 and n in everywhere])
        if column in bounded:
            rows = places[column.name]
            mine.iloc[rows] |= cells.iloc[rows].isin(found)
        if mine.any():
            counts[column.name] = int(mine.sum())
            frame[column.name] = cells.mask(mine)
    for column in dataset.columns:
        of = column.uncertainty_of
        for part in (frame, errors):
            if of in frame and column.name in part:
                nothing = part[column.name].isin([n for n in found if n != 0]) & frame[of].isna()
                part[column.name] = part[column.name].mask(nothing)
    numbers = ", ".join(f"{number:g}" for number in found)
    columns = ", ".join(f"{name} ({count})" for name, count in counts.items())
    why = "no object can have and that are repeated"
    if not everywhere.issuperset(found):
        why = "stand for none, or that a column would not repeat so often if they were measured"
    warnings.append(
        f"{counted(sum(counts.values()), 'value')} that {why} ({numbers}) count as missing, in the"
        f" columns {columns}."
    )
    return frame, errors


def _found(
    frame: pd.DataFrame, bounded: list[Column]
) -> tuple[list[float], set[float], dict[str, NDArray[np.intp]]]:
    """Return which placeholders a table has.

    Beside them, those that cannot be values where they are, and by column the rows that may have
    one.
    """
    values = {column.name: frame[column.name].to_numpy(dtype=np.float64) for column in bounded}
    impossible = {column.name: _impossible(values[column.name], column) for column in bounded}
    # What only one column repeats stands for nothing there alone.
    everywhere = {
        float(number)
        for name, here in impossible.items()
        for number in np.unique(values[name][here])
    }
    for column in bounded:
        impossible[column.name] |= _standing_out(values[column.name], column)
    # Nearly all values are measured.
    places = {name: np.flatnonzero(here) for name, here in impossible.items()}
    found = []
    for number in dict.fromkeys((*PLACEHOLDERS, *NINES)):
        rows = [at[values[name][at] == number] for name, at in places.items()]
        if number == 0:
            # One zero is a rounded value; several in a row or a column were filled in.
            several = _several_in_a_row(rows)
            rows = [at if len(at) > 1 else at[np.isin(at, several)] for at in rows]
        if sum(map(len, rows)) > 1:
            found.append(number)
    return found, everywhere, places


def _several_in_a_row(columns: list[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return the rows that are in more than one column."""
    rows, counts = np.unique(np.concatenate(columns or [np.array([], int)]), return_counts=True)
    return rows[counts > 1]


def _impossible(values: NDArray[np.float64], column: Column) -> NDArray[np.bool_]:
    """Tell which values are no measurements, those of `NINES` that come often among them."""
    low = column.plausible[0] if column.plausible else 0.0
    impossible = outside(values, column)
    if low > 0:
        impossible |= values == 0
    large = np.flatnonzero(values >= min(NINES))
    for number in NINES:
        here = large[values[large] == number]
        if len(here) >= _OFTEN:
            impossible[here] = True
    return impossible


def _standing_out(values: NDArray[np.float64], column: Column) -> NDArray[np.bool_]:
    """Tell which values are the same placeholder in much of a column, which could be measured."""
    known = values[np.isfinite(values)]
    if len(known) >= _FEW and not known.any() and column.scale is Scale.LOG:
        return np.asarray(values == 0)
    return are_some(values, _repeated_placeholders(known, column))


def _repeated_placeholders(known: NDArray[np.float64], column: Column) -> NDArray[np.float64]:
    """Return the placeholders that a column repeats although it repeats hardly anything else."""
    # Where zero is the Sun's, or a path across the middle, it is often rounded to.
    told = [n for n in PLACEHOLDERS if n != 0 or column.unit in _NEVER_ZERO]
    placed = are_some(known, told)
    if placed.sum() < _OFTEN:
        return known[:0]
    different, counts = np.unique(known[~placed], return_counts=True)
    if len(different) < _MOST * counts.sum():
        return known[:0]
    numbers, times = np.unique(known[placed], return_counts=True)
    return np.asarray(numbers[(times >= _OFTEN) & (times > _OFTEN * counts.max(initial=1))])
