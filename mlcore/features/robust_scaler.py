"""A space in which columns of any unit and spread can be compared: robustly scaled, log where due.

Distances between objects, the smallest change of an object and how far an object lies from what a
model has seen are all measured in this space, so that they mean the same for every model type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore._json import json_of
from mlcore.datasets.spec import Scale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column

__all__ = ["RobustScaler"]

_NORMAL_QUARTILES = 1.3489795003921634
"""Width between the quartiles of a normal distribution, in standard deviations."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RobustScaler:
    """Each column less its training median, in units of its training spread.

    The spread is the distance between the quartiles over that of a normal distribution with
    standard deviation 1, so that 1 is about a standard deviation and outliers change nothing.
    Columns declared logarithmic are taken as the decimal logarithm of their size, as models that
    mind scales see them.
    """

    columns: tuple[str, ...]
    logarithmic: NDArray[np.bool_]
    centre: NDArray[np.float64]
    """Shape ``(p,)``; 0 where no training row has a value."""
    spread: NDArray[np.float64]
    """Shape ``(p,)``, all positive."""

    @classmethod
    def fit(cls, features: pd.DataFrame, columns: Sequence[Column]) -> RobustScaler:
        """Learn medians and spreads from training rows.

        Parameters
        ----------
        features
            The training rows in the columns' declared units; missing values allowed.
        columns
            Declarations of the columns to take, all of them in `features`.
        """
        names = tuple(column.name for column in columns)
        logarithmic = np.array([column.scale is Scale.LOG for column in columns], dtype=bool)
        X = _logarithms(features.loc[:, list(names)].to_numpy(dtype=np.float64), logarithmic)
        X = np.where(np.isnan(X).all(axis=0), 0.0, X)
        low, centre, high = np.nanquantile(X, [0.25, 0.5, 0.75], axis=0)
        spread = (high - low) / _NORMAL_QUARTILES
        # Most rows may share one value; then what the others do sets the scale.
        spread = np.where(spread > 0, spread, np.nanstd(X, axis=0))
        return cls(
            columns=names,
            logarithmic=logarithmic,
            centre=centre,
            spread=np.where(spread > 0, spread, 1.0),
        )

    def transform(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Return the scaled rows, shape ``(n, p)``; missing values stay missing."""
        return self.scaled(features.loc[:, list(self.columns)].to_numpy(dtype=np.float64))

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the same of a matrix of the columns' values."""
        return np.asarray((_logarithms(values, self.logarithmic) - self.centre) / self.spread)

    def original(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return scaled rows, shape ``(n, p)``, in the columns' units.

        Of a logarithmic column it is the size: the sign is not kept.
        """
        X = scaled * self.spread + self.centre
        return np.where(self.logarithmic, 10.0 ** np.where(self.logarithmic, X, 0.0), X)

    def as_json(self) -> dict[str, Any]:
        """Return the space as JSON values."""
        return json_of(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> RobustScaler:
        """Return the space that `as_json` described."""
        return cls(
            columns=tuple(saved["columns"]),
            logarithmic=np.array(saved["logarithmic"], dtype=bool),
            centre=np.array(saved["centre"], dtype=np.float64),
            spread=np.array(saved["spread"], dtype=np.float64),
        )


def _logarithms(X: NDArray[np.float64], logarithmic: NDArray[np.bool_]) -> NDArray[np.float64]:
    size = np.abs(X[:, logarithmic])
    # In the same order in memory: sums of it round by that.
    scaled = np.copy(X, order="K")
    scaled[:, logarithmic] = np.log10(np.where(size > 0, size, np.nan))
    return scaled
