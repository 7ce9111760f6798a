"""What a search tried, and how good each of it was on stars that it had not seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mlcore.metrics import measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.automl.proposals import Proposal
    from mlcore.metrics import Measurement
    from mlcore.models.classifier import Classifier
    from mlcore.tasks import Task

__all__ = ["SearchResult", "Trial", "TrialState", "measured"]

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


@dataclass(kw_only=True, slots=True, eq=False)
class Trial:
    """A model type with its hyperparameters, and what came of it as far as it has come."""

    number: int
    """In the order of their beginnings, from 1."""
    proposal: Proposal
    state: TrialState = TrialState.FAILED
    note: str | None = None
    """Why it did not finish, as a sentence."""
    seconds: float = 0.0
    crashed: bool = False
    outputs: NDArray[np.float64] | None = None
    """Explained outputs of each row, shape ``(n, k)``; of finished trials only."""
    figures: Measurement | None = None
    """Of calibrated probabilities of rows whose stars the model had not seen."""
    explaining: float = 0.0
    """How long explaining the rows that are to be predicted is expected to take [s]."""
    model: Classifier | None = None
    """Of a fall-back; that of any other finished trial is on disk."""
    rank: int | None = None
    """By log loss, from 1; None where it did not finish."""
    weight: float = 0.0
    """Its share in the ensemble: how much of the score's movement comes from it, from 0 to 1."""

    @property
    def model_type(self) -> str:
        """Name of the model type."""
        return self.proposal.model_type.name

    @property
    def hyperparameters(self) -> Mapping[str, Any]:
        """Their values by name."""
        return self.proposal.values

    @property
    def loss(self) -> float:
        """Log loss, which the search minimises; infinite where the trial did not finish."""
        value = None if self.figures is None else self.figures.figure("log_loss").value
        return math.inf if value is None else value

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "number": self.number,
            "rank": self.rank,
            "model_type": self.model_type,
            "label": self.proposal.model_type.label,
            "hyperparameters": dict(self.hyperparameters),
            "state": str(self.state),
            "note": self.note,
            "figures": None if self.figures is None else _as_json(self.figures),
            "seconds": round(self.seconds, 2),
            "weight": round(self.weight, 4),
        }


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SearchResult:
    """The ensemble of the best models, and what it was chosen from."""

    classifier: Classifier
    """Of the model type ``auto``; its probabilities are calibrated by how it was learnt."""
    leaderboard: tuple[Trial, ...]
    """Every trial: the finished ones by rank, then the others in the order of their beginnings."""
    out_of_fold: NDArray[np.float64]
    """Probability of each of the task's classes for each row, shape ``(n, k)``, by members and
    weights that had not seen the row's star. Which models were tried and kept was decided on
    these rows too, so figures on rows that took no part in the search are slightly lower."""
    fold: NDArray[np.int64]
    """The fold in which each row was held out, shape ``(n,)``."""
    figures: Measurement
    """Of the ensemble, from `out_of_fold`."""
    seconds: float
    """How long the search took."""
    notes: tuple[str, ...]
    """What one should know of the search, as sentences."""

    def as_json(self) -> dict[str, Any]:
        """Return the leaderboard and what stands beside it as JSON values."""
        return {
            "trials": [trial.as_json() for trial in self.leaderboard],
            "ensemble": _as_json(self.figures),
            "folds": int(self.fold.max()) + 1,
            "rows": len(self.fold),
            "seconds": round(self.seconds, 2),
            "notes": list(self.notes),
        }


def measured(
    labels: Sequence[str] | pd.Series[str],
    probabilities: NDArray[np.float64],
    hosts: Sequence[str] | pd.Series[str],
    *,
    task: Task,
    mark: str | None = None,
) -> Measurement:
    """Return the figures of out-of-fold probabilities of the task's classes, shape ``(n, k)``.

    `mark` must stand beside every figure; see `mlcore.features.feature_sets.mark_of`.
    """
    return measure(
        labels,
        probabilities,
        hosts,
        task=task,
        split=_SPLIT if mark is None else f"{_SPLIT}; {mark}",
        metrics=_METRICS,
        resamples=_RESAMPLES,
    )


def _as_json(figures: Measurement) -> dict[str, Any]:
    return {name: figures.figure(name).as_json() for name in _METRICS}
