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

from mlcore.calibration_maps import MAPS, CalibrationMethod
from mlcore.datasets.spec import Disposition
from mlcore.errors import ArtifactError, DataError, HyperparameterError
from mlcore.folds import FOLDS, out_of_fold, star_folds
from mlcore.metrics.measure import check_probabilities
from mlcore.priors import prior_corrected, with_planet_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.calibration_maps import Numbers
    from mlcore.folds import Fit, FittedModel
    from mlcore.tasks import Task

__all__ = ["CalibratedModel", "Calibration", "CalibrationMethod", "calibrate", "calibrated"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """What was learnt about a model's probabilities."""

    method: CalibrationMethod
    classes: tuple[Disposition, ...]
    numbers: Numbers
    frequencies: tuple[float, ...]
    """Share of each class among the rows that it was learnt from: the training rows."""
    rows: int
    stars: int
    log_loss_before: float
    """Of the out-of-fold scores."""
    log_loss_after: float
    """Of the same rows, each calibrated by what was learnt on other stars."""

    def apply(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated probabilities of the task's classes, shape ``(n, k)``."""
        check_probabilities(probabilities, rows=len(probabilities), classes=len(self.classes))
        return MAPS[self.method].apply(self.numbers, probabilities)

    def at_planet_rate(
        self, probabilities: NDArray[np.float64], rate: float
    ) -> NDArray[np.float64]:
        """Return calibrated probabilities as they are where another share are planets.

        Parameters
        ----------
        probabilities
            What `apply` returned, shape ``(n, k)``.
        rate
            Share of planets that the user expects among the objects, in (0, 1).

        Raises
        ------
        HyperparameterError
            When `rate` is out of bounds.
        """
        expected = with_planet_rate(self.frequencies, rate, classes=self.classes)
        return prior_corrected(probabilities, trained=self.frequencies, expected=expected)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads: numbers and names only."""
        return {
            "method": str(self.method),
            "classes": [str(each) for each in self.classes],
            "numbers": {name: list(values) for name, values in self.numbers.items()},
            "frequencies": list(self.frequencies),
            "rows": self.rows,
            "stars": self.stars,
            "log_loss_before": self.log_loss_before,
            "log_loss_after": self.log_loss_after,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Calibration:
        """Return the calibration that `as_json` described.

        Raises
        ------
        ArtifactError
            When `saved` is something else.
        """
        try:
            found = cls(
                method=CalibrationMethod(saved["method"]),
                classes=tuple(Disposition(each) for each in saved["classes"]),
                numbers=MappingProxyType(
                    {
                        str(name): tuple(float(each) for each in values)
                        for name, values in saved["numbers"].items()
                    }
                ),
                frequencies=tuple(float(each) for each in saved["frequencies"]),
                rows=int(saved["rows"]),
                stars=int(saved["stars"]),
                log_loss_before=float(saved["log_loss_before"]),
                log_loss_after=float(saved["log_loss_after"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ArtifactError("The saved calibration is damaged.") from None
        numbers = [each for values in found.numbers.values() for each in values]
        if (
            found.numbers.keys() != MAPS[found.method].numbers
            or not np.isfinite([*numbers, *found.frequencies]).all()
            or len(found.frequencies) != len(found.classes)
        ):
            raise ArtifactError("The saved calibration is damaged.")
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibratedModel:
    """A model whose probabilities are calibrated."""

    model: FittedModel
    calibration: Calibration
    task: Task

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Return the probability of each `Disposition`, shape ``(n, 3)``."""
        found = self.task.probabilities(self.model.predict_proba(features))
        return self.task.of_all(self.calibration.apply(found))


def calibrated(fit: Fit, *, task: Task, folds: int = FOLDS) -> Fit:
    """Return a fit that calibrates what it fits, by star, inside the rows that it is given.

    It fits once more for each fold.
    """

    def fit_and_calibrate(
        features: pd.DataFrame, labels: pd.Series[str], hosts: pd.Series[str], seed: int
    ) -> FittedModel:
        scores = out_of_fold(fit, features, labels, hosts, task=task, folds=folds, seed=seed)
        return CalibratedModel(
            model=fit(features, labels, hosts, seed),
            calibration=calibrate(scores, labels, hosts, task=task, folds=folds, seed=seed),
            task=task,
        )

    return fit_and_calibrate


def calibrate(
    probabilities: NDArray[np.float64],
    labels: pd.Series[str],
    hosts: pd.Series[str],
    *,
    task: Task,
    method: CalibrationMethod | None = None,
    folds: int = FOLDS,
    seed: int = 0,
) -> Calibration:
    """Learn to calibrate from the scores of rows whose stars the model was not trained on.

    Parameters
    ----------
    probabilities
        Of each of the task's classes, shape ``(n, k)``, from `mlcore.folds.out_of_fold`.
    labels, hosts
        Disposition and host star of each row; rows that the task does not tell apart are left out.
    task
        What is told apart.
    method
        The map to use. By default that with the fewest numbers whose log loss, cross-validated by
        star, is within one standard error of the lowest one's (Breiman et al. 1984, section
        3.4.3): a more pliant map has to earn its numbers.
    folds, seed
        Of that cross-validation.

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
    allowed = _allowed(task, method, rows=int(task.decided(labels).sum()))
    decided = task.decided(labels)
    if not decided.any():
        raise DataError("No row has a disposition to compare with, which calibration needs.")
    target, found = task.targets(labels)[decided], probabilities[decided]
    kept_hosts = hosts[decided]
    fold = star_folds(labels[decided], kept_hosts, task=task, folds=folds, seed=seed)
    losses = {each: _cross_validated_losses(each, found, target, fold) for each in allowed}
    chosen = _simplest_of_the_best(losses, kept_hosts.to_numpy())
    return Calibration(
        method=chosen,
        classes=task.classes,
        numbers=MappingProxyType(dict(MAPS[chosen].fit(found, target))),
        frequencies=tuple(
            (np.bincount(target, minlength=len(task.classes)) / len(target)).tolist()
        ),
        rows=len(target),
        stars=int(kept_hosts.nunique()),
        log_loss_before=float(_losses(found, target).mean()),
        log_loss_after=float(losses[chosen].mean()),
    )


def _allowed(
    task: Task, method: CalibrationMethod | None, *, rows: int
) -> tuple[CalibrationMethod, ...]:
    serving = tuple(each for each, how in MAPS.items() if how.any_classes or len(task.classes) == 2)
    if method is None:
        return tuple(each for each in serving if rows >= MAPS[each].fewest_rows)
    if method not in serving:
        raise HyperparameterError(
            f"calibration was {method}, but for the task {task.name} it must be one of"
            f" {', '.join(serving)}."
        )
    return (method,)


def _losses(probabilities: NDArray[np.float64], target: NDArray[np.int64]) -> NDArray[np.float64]:
    true = probabilities[np.arange(len(target)), target]
    losses: NDArray[np.float64] = -np.log(np.maximum(true, np.finfo(np.float64).eps))
    return losses


def _cross_validated_losses(
    method: CalibrationMethod,
    probabilities: NDArray[np.float64],
    target: NDArray[np.int64],
    fold: NDArray[np.int64],
) -> NDArray[np.float64]:
    losses = np.zeros(len(target))
    how = MAPS[method]
    for place in np.unique(fold):
        here = fold == place
        numbers = how.fit(probabilities[~here], target[~here])
        losses[here] = _losses(how.apply(numbers, probabilities[here]), target[here])
    return losses


def _simplest_of_the_best(
    losses: Mapping[CalibrationMethod, NDArray[np.float64]], hosts: NDArray[Any]
) -> CalibrationMethod:
    best = min(losses, key=lambda each: float(losses[each].mean()))
    _, star = np.unique(hosts, return_inverse=True)
    for method in losses:
        # The two maps are judged on the same rows: what counts is the spread of the difference.
        excess = np.bincount(star, weights=losses[method] - losses[best]) / len(star)
        if excess.sum() <= np.sqrt(((excess - excess.mean()) ** 2).sum()):
            return method
    return best
