"""All figures of one set of rows under many weightings of the rows at once.

A bootstrap resample is a weighting by whole numbers, so that the figures of all resamples come
from a few matrix products and cumulative sums. Under weights of one they are scikit-learn's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcore.metrics.ranking import rank
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.tasks import Task

__all__ = ["BINS", "Key", "WeightedFigures", "calibration_bins"]

Key: TypeAlias = "tuple[str, Disposition | None]"
"""Name of a metric and the class that it is of, None for the whole task."""

BINS = 10
"""Equally wide bins of probability that the calibration error and reliability use."""


def calibration_bins(stated: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each stated probability, shape ``(n,)``; an edge belongs to the upper."""
    return np.minimum((stated * BINS).astype(np.int64), BINS - 1)


class WeightedFigures:
    """Measures rows under weights.

    Parameters
    ----------
    task
        What is told apart.
    targets
        Position of each row's true class in the task's classes, shape ``(n,)``, at least one row.
    probabilities
        Shape ``(n, k)``.
    """

    def __init__(
        self, task: Task, targets: NDArray[np.int64], probabilities: NDArray[np.float64]
    ) -> None:
        self.task = task
        count = len(task.classes)
        found = probabilities.argmax(axis=1)
        rows = np.arange(len(targets))
        self._rankings = [rank(probabilities[:, i], targets == i) for i in range(count)]
        self._planet = task.classes.index(PLANET)
        self._occurs = np.array([(targets == i).any() for i in range(count)])

        truth = np.eye(count)[targets]
        squared = ((probabilities - truth) ** 2).sum(axis=1) / (2 if count == 2 else 1)
        true_probability = probabilities[rows, targets]
        # As scikit-learn does: a certain mistake costs much, not infinitely much.
        surprise = -np.log(np.maximum(true_probability, np.finfo(np.float64).eps))
        if count == 2:
            stated, came_true = probabilities[:, self._planet], targets == self._planet
        else:
            stated, came_true = probabilities.max(axis=1), found == targets
        gap = np.zeros((len(targets), BINS))
        gap[rows, calibration_bins(stated)] = stated - came_true
        cells = np.eye(count * count)[targets * count + found]
        # One product with the weights serves every figure that is a sum over rows.
        self._sums = np.column_stack([squared, surprise, gap, cells])

    def under(
        self, weights: NDArray[np.float64]
    ) -> tuple[dict[Key, NDArray[np.float64]], NDArray[np.float64]]:
        """Measure under weights of shape ``(b, n)``.

        Returns
        -------
        figures : dict
            Shape ``(b,)`` each; NaN where not defined.
        confusion : ndarray, shape ``(b, k, k)``
            Weighted counts, rows true and columns predicted.
        """
        classes = self.task.classes
        count = len(classes)
        total = weights.sum(axis=1)
        sums = weights @ self._sums
        confusion = sums[:, 2 + BINS :].reshape(-1, count, count)
        figures: dict[Key, NDArray[np.float64]] = {
            ("brier", None): sums[:, 0] / total,
            ("log_loss", None): sums[:, 1] / total,
            ("expected_calibration_error", None): np.abs(sums[:, 2 : 2 + BINS]).sum(axis=1) / total,
        }
        figures |= self._decisions(confusion, total) | self._rankings_under(weights)
        return figures, confusion

    def _decisions(
        self, confusion: NDArray[np.float64], total: NDArray[np.float64]
    ) -> dict[Key, NDArray[np.float64]]:
        right = np.diagonal(confusion, axis1=1, axis2=2)
        true, found = confusion.sum(axis=2), confusion.sum(axis=1)
        absent = true <= 0
        by_class = {
            # A class that is never predicted has precision 0.
            "precision": right / np.maximum(found, 1e-300),
            "recall": right / np.maximum(true, 1e-300),
            "f1": 2 * right / np.maximum(true + found, 1e-300),
        }
        figures: dict[Key, NDArray[np.float64]] = {("accuracy", None): right.sum(axis=1) / total}
        for name, values in by_class.items():
            defined = np.where(absent, np.nan, values)
            figures |= self._with_mean(name, list(defined.T))
        return figures

    def _rankings_under(self, weights: NDArray[np.float64]) -> dict[Key, NDArray[np.float64]]:
        thresholds = [each.under(weights) for each in self._rankings]
        planets = thresholds[self._planet]
        aucs = [each.roc_auc() for each in thresholds]
        precisions = [each.average_precision() for each in thresholds]
        figures = self._with_mean("roc_auc", aucs) | self._with_mean(
            "average_precision", precisions
        )
        if len(self.task.classes) == 2:
            figures["average_precision", None] = precisions[self._planet]
        figures["recall_at_95_precision", None] = planets.recall_at_precision(0.95)
        figures["recall_at_99_precision", None] = planets.recall_at_precision(0.99)
        figures["recall_at_1_false_positive_rate", None] = planets.recall_at_false_positive_rate(
            0.01
        )
        return figures

    def _with_mean(
        self, name: str, by_class: list[NDArray[np.float64]]
    ) -> dict[Key, NDArray[np.float64]]:
        """Return a figure of each class and its plain mean over the classes that occur."""
        figures: dict[Key, NDArray[np.float64]] = {
            (name, each): values for each, values in zip(self.task.classes, by_class, strict=True)
        }
        # A resample that happens to lack one of them has no mean: it would be of something else.
        occurring = [by_class[i] for i in np.flatnonzero(self._occurs)]
        figures[name, None] = np.mean(occurring, axis=0)
        return figures
