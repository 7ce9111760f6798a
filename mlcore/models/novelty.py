"""Whether an object is of the kind that a model was trained on, and which columns say that not.

Three questions are asked of an object, all against limits learnt on the training rows: is a column
unknown that training rows hardly ever lack; does a single value lie outside nearly all training
values; is the combination of values unusual although each may be common. The last is the
Mahalanobis distance under a covariance of the training rows whose outliers were pulled in and which
was shrunk to be invertible (Ledoit and Wolf 2004, "A well-conditioned estimator for
large-dimensional covariance matrices"). Everything learnt is a list of numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.covariance import ledoit_wolf

from mlcore._json import json_of
from mlcore.errors import DataError
from mlcore.features.robust_scaler import RobustScaler
from mlcore.in_words import percent
from mlcore.models.blocks import in_blocks
from mlcore.models.novelty_check import (
    NoveltyCheck,
    Outside,
    Unusual,
    Why,
    amount,
    between,
    gaps,
    valued,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column

__all__ = ["Novelty", "NoveltyCheck", "Outside", "Unusual", "Why", "fit_novelty"]

_INSIDE = 0.99
"""Share of the training rows that each of the two questions about values lets pass."""
_TAIL = 0.005
"""Share of the training values on each side that the range of a column leaves out."""
_KNOWN = 0.995
"""A column that more than this share of the training rows know is always known."""
_PULLED_IN = 4.0
"""Values farther from the median than this many spreads do not shape the covariance further."""
_FARTHEST = 50.0
_ROWS_AT_ONCE = 2_048
"""Rows whose matrices stay in a processor's own memory; a multiple of those of `in_blocks`."""
_MOST_NAMED = 3
_NOTABLE = 2.0
"""A column is named for an unusual combination from this many standard deviations on."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Novelty:
    """What the training rows look like, as numbers."""

    space: RobustScaler
    low: NDArray[np.float64]
    """Lower end of each column's range, scaled, shape ``(p,)``."""
    high: NDArray[np.float64]
    range_limit: float
    """How far outside its range, in widths of the range, a value may lie."""
    mean: NDArray[np.float64]
    precision: NDArray[np.float64]
    """Inverse covariance, shape ``(p, p)``."""
    distance_limit: float
    always_known: NDArray[np.bool_]
    """Columns that training rows hardly ever lack, shape ``(p,)``."""
    further: tuple[Novelty, ...] = ()
    """Of what the model went on learning from: an object within any of them is known."""

    def with_rows(self, features: pd.DataFrame, columns: Sequence[Column]) -> Novelty:
        """Return the novelty check of a model that went on learning from other rows.

        Parameters
        ----------
        features
            The further training rows, in the columns' declared units.
        columns
            Declarations of the columns that it was fitted on, in their order.
        """
        return replace(self, further=(*self.further, fit_novelty(features, columns)))

    def check(self, features: pd.DataFrame, columns: Sequence[Column]) -> list[NoveltyCheck]:
        """Compare rows with the training rows.

        Parameters
        ----------
        features
            Rows in the columns' declared units.
        columns
            Declarations of the columns that it was fitted on, in their order.

        Raises
        ------
        DataError
            When the columns are not those that it was fitted on.
        """
        self._refuse_others(columns)
        checks = self._check(features, columns)
        for later in self.further:
            checks = [
                again if check.outside and not again.outside else check
                for check, again in zip(checks, later.check(features, columns), strict=True)
            ]
        return checks

    def outside(self, features: pd.DataFrame, columns: Sequence[Column]) -> Outside:
        """Tell which rows are outside, and by which columns; `check` in arrays and without words.

        Parameters
        ----------
        features, columns
            As in `check`.

        Raises
        ------
        DataError
            When the columns are not those that it was fitted on.
        """
        self._refuse_others(columns)
        values = features.loc[:, list(self.space.columns)].to_numpy(dtype=np.float64)
        found = Outside.joined(
            [
                self._outside(values[begin : begin + _ROWS_AT_ONCE])
                for begin in range(0, max(len(values), 1), _ROWS_AT_ONCE)
            ]
        )
        for later in self.further:
            # Within what was learnt later is inside; elsewhere the first one's word counts.
            found = found.only(later.outside(features, columns).outside)
        return found

    def _refuse_others(self, columns: Sequence[Column]) -> None:
        if tuple(column.name for column in columns) != self.space.columns:
            raise DataError("The columns are not those that the novelty check was fitted on.")

    def _place(self, values: NDArray[np.float64]) -> _Placed:
        scaled = np.clip(self.space.scaled(values), -_FARTHEST, _FARTHEST)
        missing = np.isnan(scaled)
        excess = _excess(scaled, self.low, self.high)
        filled = np.where(missing, self.mean, scaled)
        step = filled - self.mean
        pulled = _pulled(step, self.precision)
        distance = _length(step, pulled)
        return _Placed(
            excess=excess,
            filled=filled,
            pulled=pulled,
            distance=distance,
            unknown=missing & self.always_known,
            missing=missing,
            extreme=np.any(excess > self.range_limit, axis=1),
            too_far=distance > self.distance_limit,
        )

    def _outside(self, values: NDArray[np.float64]) -> Outside:
        placed = self._place(values)
        rows = np.flatnonzero(placed.outside)
        kinds = [_rows_and_places(_strongest(placed.excess[rows], self.range_limit))]
        at, places = np.nonzero(placed.unknown[rows])
        kinds.append((at, places))
        strange = placed.too_far[rows] & ~placed.extreme[rows]
        at, places = _rows_and_places(self._surprising(placed, rows[strange]))
        kinds.append((np.flatnonzero(strange)[at], places))
        of_row, place = (np.concatenate(side) for side in zip(*kinds, strict=True))
        # Row by row, and within a row in the order of the three kinds.
        order = np.argsort(of_row, kind="stable")
        counts = np.zeros(len(values), dtype=np.int32)
        counts[rows] = np.bincount(of_row, minlength=len(rows))
        return Outside(outside=placed.outside, counts=counts, places=place[order].astype(np.int16))

    def _surprising(self, placed: _Placed, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return the places of the columns that surprise in each row, -1 behind the last."""
        surprise = self._surprise(placed.pulled[rows])
        surprise[placed.missing[rows]] = -np.inf
        order = np.argsort(-surprise, axis=1, kind="stable")[:, :_MOST_NAMED]
        notable = (surprise >= _NOTABLE).sum(axis=1)
        # Something must be named, and of what is not notable the most surprising is enough.
        named = np.minimum(np.maximum(notable, 1), (~placed.missing[rows]).sum(axis=1))
        return np.where(np.arange(order.shape[1]) < named[:, None], order, -1)

    def _surprise(self, pulled: NDArray[np.float64]) -> NDArray[np.float64]:
        # In a normal distribution (P z)_i / P_ii is how far column i lies from what all other
        # columns let expect, and 1 / sqrt(P_ii) the standard deviation of that.
        return np.asarray(np.abs(pulled) / np.sqrt(np.diag(self.precision)))

    def _check(self, features: pd.DataFrame, columns: Sequence[Column]) -> list[NoveltyCheck]:
        values = features.loc[:, list(self.space.columns)].to_numpy(dtype=np.float64)
        placed = self._place(values)
        sizes = np.where(self.space.logarithmic, np.abs(values), values)
        strongest = _strongest(placed.excess, self.range_limit)
        surprising = self._surprising(placed, np.arange(len(values)))
        return [
            NoveltyCheck(
                outside=bool(placed.outside[i]),
                causes=(
                    *self._extremes(columns, sizes[i], strongest[i]),
                    *gaps(columns, placed.unknown[i]),
                    # Next to an extreme value everything else is out of proportion.
                    *(
                        self._combination(columns, sizes[i], placed, i, surprising[i])
                        if placed.too_far[i] and not placed.extreme[i]
                        else ()
                    ),
                ),
                range_excess=float(placed.excess[i].max() / self.range_limit),
                distance=float(placed.distance[i] / self.distance_limit),
            )
            for i in range(len(values))
        ]

    def as_json(self) -> dict[str, Any]:
        """Return everything learnt as JSON values."""
        saved = json_of(self)
        return {name: value for name, value in saved.items() if name != "further" or self.further}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Novelty:
        """Return the novelty check that `as_json` described."""
        arrays = {
            name: np.array(saved[name], dtype=np.float64)
            for name in ("low", "high", "mean", "precision")
        }
        return cls(
            space=RobustScaler.from_json(saved["space"]),
            range_limit=float(saved["range_limit"]),
            distance_limit=float(saved["distance_limit"]),
            always_known=np.array(saved["always_known"], dtype=bool),
            further=tuple(map(cls.from_json, saved.get("further", ()))),
            **arrays,
        )

    def _extremes(
        self, columns: Sequence[Column], sizes: NDArray[np.float64], places: NDArray[np.int64]
    ) -> list[Unusual]:
        if places[0] < 0:
            return []
        low, high = self.space.original(np.stack([self.low, self.high]))
        return [
            Unusual(
                column=columns[place].name,
                why=Why.RANGE,
                sentence=(
                    f"{valued(columns[place], sizes[place])}, far outside the"
                    f" {between(columns[place], low[place], high[place])} of"
                    f" {percent(1 - 2 * _TAIL)} of the training rows"
                ),
            )
            for place in places[places >= 0].tolist()
        ]

    def _combination(
        self,
        columns: Sequence[Column],
        sizes: NDArray[np.float64],
        placed: _Placed,
        row: int,
        places: NDArray[np.int64],
    ) -> list[Unusual]:
        expected_step = placed.pulled[row] / np.diag(self.precision)
        # Some columns follow from others so closely that an odd one lets expect the impossible.
        likely = np.clip(placed.filled[row] - expected_step, self.low, self.high)
        expected = self.space.original(likely[None, :])[0]
        return [
            Unusual(
                column=columns[place].name,
                why=Why.COMBINATION,
                sentence=(
                    f"{valued(columns[place], sizes[place])}, but the other columns let expect"
                    f" about {amount(columns[place], expected[place])}"
                ),
            )
            for place in places[places >= 0].tolist()
        ]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Placed:
    """Where rows lie in the space of the training rows; arrays of shape ``(n, p)`` or ``(n,)``."""

    excess: NDArray[np.float64]
    filled: NDArray[np.float64]
    pulled: NDArray[np.float64]
    """The precision times the step from the mean."""
    distance: NDArray[np.float64]
    unknown: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    extreme: NDArray[np.bool_]
    too_far: NDArray[np.bool_]

    @property
    def outside(self) -> NDArray[np.bool_]:
        return np.asarray(self.too_far | self.extreme | self.unknown.any(axis=1))


def fit_novelty(features: pd.DataFrame, columns: Sequence[Column]) -> Novelty:
    """Learn what training rows look like.

    Parameters
    ----------
    features
        The training rows, shape ``(n, p)``, in the columns' declared units.
    columns
        Declarations of the model's columns.
    """
    space = RobustScaler.fit(features, columns)
    scaled = np.clip(space.transform(features), -_FARTHEST, _FARTHEST)
    empty = np.isnan(scaled).all(axis=0)
    low, high = np.nanquantile(np.where(empty, 0.0, scaled), [_TAIL, 1 - _TAIL], axis=0)
    # A column with a single training value must not make every other value infinitely far.
    high = np.where(high > low, high, low + 1.0)
    range_limit = float(np.quantile(_excess(scaled, low, high).max(axis=1), _INSIDE))
    pulled_in = np.clip(np.nan_to_num(scaled, nan=0.0), -_PULLED_IN, _PULLED_IN)
    mean = pulled_in.mean(axis=0)
    covariance = ledoit_wolf(pulled_in)[0] + 1e-6 * np.eye(len(columns))
    precision = np.linalg.inv(covariance)
    step = np.where(np.isnan(scaled), mean, scaled) - mean
    distance = _length(step, _pulled(step, precision))
    return Novelty(
        space=space,
        low=low,
        high=high,
        # Few rows may all lie inside; then a tenth of the range more is still near.
        range_limit=max(range_limit, 0.1),
        mean=mean,
        precision=precision,
        distance_limit=max(float(np.quantile(distance, _INSIDE)), math.sqrt(len(columns))),
        always_known=np.asarray(~np.isnan(scaled)).mean(axis=0) > _KNOWN,
    )


def _excess(
    scaled: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    beyond = np.maximum(np.maximum(low - scaled, scaled - high), 0.0) / (high - low)
    return np.nan_to_num(beyond, nan=0.0)


def _pulled(step: NDArray[np.float64], precision: NDArray[np.float64]) -> NDArray[np.float64]:
    return in_blocks(lambda rows: np.asarray(rows @ precision.T), step)


def _length(step: NDArray[np.float64], pulled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Mahalanobis distance of steps from the mean, shape ``(n,)``."""
    return np.asarray(np.sqrt(np.maximum((step * pulled).sum(axis=1), 0.0)))


def _strongest(excess: NDArray[np.float64], limit: float) -> NDArray[np.int64]:
    """Return the places of the most extreme columns beyond a limit, -1 behind the last."""
    order = np.argsort(-excess, axis=1, kind="stable")[:, :_MOST_NAMED]
    beyond = np.take_along_axis(excess, order, axis=1) > limit
    return np.where(beyond, order, -1)


def _rows_and_places(places: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the row and the value of each entry that is not -1, row by row."""
    of_row, position = np.nonzero(places >= 0)
    return of_row, places[of_row, position]
