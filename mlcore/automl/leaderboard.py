"""What a search tried, and how good each of it was on stars that it had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mlcore.metrics import measure
from mlcore.models.catalogue import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.metrics import Figure
    from mlcore.tasks import Task

__all__ = ["Trial", "TrialFigures", "TrialState", "measured"]

_METRICS = ("roc_auc", "log_loss", "average_precision", "accuracy")
_SPLIT = (
    "training rows, each scored by a model that had not seen its star; these figures chose the"
    " models, so they flatter a little"
)
_RESAMPLES = 200
"""Each trial is measured within the user's time: more would move no bound that is shown."""


class TrialState(StrEnum):
    """How a trial ended."""

    FINISHED = "finished"
    GIVEN_UP = "given_up"
    """Worse than half of the trials before it after some of the folds."""
    STOPPED = "stopped"
    """Its time was over."""
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialFigures:
    """Figures of calibrated probabilities of rows whose stars the model had not seen."""

    roc_auc: Figure
    """With more than two classes the mean of each class against the others."""
    log_loss: Figure
    """What the search minimises."""
    average_precision: Figure
    """Of the planets; with more than two classes the mean over the classes."""
    accuracy: Figure

    def as_json(self) -> dict[str, Any]:
        """Return each figure as JSON values, by its metric's name."""
        return {name: getattr(self, name).as_json() for name in _METRICS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A model type with its hyperparameters and what came of it."""

    number: int
    """In the order of their beginnings, from 1."""
    rank: int | None
    """By log loss, from 1; None where it did not finish."""
    model_type: str
    hyperparameters: Mapping[str, Any]
    state: TrialState
    note: str | None
    """Why it did not finish, as a sentence."""
    figures: TrialFigures | None
    seconds: float
    weight: float
    """Its share in the ensemble: how much of the score's movement comes from it, from 0 to 1."""

    @property
    def label(self) -> str:
        """Name of the model type for people."""
        return MODELS[self.model_type].label

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "number": self.number,
            "rank": self.rank,
            "model_type": self.model_type,
            "label": self.label,
            "hyperparameters": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in self.hyperparameters.items()
            },
            "state": str(self.state),
            "note": self.note,
            "figures": None if self.figures is None else self.figures.as_json(),
            "seconds": round(self.seconds, 2),
            "weight": round(self.weight, 4),
        }


def measured(
    labels: pd.Series[str],
    probabilities: NDArray[np.float64],
    hosts: pd.Series[str],
    *,
    task: Task,
    mark: str | None = None,
) -> TrialFigures:
    """Return the figures of out-of-fold probabilities of the task's classes, shape ``(n, k)``.

    `mark` must stand beside every figure; see `mlcore.features.feature_sets.mark_of`.
    """
    found = measure(
        labels,
        probabilities,
        hosts,
        task=task,
        split=_SPLIT if mark is None else f"{_SPLIT}; {mark}",
        metrics=_METRICS,
        resamples=_RESAMPLES,
    )
    return TrialFigures(**{name: found.figure(name) for name in _METRICS})
