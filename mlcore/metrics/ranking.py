"""Figures of how well a score ranks one class above the others, for many weightings at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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

    def under(self, weights: NDArray[np.float64]) -> Thresholds:
        """Count what lies at or above each distinct score, under weights of shape ``(b, n)``."""
        ordered = weights[:, self.order]
        every = np.cumsum(ordered, axis=1)[:, self.ends]
        true = np.cumsum(ordered * self.positive, axis=1)[:, self.ends]
        return Thresholds(true=true, false=every - true)


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """Weighted counts of the rows that score at or above each of `t` falling thresholds.

    Every figure has shape ``(b,)``, one for each weighting, and is NaN where one side is empty.
    """

    true: NDArray[np.float64]
    """Rows of the class, shape ``(b, t)``."""
    false: NDArray[np.float64]
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
        width = np.diff(self.false, axis=1, prepend=0.0)
        middle = self.true - np.diff(self.true, axis=1, prepend=0.0) / 2
        area = np.einsum("bt,bt->b", width, middle)
        return ratio(area, self.true[:, -1] * self.false[:, -1])

    def average_precision(self) -> NDArray[np.float64]:
        """Precision at each threshold, weighted by the step of recall that it brings."""
        step = np.diff(self.true, axis=1, prepend=0.0)
        precision = np.nan_to_num(self.precision)
        return ratio(np.einsum("bt,bt->b", step, precision), self._if_both(self.true[:, -1]))

    def recall_at_precision(self, precision: float) -> NDArray[np.float64]:
        """Largest recall of a threshold with at least this precision, 0 where none has it."""
        taken = self.true + self.false
        reached = (self.true >= precision * taken * (1 - _ROUNDING)) & (taken > 0)
        best = np.where(reached, self.true, 0.0).max(axis=1)
        return ratio(best, self._if_both(self.true[:, -1]))

    def recall_at_false_positive_rate(self, rate: float) -> NDArray[np.float64]:
        """Largest recall of a threshold with at most this false positive rate."""
        reached = self.false <= rate * self.false[:, -1:] * (1 + _ROUNDING)
        best = np.where(reached, self.true, 0.0).max(axis=1)
        return ratio(best, self._if_both(self.true[:, -1]))

    def _if_both(self, count: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(self.false[:, -1] > 0, count, 0.0)


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


def ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares of a whole, NaN where there is none."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))
