"""A search over model types and hyperparameters within a time budget, and the ensemble at its end.

Every trial is judged by the log loss, calibrated by star, of rows whose stars its models had not
seen, on the same folds. The strongest default is tried first and to its end, so that no search is
worse than it. From then on the budget holds even when one fit is long, because fits run in a
process that can be ended: whatever a finished trial has to give is on disk by then, and only the
weights of the ensemble are left to learn.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from mlcore.automl.clock import Clock
from mlcore.automl.ensemble import candidates_of, combine
from mlcore.automl.exchange import Order, read_model
from mlcore.automl.explaining import affordable
from mlcore.automl.leaderboard import SearchResult, TrialState
from mlcore.automl.trials import Trials
from mlcore.errors import DataError
from mlcore.model_selection.folds import star_folds
from mlcore.model_selection.protocol import FOLDS
from mlcore.models.model_types import MODELS
from mlcore.models.stacked import stacked_classifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.automl.ensemble import Combined
    from mlcore.automl.explaining import Explaining
    from mlcore.automl.leaderboard import Trial
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.run import RunContext
    from mlcore.tasks import Task

__all__ = ["CANDIDATES", "search"]

CANDIDATES = tuple(name for name, kind in MODELS.items() if not kind.searches)
"""Names of the model types that a search tries."""


def search(
    rows: LabelledRows,
    *,
    task: Task,
    seconds: float,
    most_trials: int | None = None,
    candidates: Sequence[str] = CANDIDATES,
    explaining: Explaining | None = None,
    mark: str | None = None,
    run: RunContext,
) -> SearchResult:
    """Search for the best models within a time budget and combine them.

    Parameters
    ----------
    rows
        The training rows, each with a label that is one of the task's classes, and the columns to
        use.
    task
        What is told apart.
    seconds
        How long the search may take [s]; it takes longer only where the strongest default alone
        does, which is always fitted to its end.
    most_trials
        Most trials to begin; as many as the time allows by default.
    candidates
        Names of the model types to try.
    explaining
        How many rows will be explained afterwards and how long that may take: models that would
        take longer are no members of the ensemble. Any may be by default.
    mark
        What must stand beside every figure, see `mlcore.features.feature_sets.mark_of`.
    run
        Its seed is that of the folds, of every fit and of the proposals: a search that ends by
        `most_trials` long before its time gives the same result again, on one machine bit for bit.
        Whatever is written to its scratch folder is removed at the end. It is told the fraction of
        `seconds` or of the trials that is used up, whichever is larger, and the trial that runs
        and the best so far.

    Returns
    -------
    SearchResult

    Raises
    ------
    DataError
        When a class has rows of fewer than two stars.
    """
    began = time.monotonic()
    labels, hosts = rows.labels.reset_index(drop=True), rows.hosts.reset_index(drop=True)
    names = [column.name for column in rows.columns]
    features = rows.features.loc[:, names].reset_index(drop=True)
    present = task.among(labels)
    fold = _divide(labels, hosts, task=present, seed=run.seed)
    clock = Clock(
        began=began,
        seconds=seconds,
        rows=len(features),
        columns=len(names),
        folds=int(fold.max()) + 1,
        classes=len(present.classes),
        most_trials=most_trials,
    )
    order = Order(
        columns=rows.columns,
        labels=tuple(str(label) for label in labels),
        hosts=tuple(str(host) for host in hosts),
        fold=fold,
        task=task,
        seed=run.seed,
    )
    with TemporaryDirectory(prefix="search-", dir=run.scratch, ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        order.write(scratch, features.to_numpy(dtype=np.float64))
        trials = Trials(
            order=order,
            task=present,
            clock=clock,
            folder=scratch,
            features=features,
            explaining=explaining,
            mark=mark,
            progress=run.progress,
            cores=run.cores,
        )
        trials.run([MODELS[kind] for kind in candidates])
        if not trials.finished:
            trials.fall_back()
        members_of = candidates_of(trials.finished)
        chosen = members_of if explaining is None else affordable(members_of, explaining.seconds)
        if len(chosen) < len(members_of):
            trials.notes.append(_too_slow(len(members_of) - len(chosen)))
        combined = combine(chosen, labels, hosts, fold, task=present, mark=mark)
        members = [
            (trial.model or read_model(scratch, trial.number)) if weight > 0 or i == 0 else None
            for i, (trial, weight) in enumerate(
                zip(combined.trials, combined.stack.weights, strict=True)
            )
        ]
    out_of_fold = np.zeros((len(labels), len(task.classes)))
    out_of_fold[:, [task.classes.index(kind) for kind in present.classes]] = combined.probabilities
    return SearchResult(
        classifier=stacked_classifier(
            members,
            combined.stack,
            features=features,
            hyperparameters={"time_budget": round(seconds), "max_trials": most_trials},
            seed=run.seed,
        ),
        leaderboard=_leaderboard(trials, combined),
        out_of_fold=out_of_fold,
        fold=fold,
        figures=combined.figures,
        seconds=clock.elapsed,
        notes=(
            _summary(trials, clock),
            *trials.notes,
            *combined.notes,
        ),
    )


def _divide(
    labels: pd.Series[str], hosts: pd.Series[str], *, task: Task, seed: int
) -> NDArray[np.int64]:
    stars = hosts.groupby(labels.to_numpy()).nunique()
    fewest = min(int(stars.get(str(kind), 0)) for kind in task.classes)
    target = task.targets(labels)
    for folds in range(min(FOLDS, fewest), 1, -1):
        fold = star_folds(labels, hosts, task=task, folds=folds, seed=seed)
        if all(len(set(target[fold != place])) == len(task.classes) for place in range(folds)):
            return fold
    *others, last = (kind.replace("_", " ") for kind in task.classes)
    raise DataError(
        "An automatic search compares models on stars that they have not seen, so that it needs"
        f" rows of at least two host stars for each of {', '.join(others)} and {last}."
    )


def _leaderboard(trials: Trials, combined: Combined) -> tuple[Trial, ...]:
    finished = trials.finished
    for rank, trial in enumerate(finished, start=1):
        trial.rank = rank
    for trial, share in zip(combined.trials, combined.stack.shares, strict=True):
        trial.weight = share
    return (*finished, *(trial for trial in trials.tried if trial.rank is None))


def _too_slow(count: int) -> str:
    which, them = ("1 model", "it") if count == 1 else (f"{count} models", "them")
    return (
        f"{which} took no part in the ensemble: explaining every object by {them} would take too"
        " much of the time budget."
    )


_ENDINGS = {
    TrialState.FINISHED: "finished",
    TrialState.GIVEN_UP: "given up early",
    TrialState.STOPPED: "stopped because their time was over",
    TrialState.FAILED: "failed",
}


def _summary(trials: Trials, clock: Clock) -> str:
    states = Counter(trial.state for trial in trials.tried)
    counted = [f"{states[state]} {words}" for state, words in _ENDINGS.items() if states[state]]
    count = len(trials.tried)
    return (
        f"{count} {'trial' if count == 1 else 'trials'} in {clock.elapsed:.0f} of"
        f" {clock.seconds:.0f} seconds: {', '.join(counted)}."
    )
