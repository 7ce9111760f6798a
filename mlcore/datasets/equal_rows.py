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

_FARTHEST = 290
_DIGITS = 4
"""Significant digits that count, as many as files that people round still have."""
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
    values = frame[columns].to_numpy(dtype=np.float64)
    known = np.isfinite(values)
    mine = [name in of_object for name in columns]
    enough = (known.sum(axis=1) >= _FEWEST) & (known[:, mine].sum(axis=1) >= _FEWEST_OF_OBJECT)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(np.abs(values)))
        # Probabilities of a false alarm go down to where powers of ten overflow.
        power = np.clip(np.where(np.isfinite(power), power, 0), -_FARTHEST, _FARTHEST)
        digits = np.rint(values * 10.0 ** (_DIGITS - 1 - power))
    # What rounds up to the next power of ten is written as that.
    over = np.abs(digits) >= 10**_DIGITS
    digits, power = np.where(over, digits / 10, digits), power + over
    parts = pd.DataFrame(np.hstack([np.nan_to_num(digits), power, known.astype(float)]))
    # Rows are numbered by what they hold, and a hash of 64 bits is a float of 53: still enough.
    hashed = pd.util.hash_pandas_object(parts, index=False).to_numpy() >> np.uint64(11)
    return pd.Series(np.where(enough, hashed.astype(np.float64), np.nan))
