"""Rows that are the same measurement, found by their values where no name says so.

A table whose rows were drawn with repetition, or divided after that, has the same object more than
once. Measured values agree by chance in one column, and never in several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset

__all__ = ["first_equal_row", "rows_found_in"]

_AT_ONCE = 1 << 14
"""Rows of which keys are computed at a time."""
_FARTHEST = 290
_DIGITS = 4
"""Significant digits that count, as many as files that people round still have."""
_TENS = 10.0 ** (_DIGITS - 1 - np.arange(-_FARTHEST, _FARTHEST + 1.0))
"""What makes a number of this power of ten one of so many digits before the point."""
_MIXED = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose product has bits of all of a number's."""
_FEWEST = 3
"""Known values without which rows are too poor to be told apart."""
_FEWEST_OF_OBJECT = 2
"""Those among them that objects of one star do not share."""
_OF_OBJECT = (
    *("period", "epoch", "duration", "depth", "radius", "insolation", "equilibrium_temperature"),
    *("impact", "snr", "radius_ratio", "transit_density", "single_event", "multiple_event"),
)
"""Quantities that objects of one star do not share, by name."""


def rows_found_in(frame: pd.DataFrame, others: pd.DataFrame, dataset: Dataset) -> NDArray[np.bool_]:
    """Tell which rows stand among others with the same measured values, shape ``(n,)``.

    Parameters
    ----------
    frame, others
        Columns of two tables; those that are measured in both are compared, to four digits.
    dataset
        The mission of both.
    """
    columns = [name for name in _measured(frame, dataset) if name in others]
    here, there = (_keys(part, columns, dataset) for part in (frame, others))
    return np.asarray(here.notna() & here.isin(there.dropna()), dtype=bool)


def first_equal_row(frame: pd.DataFrame, dataset: Dataset) -> NDArray[np.intp]:
    """Return the position of the first row with the same measured values, shape ``(n,)``.

    A row that no other one equals, or that has too few values to be told apart, is its own.
    """
    keys = _keys(frame, _measured(frame, dataset), dataset)
    position = pd.Series(np.arange(len(frame)))
    if not keys.dropna().duplicated().any():
        return position.to_numpy(dtype=np.intp)
    first = position.groupby(keys.to_numpy()).transform("first")
    return first.where(keys.notna().to_numpy(), position).to_numpy(dtype=np.intp)


def _measured(frame: pd.DataFrame, dataset: Dataset) -> list[str]:
    epoch = dataset.quantities.get("epoch")
    values = [
        column.name
        for column in dataset.feature_columns(wide=True)
        if column.uncertainty_of is None and column.name in frame
    ]
    return [*values, epoch] if epoch is not None and epoch in frame else values


def _keys(frame: pd.DataFrame, columns: list[str], dataset: Dataset) -> pd.Series[float]:
    """Return a number for each row that equal rows share, NaN where a row says too little."""
    of_object = {dataset.quantities[name] for name in _OF_OBJECT if name in dataset.quantities}
    mine = np.array([name in of_object for name in columns], dtype=bool)
    keys = np.full(len(frame), np.nan)
    # Each row's number follows from the row alone, and the parts of a number take their room.
    for begin in range(0, len(frame), _AT_ONCE):
        rows = slice(begin, begin + _AT_ONCE)
        values = np.empty((len(columns), len(keys[rows])))
        for place, name in enumerate(columns):
            values[place] = frame[name].iloc[rows]
        keys[rows] = _keys_of(values, mine)
    return pd.Series(keys)


def _keys_of(values: NDArray[np.float64], mine: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the same of some rows, whose columns are the rows of a matrix."""
    known = np.isfinite(values)
    enough = (known.sum(axis=0) >= _FEWEST) & (known[mine].sum(axis=0) >= _FEWEST_OF_OBJECT)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(np.abs(values)))
        # Probabilities of a false alarm go down to where powers of ten overflow.
        power = np.clip(np.where(np.isfinite(power), power, 0), -_FARTHEST, _FARTHEST).astype(int)
        digits = np.rint(values * _TENS[_FARTHEST + power])
    # What rounds up to the next power of ten is written as that.
    over = np.abs(digits) >= 10**_DIGITS
    digits[over] /= 10
    power += over
    digits[np.isnan(values)] = 0
    # Rows are numbered by what they hold, and a hash of 64 bits is a float of 53: still enough.
    hashed = np.zeros(values.shape[1], dtype=np.uint64)
    for part in (digits.view(np.uint64), (2 * power + known).astype(np.uint64)):
        for column in part:
            hashed ^= column
            hashed *= _MIXED
            hashed ^= hashed >> np.uint64(29)
    hashed >>= np.uint64(11)
    return np.where(enough, hashed.astype(np.float64), np.nan)
