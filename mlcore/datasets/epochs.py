"""Dates of transits that count from another day than the mission's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.unit_spellings import epoch_zero_point
from mlcore.in_words import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset

__all__ = ["epochs_from_own_date"]

_OBSERVED = (2_440_000.0, 2_480_000.0)
"""Between which Julian dates transits of exoplanets are observed: the years 1968 to 2048."""
_BEYOND = 400.0
"""Days beyond the mission's data at which its transits may be predicted."""
_MOST = 0.5
"""Share of dates that are outside of the mission's data from which on it is said."""
_OF_COORDINATES = {1950.0, 2000.0, 2015.5, 2016.0}
"""Years to which places of stars are reduced."""
_DATES = {
    count: date
    for count in ("BJD", "BJD - 2400000", "MJD", "BKJD", "BTJD")
    if (date := epoch_zero_point(count)) is not None
}
"""From which Julian dates people count."""


def epochs_from_own_date(
    frame: pd.DataFrame, dataset: Dataset, warnings: list[str], *, stated: Collection[str] = ()
) -> pd.DataFrame:
    """Return the table with epochs that count from the mission's own date.

    Dates that can be only one other count are converted, and dates that could be several are left
    out: between some of them are half a day or seven years.

    Parameters
    ----------
    frame
        The table's columns, shape ``(n, k)``.
    dataset
        Whose columns they are.
    warnings
        Gets a sentence where epochs were changed.
    stated
        Names of columns whose unit the user stated.

    Returns
    -------
    DataFrame
        The same where nothing was found.
    """
    name = dataset.quantities.get("epoch")
    if name is None or name not in frame:
        return frame
    own = dataset.zero_points.get("epoch", 0.0)
    values = frame[name].to_numpy(dtype=np.float64)
    known = np.isfinite(values)
    of_coordinates = own > _OBSERVED[0] and np.isin(values[known], [*_OF_COORDINATES]).all()
    if known.sum() > 1 and of_coordinates:
        warnings.append(
            f"Column {name} has {values[known][0]:g} in all rows, the epoch of coordinates and no"
            " transit's: it counts as missing."
        )
        return frame.assign(**{name: np.nan})
    outside = known & ~_observed(values, own)
    if not outside.any():
        warnings += _far_from_the_data(values[known], name, dataset)
        return frame
    own_count = f"BJD - {own:.0f}" if own else "BJD"
    fitting = [count for count, date in _DATES.items() if _observed(values[outside], date).all()]
    # Who states a count is not read in another.
    if len(fitting) == 1 and outside.sum() == known.sum() and name not in stated:
        # Both dates are exact in binary, and so is what lies between them.
        warnings.append(
            f"Column {name} has dates that can only count as {fitting[0]}: they were converted to"
            f" {own_count}."
        )
        return frame.assign(**{name: values + (_DATES[fitting[0]] - own)})
    example = json.dumps({name: {"column": name, "unit": fitting[-1] if fitting else "BJD"}})
    wanted = "as stated, " if name in stated else ""
    ways = f" ({' or '.join(fitting)} would make them dates of our time)" if fitting else ""
    warnings.append(
        f"{counted(int(outside.sum()), 'date')} of column {name} that are {wanted}none of"
        f" {own_count} count as missing. From which day they count can be said in columns, such as"
        f" {example}{ways}."
    )
    return frame.assign(**{name: frame[name].mask(outside)})


def _far_from_the_data(values: NDArray[np.float64], name: str, dataset: Dataset) -> Iterator[str]:
    """Ask about known dates of which most lie outside of the mission's data."""
    if dataset.observed is None or not len(values):
        return
    own = dataset.zero_points.get("epoch", 0.0)
    first, last = (day - own for day in dataset.observed)
    outside = values[(values < first) | (values > last + _BEYOND)]
    if len(outside) > _MOST * len(values):
        yield (
            f"Column {name} has {len(outside)} of {len(values)} dates outside of"
            f" {dataset.short_title}'s data, such as {outside[0]:g}: do they count from BJD"
            f" {own:.0f}?"
        )


def _observed(values: NDArray[np.float64], date: float) -> NDArray[np.bool_]:
    return np.asarray((values + date >= _OBSERVED[0]) & (values + date <= _OBSERVED[1]))
