"""Labelled rows and what is stated of them, under many weightings of the rows at once.

A bootstrap resample is a weighting by whole numbers, so that the figures of all resamples come
from a few matrix products and cumulative sums. Under weights of one they are scikit-learn's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlcore.metrics.ranking import rank
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.metrics.ranking import Ranking, Thresholds

__all__ = ["BINS", "LabelledScores", "WeightedScores", "calibration_bins", "log_losses"]

BINS = 10
"""Equally wide bins of probability that the calibration error and reliability use."""


def calibration_bins(stated: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each stated probability, shape ``(n,)``; an edge belongs to the upper."""
    return np.minimum((stated * BINS).astype(np.int64), BINS - 1)


def log_losses(
    probabilities: NDArray[np.float64], targets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the negative logarithm of the probability given to each row's true class.

    Parameters
    ----------
    probabilities
        Shape ``(n, k)``.
    targets
        Position of each row's true class, shape ``(n,)``.
    """
    true = probabilities[np.arange(len(targets)), targets]
    # As scikit-learn does: a certain mistake costs much, not infinitely much.
    return np.asarray(-np.log(np.maximum(true, np.finfo(np.float64).eps)))


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledScores:
    """What is stated of at least one row whose true class is known."""

    classes: tuple[Disposition, ...]
    targets: NDArray[np.int64]
    """Position of each row's true class in `classes`, shape ``(n,)``."""
    probabilities: NDArray[np.float64]
    """Shape ``(n, k)``."""
    _rankings: dict[int, Ranking] = field(default_factory=dict, init=False, repr=False)

    @property
    def planet(self) -> int:
        """Position of planets in `classes`."""
        return self.classes.index(PLANET)

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """Position of each row's most probable class, shape ``(n,)``."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @cached_property
    def occurring(self) -> NDArray[np.int64]:
        """Positions of the classes that occur as true ones."""
        return np.unique(self.targets)

    def ranking(self, place: int) -> Ranking:
        """Return the rows in the order of their probability of one class."""
        if place not in self._rankings:
            self._rankings[place] = rank(self.probabilities[:, place], self.targets == place)
        return self._rankings[place]

    def under(self, weights: NDArray[np.float64]) -> WeightedScores:
        """Return the rows under weights of shape ``(b, n)``."""
        return WeightedScores(rows=self, weights=weights)


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightedScores:
    """The same rows under `b` weightings: what a metric is computed from."""

    rows: LabelledScores
    weights: NDArray[np.float64]
    """Shape ``(b, n)``."""
    _thresholds: dict[int, Thresholds] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def total(self) -> NDArray[np.float64]:
        """Sum of the weights, shape ``(b,)``."""
        return np.asarray(self.weights.sum(axis=1))

    @cached_property
    def confusion(self) -> NDArray[np.float64]:
        """Weighted counts, rows true and columns predicted, shape ``(b, k, k)``."""
        count = len(self.rows.classes)
        cells = np.eye(count**2)[self.rows.targets * count + self.rows.predicted]
        return np.reshape(self.weights @ cells, (-1, count, count))

    @cached_property
    def _counts(self) -> NDArray[np.int32]:
        return self.weights.astype(np.int32)

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weighted mean of a number of each row, shape ``(b,)``."""
        return np.asarray((self.weights @ values) / self.total)

    def thresholds(self, place: int) -> Thresholds:
        """Return what lies above each threshold on the probability of one class."""
        if place not in self._thresholds:
            self._thresholds[place] = self.rows.ranking(place).under(self._counts)
        return self._thresholds[place]
