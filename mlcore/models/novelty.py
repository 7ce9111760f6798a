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
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.covariance import ledoit_wolf

from mlcore._json import json_of
from mlcore.datasets.units import amount_in_words, unit_spelt_out
from mlcore.errors import DataError
from mlcore.features.described import measured_behind, subject_of
from mlcore.features.robust_scaler import RobustScaler
from mlcore.in_words import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column

__all__ = ["Novelty", "NoveltyCheck", "Unusual", "Why", "fit_novelty"]

_INSIDE = 0.99
"""Share of the training rows that each of the two questions about values lets pass."""
_TAIL = 0.005
"""Share of the training values on each side that the range of a column leaves out."""
_KNOWN = 0.995
"""A column that more than this share of the training rows know is always known."""
_PULLED_IN = 4.0
"""Values farther from the median than this many spreads do not shape the covariance further."""
_FARTHEST = 50.0
_MOST_NAMED = 3
_NOTABLE = 2.0
"""A column is named for an unusual combination from this many standard deviations on."""


class Why(StrEnum):
    """In what way a column lies outside."""

    MISSING = "missing"
    RANGE = "range"
    COMBINATION = "combination"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unusual:
    """A column that makes an object novel."""

    column: str
    why: Why
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NoveltyCheck:
    """Whether one object is of the kind that the model knows."""

    outside: bool
    causes: tuple[Unusual, ...]
    """The columns that caused it, the strongest first; none where the object is inside."""
    range_excess: float
    """How far the most extreme value lies outside its range, over the limit; 1 is the limit."""
    distance: float
    """Mahalanobis distance over the limit; 1 is the limit."""

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if not self.outside:
            return "The object lies within what the model was trained on"
        # What follows from one missing value has its sentence.
        causes = "; ".join(dict.fromkeys(cause.sentence for cause in self.causes))
        return f"The object lies outside what the model was trained on: {causes}"


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
        if tuple(column.name for column in columns) != self.space.columns:
            raise DataError("The columns are not those that the novelty check was fitted on.")
        checks = self._check(features, columns)
        for later in self.further:
            checks = [
                again if check.outside and not again.outside else check
                for check, again in zip(checks, later.check(features, columns), strict=True)
            ]
        return checks

    def _check(self, features: pd.DataFrame, columns: Sequence[Column]) -> list[NoveltyCheck]:
        scaled = np.clip(self.space.transform(features), -_FARTHEST, _FARTHEST)
        excess = _excess(scaled, self.low, self.high)
        filled = np.where(np.isnan(scaled), self.mean, scaled)
        distance = _distance(filled, self.mean, self.precision)
        unknown = np.isnan(scaled) & self.always_known
        values = features.loc[:, list(self.space.columns)].to_numpy(dtype=np.float64)
        sizes = np.where(self.space.logarithmic, np.abs(values), values)
        extreme = np.any(excess > self.range_limit, axis=1)
        too_far = distance > self.distance_limit
        return [
            NoveltyCheck(
                outside=bool(too_far[i] or extreme[i] or unknown[i].any()),
                causes=(
                    *self._extremes(columns, sizes[i], excess[i]),
                    *_gaps(columns, unknown[i]),
                    # Next to an extreme value everything else is out of proportion.
                    *(
                        self._combination(columns, sizes[i], filled[i])
                        if too_far[i] and not extreme[i]
                        else ()
                    ),
                ),
                range_excess=float(excess[i].max() / self.range_limit),
                distance=float(distance[i] / self.distance_limit),
            )
            for i in range(len(scaled))
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
        self, columns: Sequence[Column], sizes: NDArray[np.float64], excess: NDArray[np.float64]
    ) -> list[Unusual]:
        low, high = self.space.original(np.stack([self.low, self.high]))
        order = np.argsort(-excess, kind="stable")
        return [
            Unusual(
                column=columns[place].name,
                why=Why.RANGE,
                sentence=(
                    f"{_valued(columns[place], sizes[place])}, far outside the"
                    f" {_between(columns[place], low[place], high[place])} of"
                    f" {percent(1 - 2 * _TAIL)} of the training rows"
                ),
            )
            for place in order[excess[order] > self.range_limit][:_MOST_NAMED].tolist()
        ]

    def _combination(
        self, columns: Sequence[Column], sizes: NDArray[np.float64], filled: NDArray[np.float64]
    ) -> list[Unusual]:
        # In a normal distribution (P z)_i / P_ii is how far column i lies from what all other
        # columns let expect, and 1 / sqrt(P_ii) the standard deviation of that.
        pulled = self.precision @ (filled - self.mean)
        diagonal = np.diag(self.precision)
        surprise = np.abs(pulled) / np.sqrt(diagonal)
        # Some columns follow from others so closely that an odd one lets expect the impossible.
        likely = np.clip(filled - pulled / diagonal, self.low, self.high)
        expected = self.space.original(likely[None, :])[0]
        candidates = np.flatnonzero(~np.isnan(sizes))
        order = candidates[np.argsort(-surprise[candidates], kind="stable")]
        # Something must be named, and of what is not notable the most surprising is enough.
        notable = int((surprise[order] >= _NOTABLE).sum())
        return [
            Unusual(
                column=columns[place].name,
                why=Why.COMBINATION,
                sentence=(
                    f"{_valued(columns[place], sizes[place])}, but the other columns let expect"
                    f" about {_amount(columns[place], expected[place])}"
                ),
            )
            for place in order[: min(max(notable, 1), _MOST_NAMED)].tolist()
        ]


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
    distance = _distance(np.where(np.isnan(scaled), mean, scaled), mean, precision)
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


def _distance(
    filled: NDArray[np.float64], mean: NDArray[np.float64], precision: NDArray[np.float64]
) -> NDArray[np.float64]:
    step = filled - mean
    squared = np.einsum("ij,jk,ik->i", step, precision, step, optimize=True)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def _gaps(columns: Sequence[Column], unknown: NDArray[np.bool_]) -> list[Unusual]:
    gone = {columns[place].name: columns[place] for place in np.flatnonzero(unknown).tolist()}
    return [
        Unusual(
            column=name,
            why=Why.MISSING,
            sentence=(
                f"{subject_of(gone.get(measured_behind(name, gone) or name, column))} is not known,"
                " which it nearly always is in the training rows"
            ),
        )
        for name, column in gone.items()
    ]


def _valued(column: Column, value: float) -> str:
    return f"{subject_of(column)} is {_amount(column, value)}"


def _amount(column: Column, value: float) -> str:
    """Return a value with its unit; of what is counted there are no parts."""
    counted = column.meaning.startswith("Number of") and not column.unit
    return amount_in_words(round(value) if counted else value, column.unit)


def _between(column: Column, low: float, high: float) -> str:
    """Return a range, its unit said once."""
    first, last = _amount(column, low), _amount(column, high)
    if first == last:
        return first
    return f"{first.removesuffix(unit_spelt_out(column.unit)).rstrip()} to {last}"
