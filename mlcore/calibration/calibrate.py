"""Probabilities that come true as often as they say, learnt on scores of unseen stars.

A calibration is fitted on the out-of-fold scores of the training rows, so it sees no test row and
no score that a model gave to a star it knew. For three classes it is a temperature, which keeps
the most probable class. For two classes it may also be a sigmoid or isotonic: these keep the
ranking but move the boundary between the classes, which is what they are for, so the prediction
is the class with the highest calibrated probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore._json import strict
from mlcore.calibration.calibrator import Calibration
from mlcore.calibration.methods import MAPS, CalibrationMethod
from mlcore.errors import DataError, HyperparameterError
from mlcore.metrics.measure import check_probabilities
from mlcore.metrics.resampling import StarResamples
from mlcore.metrics.weighted import log_losses
from mlcore.model_selection.folds import out_of_fold, star_folds
from mlcore.model_selection.protocol import FOLDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.model_selection.folds import Fit, FittedModel
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.tasks import Task

__all__ = [
    "CalibratedModel",
    "calibrate",
    "calibrated",
    "cross_calibrated",
    "keeping",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibratedModel:
    """A model whose probabilities are calibrated."""

    model: FittedModel
    calibration: Calibration
    task: Task

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Return the probability of each `Disposition`, shape ``(n, 3)``."""
        stated = self.task.probabilities(self.model.predict_proba(features))
        return self.task.of_all(self.calibration.apply(stated))


def calibrated(fit: Fit, *, task: Task, folds: int = FOLDS, undecided: bool = False) -> Fit:
    """Return a fit that calibrates what it fits, by star, inside the rows that it is given.

    It fits once more for each fold.

    Parameters
    ----------
    fit, task, folds, undecided
        See `mlcore.model_selection.folds.out_of_fold`.
    """

    def fit_and_calibrate(rows: LabelledRows, seed: int) -> FittedModel:
        scores = out_of_fold(fit, rows, task=task, folds=folds, seed=seed, undecided=undecided)
        calibration = calibrate(scores, rows.labels, rows.hosts, task=task, folds=folds, seed=seed)
        return CalibratedModel(model=fit(rows, seed), calibration=calibration, task=task)

    return fit_and_calibrate


def keeping(calibration: Calibration, fit: Fit, *, task: Task) -> Fit:
    """Return a fit whose models keep what another one of the same kind taught.

    It fits once: enough for a comparison, where `calibrated` is for figures of their own.
    """

    def fit_alone(rows: LabelledRows, seed: int) -> FittedModel:
        return CalibratedModel(model=fit(rows, seed), calibration=calibration, task=task)

    return fit_alone


def calibrate(
    probabilities: NDArray[np.float64],
    labels: pd.Series[str],
    hosts: pd.Series[str],
    *,
    task: Task,
    method: CalibrationMethod | None = None,
    fold: NDArray[np.int64] | None = None,
    folds: int = FOLDS,
    seed: int = 0,
) -> Calibration:
    """Learn to calibrate from the scores of rows whose stars the model was not trained on.

    Parameters
    ----------
    probabilities
        Of each of the task's classes, shape ``(n, k)``, from
        `mlcore.model_selection.folds.out_of_fold`.
    labels, hosts
        Disposition and host star of each row; rows that the task does not tell apart are left out.
    task
        What is told apart.
    method
        The map to use. By default that with the fewest numbers whose log loss, cross-validated by
        star, is within one standard error of the lowest one's (Breiman et al. 1984, section
        3.4.3): a more pliant map has to earn its numbers.
    fold
        The fold of each row in that cross-validation; by default what
        `mlcore.model_selection.folds.star_folds` makes of the rows that the task tells apart.
    folds, seed
        Of that division, and of the intervals.

    Returns
    -------
    Calibration

    Raises
    ------
    DataError
        When a class has fewer stars than there are folds.
    HyperparameterError
        When `method` does not serve the task.
    """
    check_probabilities(probabilities, rows=len(labels), classes=len(task.classes))
    decided = task.decided(labels)
    allowed = _allowed(task, method, rows=int(decided.sum()))
    if not decided.any():
        raise DataError("No row has a disposition to compare with, which calibration needs.")
    labels, hosts, stated = labels[decided], hosts[decided], probabilities[decided]
    target = task.targets(labels)
    if fold is None:
        fold = star_folds(labels, hosts, task=task, folds=folds, seed=seed)
    else:
        fold = fold[decided]
    losses = {
        name: log_losses(cross_calibrated(stated, labels, fold, task=task, method=name), target)
        for name in allowed
    }
    chosen = _simplest_of_the_best(losses, hosts.to_numpy())
    before, after = log_losses(stated, target), losses[chosen]
    resampled = StarResamples(hosts, seed=seed).means(np.column_stack([before, after]))
    (before_low, after_low), (before_high, after_high) = map(strict, resampled.bounds())
    return Calibration(
        method=chosen,
        classes=task.classes,
        numbers=MappingProxyType(dict(MAPS[chosen].fit(stated, target))),
        frequencies=tuple(
            (np.bincount(target, minlength=len(task.classes)) / len(target)).tolist()
        ),
        rows=len(target),
        stars=int(hosts.nunique()),
        log_loss_before=float(before.mean()),
        log_loss_after=float(after.mean()),
        log_loss_before_low=before_low,
        log_loss_before_high=before_high,
        log_loss_after_low=after_low,
        log_loss_after_high=after_high,
    )


def cross_calibrated(
    probabilities: NDArray[np.float64],
    labels: pd.Series[str],
    fold: NDArray[np.int64],
    *,
    task: Task,
    method: CalibrationMethod,
) -> NDArray[np.float64]:
    """Return out-of-fold scores, each fold calibrated by what the other folds teach.

    Parameters
    ----------
    probabilities, labels
        As in `calibrate`; rows that the task does not tell apart are calibrated, and teach nothing.
    fold
        The fold of each row, see `mlcore.model_selection.folds.star_folds`.
    task, method
        What is told apart, and the map.
    """
    target, how = task.targets(labels), MAPS[method]
    calibrated = np.zeros_like(probabilities)
    for place in np.unique(fold):
        here = fold == place
        learnt = ~here & (target >= 0)
        numbers = how.fit(probabilities[learnt], target[learnt])
        calibrated[here] = how.apply(numbers, probabilities[here])
    return calibrated


def _allowed(
    task: Task, method: CalibrationMethod | None, *, rows: int
) -> tuple[CalibrationMethod, ...]:
    serving = tuple(name for name, how in MAPS.items() if how.any_classes or len(task.classes) == 2)
    if method is None:
        return tuple(name for name in serving if rows >= MAPS[name].fewest_rows)
    if method not in serving:
        raise HyperparameterError(
            f"calibration was {method}, but for the task {task.name} it must be one of"
            f" {', '.join(serving)}."
        )
    return (method,)


def _simplest_of_the_best(
    losses: Mapping[CalibrationMethod, NDArray[np.float64]], hosts: NDArray[Any]
) -> CalibrationMethod:
    best = min(losses, key=lambda name: float(losses[name].mean()))
    _, star = np.unique(hosts, return_inverse=True)
    for method in losses:
        # The two maps are judged on the same rows: what counts is the spread of the difference.
        excess = np.bincount(star, weights=losses[method] - losses[best]) / len(star)
        if excess.sum() <= np.sqrt(((excess - excess.mean()) ** 2).sum()):
            return method
    return best
