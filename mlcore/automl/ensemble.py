"""What the finished trials of a search make together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.automl.leaderboard import measured
from mlcore.models.stack_weights import choose_weights, cross_fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.automl.leaderboard import Trial
    from mlcore.metrics import Measurement
    from mlcore.models.stack_weights import StackWeights
    from mlcore.tasks import Task

__all__ = ["candidates_of", "combine"]

_MOST_WEIGHED = 12
"""Trials that an ensemble is chosen from: the best of each model type, and the next best ones."""

_ALONE = (
    "No combination of models was better on unseen stars than the best one alone, which is the"
    " result."
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Combined:
    """Trials with their weights."""

    trials: tuple[Trial, ...]
    """The best first."""
    stack: StackWeights
    probabilities: NDArray[np.float64]
    """Of each class for each row, shape ``(n, k)``, by weights learnt on other stars."""
    figures: Measurement
    notes: tuple[str, ...] = ()


def combine(
    finished: Sequence[Trial],
    labels: pd.Series[str],
    hosts: pd.Series[str],
    fold: NDArray[np.int64],
    *,
    task: Task,
    mark: str | None = None,
) -> Combined:
    """Choose the weights of an ensemble.

    Parameters
    ----------
    finished
        Finished trials, the best first.
    labels, hosts, fold
        Of each row, shape ``(n,)``.
    task
        What the labels tell apart.
    mark
        What must stand beside every figure, see `mlcore.features.feature_sets.mark_of`.

    Returns
    -------
    Combined
        The best trial alone where no combination is better on unseen stars.
    """

    def weighed(trials: tuple[Trial, ...], notes: tuple[str, ...] = ()) -> Combined:
        outputs = [trial.outputs for trial in trials if trial.outputs is not None]
        target = task.targets(labels)
        probabilities = cross_fitted(outputs, target, fold)
        return Combined(
            trials=trials,
            stack=choose_weights(outputs, target),
            probabilities=probabilities,
            figures=measured(labels, probabilities, hosts, task=task, mark=mark),
            notes=notes,
        )

    together = weighed(candidates_of(finished))
    loss = together.figures.figure("log_loss").value
    if len(together.trials) == 1 or (loss is not None and loss < finished[0].loss):
        return together
    return weighed((finished[0],), (_ALONE,))


def candidates_of(finished: Sequence[Trial]) -> tuple[Trial, ...]:
    """Return the trials that an ensemble is chosen from, the best first."""
    best: dict[str, Trial] = {}
    for trial in finished:
        best.setdefault(trial.proposal.model_type.name, trial)
    others = [trial for trial in finished if trial not in best.values()]
    chosen = [*best.values(), *others][:_MOST_WEIGHED]
    return tuple(sorted(chosen, key=lambda trial: (trial.loss, trial.number)))
