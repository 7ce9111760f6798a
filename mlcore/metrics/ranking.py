"""Figures of how well a score ranks one class above the others, for many weightings at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ranking", "Thresholds", "rank", "ratio"]

_ROUNDING = 1e-9
"""How far a ratio of whole numbers may lie below a bound that it meets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """Rows in the order of a falling score."""

    order: NDArray[np.int64]
    positive: NDArray[np.bool_]
    """Whether each row, in this order, is of the class; shape ``(n,)``."""
    ends: NDArray[np.int64]
    """Place of the last row of each distinct score, shape ``(t,)``."""
    scores: NDArray[np.float64]
    """The distinct scores, falling, shape ``(t,)``."""

    def under(self, weights: NDArray[np.number[Any]]) -> Thresholds:
        """Count what lies at or above each distinct score, under weights of shape ``(b, n)``.

        Weights are whole numbers: how often each row counts.
        """
        # Adding up small integers takes a tenth of the time that floating point takes.
        every = np.take(weights.astype(np.int32, copy=False), self.order, axis=1)
        true = every * self.positive
        np.cumsum(every, axis=1, dtype=np.int32, out=every)
        np.cumsum(true, axis=1, dtype=np.int32, out=true)
        if len(self.ends) < len(self.order):
            every, true = np.take(every, self.ends, axis=1), np.take(true, self.ends, axis=1)
        return Thresholds(true=true, false=every - true)


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """Weighted counts of the rows that score at or above each of `t` falling thresholds.

    Every figure has shape ``(b,)``, one for each weighting, and is NaN where one side is empty.
    """

    true: NDArray[np.int32]
    """Rows of the class, shape ``(b, t)``."""
    false: NDArray[np.int32]
    """Rows of other classes, shape ``(b, t)``."""

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share of the class's rows at or above each threshold, shape ``(b, t)``."""
        return ratio(self.true, self.true[:, -1:])

    @property
    def false_positive_rate(self) -> NDArray[np.float64]:
        """Share of the other rows at or above each threshold, shape ``(b, t)``."""
        return ratio(self.false, self.false[:, -1:])

    @property
    def precision(self) -> NDArray[np.float64]:
        """Share of the rows at or above each threshold that are of the class, NaN for none."""
        return ratio(self.true, self.true + self.false)

    def roc_auc(self) -> NDArray[np.float64]:
        """Area under the ROC curve by trapezia, which counts ties as half."""
        # Twice the middle of each step, which is a whole number.
        middle = 2 * self.true
        middle -= _steps(self.true)
        area = np.einsum("bt,bt->b", _steps(self.false), middle, dtype=np.float64) / 2
        return ratio(area, self.true[:, -1] * self.false[:, -1].astype(np.float64))

    def average_precision(self) -> NDArray[np.float64]:
        """Precision at each threshold, weighted by the step of recall that it brings."""
        steps = _steps(self.true)
        stepped = steps.any(axis=0)
        true, false = self.true[:, stepped], self.false[:, stepped]
        # Where nothing is taken there is no step either.
        weighted = steps[:, stepped] * (true / np.maximum(true + false, 1))
        # Added up one after the other: the same sum whatever thresholds stand between.
        summed = np.cumsum(weighted, axis=1)[:, -1] if weighted.size else np.zeros(len(steps))
        return ratio(summed, self._if_both(self.true[:, -1]))

    def recall_at_precision(self, precision: float) -> NDArray[np.float64]:
        """Largest recall of a threshold with at least this precision, 0 where none has it."""
        needed = precision * (self.true + self.false) * (1 - _ROUNDING)
        best = np.where(self.true >= needed, self.true, 0).max(axis=1)
        return ratio(best, self._if_both(self.true[:, -1]))

    def recall_at_false_positive_rate(self, rate: float) -> NDArray[np.float64]:
        """Largest recall of a threshold with at most this false positive rate."""
        allowed = np.floor(rate * self.false[:, -1:] * (1 + _ROUNDING)).astype(np.int32)
        best = np.where(self.false <= allowed, self.true, 0).max(axis=1)
        return ratio(best, self._if_both(self.true[:, -1]))

    def _if_both(self, count: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.where(self.false[:, -1] > 0, count, np.int32(0))


def rank(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> Ranking:
    """Sort at least one row by falling score; equal scores share a threshold.

    Parameters
    ----------
    scores
        Shape ``(n,)``; higher speaks for the class.
    positive
        Whether each row is of the class, shape ``(n,)``.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    return Ranking(order=order, positive=positive[order], ends=ends, scores=ordered[ends])


def ratio(part: NDArray[np.number[Any]], whole: NDArray[np.number[Any]]) -> NDArray[np.float64]:
    """Return shares of a whole, NaN where there is none."""
    there = whole > 0
    if there.all():
        return np.asarray(np.divide(part, whole, dtype=np.float64))
    part, whole, there = np.broadcast_arrays(part, whole, there)
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=there))


def _steps(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return what each threshold adds to a count, shape ``(b, t)``."""
    steps = counts.copy()
    steps[:, 1:] -= counts[:, :-1]
    return steps
