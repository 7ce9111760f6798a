"""The metrics, one row each: a new one is added here, and everything that measures has it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mlcore.metrics.spec import Metric
from mlcore.metrics.weighted import BINS, calibration_bins, log_losses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.metrics.weighted import WeightedScores

__all__ = ["METRICS"]

_ALMOST_NOTHING = 1e-300
"""In place of a count of 0 that divides."""


def _accuracy(scores: WeightedScores) -> NDArray[np.float64]:
    right = np.trace(scores.confusion, axis1=1, axis2=2)
    return np.asarray(right / scores.total)


def _precision(scores: WeightedScores, place: int) -> NDArray[np.float64]:
    # A class that is never predicted has precision 0.
    return _share(scores, place, scores.confusion[:, :, place].sum(axis=1))


def _recall(scores: WeightedScores, place: int) -> NDArray[np.float64]:
    return _share(scores, place, scores.confusion[:, place, :].sum(axis=1))


def _f1(scores: WeightedScores, place: int) -> NDArray[np.float64]:
    true, predicted = (scores.confusion.sum(axis=axis)[:, place] for axis in (2, 1))
    return _share(scores, place, true + predicted, times=2)


def _share(
    scores: WeightedScores, place: int, whole: NDArray[np.float64], *, times: int = 1
) -> NDArray[np.float64]:
    """Return the share of a class's right rows; NaN where no row is of the class."""
    right = scores.confusion[:, place, place]
    absent = scores.confusion[:, place, :].sum(axis=1) <= 0
    return np.where(absent, np.nan, times * right / np.maximum(whole, _ALMOST_NOTHING))


def _brier(scores: WeightedScores) -> NDArray[np.float64]:
    rows = scores.rows
    count = len(rows.classes)
    squared = ((rows.probabilities - np.eye(count)[rows.targets]) ** 2).sum(axis=1)
    return scores.mean(squared / (2 if count == 2 else 1))


def _calibration_error(scores: WeightedScores) -> NDArray[np.float64]:
    rows = scores.rows
    if len(rows.classes) == 2:
        stated, came_true = rows.probabilities[:, rows.planet], rows.targets == rows.planet
    else:
        stated, came_true = rows.probabilities.max(axis=1), rows.predicted == rows.targets
    gap = np.zeros((len(stated), BINS))
    gap[np.arange(len(stated)), calibration_bins(stated)] = stated - came_true
    return np.asarray(np.abs(scores.weights @ gap).sum(axis=1) / scores.total)


def _recall_at_precision(scores: WeightedScores, precision: float) -> NDArray[np.float64]:
    return scores.thresholds(scores.rows.planet).recall_at_precision(precision)


_ROWS = (
    Metric(
        name="accuracy",
        title="Accuracy",
        meaning="Share of the rows whose most probable class is the true one.",
        whole=_accuracy,
        sliced=True,
        summarised=True,
        inspected_as="accuracy",
    ),
    Metric(
        name="precision",
        title="Precision",
        meaning="Share of the rows given a class that are of it; over classes, the plain mean of"
        " those that occur.",
        of_class=_precision,
        summarised=True,
    ),
    Metric(
        name="recall",
        title="Recall",
        meaning="Share of the rows of a class that were given it; over classes, the plain mean of"
        " those that occur.",
        of_class=_recall,
        summarised=True,
    ),
    Metric(
        name="f1",
        title="F1",
        meaning="Harmonic mean of precision and recall; over classes, the plain mean of those that"
        " occur.",
        of_class=_f1,
        sliced=True,
        summarised=True,
        sentence=3,
        inspected_as="macro_f1",
    ),
    Metric(
        name="roc_auc",
        title="ROC-AUC",
        meaning="Probability that a row of the class scores above one of another class; for three"
        " classes the plain mean of each against the others.",
        of_class=lambda scores, place: scores.thresholds(place).roc_auc(),
        planets_of_two=True,
        sliced=True,
        summarised=True,
        sentence=1,
        inspected_as="roc_auc",
    ),
    Metric(
        name="average_precision",
        title="Average precision",
        meaning="Precision averaged over the steps of recall, for planets; for three classes the"
        " plain mean of each against the others.",
        of_class=lambda scores, place: scores.thresholds(place).average_precision(),
        planets_of_two=True,
        sliced=True,
        sentence=2,
    ),
    Metric(
        name="brier",
        title="Brier score",
        meaning="Mean squared distance of the probabilities from the truth, summed over the"
        " classes and halved when there are two (Brier 1950).",
        whole=_brier,
        lower_is_better=True,
        sliced=True,
    ),
    Metric(
        name="log_loss",
        title="Log loss",
        meaning="Mean negative natural logarithm of the probability given to the true class.",
        whole=lambda scores: scores.mean(
            log_losses(scores.rows.probabilities, scores.rows.targets)
        ),
        lower_is_better=True,
        sentence=5,
    ),
    Metric(
        name="expected_calibration_error",
        title="Expected calibration error",
        meaning="Mean distance between stated and observed probability over ten equally wide bins,"
        " weighted by rows: of the probability of a planet for two classes, of the"
        " probability of the predicted class for three (Naeini et al. 2015, Guo et al. 2017).",
        whole=_calibration_error,
        lower_is_better=True,
        grows_with_noise=True,
        sliced=True,
        sentence=6,
    ),
    Metric(
        name="recall_at_95_precision",
        title="Recall at 95 % precision",
        meaning="Largest share of the planets that some threshold finds with at most one in twenty"
        " of its finds wrong; 0 where no threshold does.",
        whole=lambda scores: _recall_at_precision(scores, 0.95),
    ),
    Metric(
        name="recall_at_99_precision",
        title="Recall at 99 % precision",
        meaning="Largest share of the planets that some threshold finds with at most one in a"
        " hundred of its finds wrong; 0 where no threshold does.",
        whole=lambda scores: _recall_at_precision(scores, 0.99),
        sliced=True,
        sentence=4,
    ),
    Metric(
        name="recall_at_1_false_positive_rate",
        title="Recall at 1 % false positive rate",
        meaning="Largest share of the planets that some threshold finds while it takes at most one"
        " in a hundred of the other rows for a planet.",
        whole=lambda scores: scores.thresholds(scores.rows.planet).recall_at_false_positive_rate(
            0.01
        ),
    ),
)

_BY_NAME = {metric.name: metric for metric in _ROWS}

METRICS: Mapping[str, Metric] = MappingProxyType(_BY_NAME)
"""What is measured, by name, in the order in which it is shown."""
