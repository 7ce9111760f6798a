"""Fitting: one model with its calibration, or a search for the best ones within a time budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mlcore.automl.explaining import Explaining
from mlcore.automl.search import CANDIDATES, search
from mlcore.calibration.calibrate import keeping
from mlcore.calibration.conformal import calibrate_conformal
from mlcore.errors import DataError
from mlcore.evaluation.probes import Refit
from mlcore.models.classifier import fit_classifier
from mlcore.models.model_types import MODELS
from mlcore.models.refit import EnsembleRecipe, Recipe
from mlcore.models.spec import Explainer
from mlcore.models.time_budget import seconds_after_search
from mlcore.models.workload import affordable_folds, may_repeat
from mlcore.parallel import run_all
from mlcore.run import WITHOUT_END
from mlcore.training.out_of_fold import (
    OutOfFold,
    folded_fits,
    learnt_out_of_fold,
    not_calibrated,
    out_of_fold_scores,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlcore.calibration.calibrator import Calibration
    from mlcore.features.feature_sets import Inputs
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.classifier import Classifier
    from mlcore.models.spec import ModelType
    from mlcore.progress import ProgressCallback
    from mlcore.run import RunContext, TimeBudget
    from mlcore.tasks import Task

__all__ = [
    "SEARCHED",
    "Fitted",
    "fit_and_score_out_of_fold",
    "recipe_of",
    "refit_under_row_split",
]

_LEAST = 1.0
"""Seconds that a search gets in any case."""
_EXPLAINING = 0.4
"""Share of the time kept for what follows a search that explaining the objects may take."""
SEARCHED = tuple(name for name in CANDIDATES if MODELS[name].explainer is not Explainer.KERNEL)
"""A member that takes seconds for each look at the test rows would overrun every budget."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """A calibrated classifier and how it came about."""

    classifier: Classifier
    out_of_fold: OutOfFold
    recipe: Recipe
    """How it is refitted."""
    seconds: float
    """Estimate of one fit [s]."""
    search: dict[str, Any] | None = None
    """What a search tried."""

    def refit(self, budget: TimeBudget, mark: str | None) -> Refit:
        """Return what fits it under a split by row; see `refit_under_row_split`."""
        calibration = self.out_of_fold.calibration
        return refit_under_row_split(
            self.recipe, calibration, seconds=self.seconds, budget=budget, mark=mark
        )


def refit_under_row_split(
    recipe: Recipe,
    calibration: Calibration | None,
    *,
    seconds: float,
    budget: TimeBudget = WITHOUT_END,
    mark: str | None,
) -> Refit:
    """Return what fits a model on other rows for a comparison alone; its calibration stays.

    Parameters
    ----------
    recipe
        How it is fitted.
    calibration
        What was learnt of its probabilities.
    seconds
        Estimate of one fit [s].
    budget
        It is not begun where it would take too long.
    mark
        What must stand beside every figure of the model.
    """
    if not may_repeat(seconds):
        return Refit(refusal="One fit takes so long that it was not repeated under a split by row.")
    if not budget.allows(seconds):
        return Refit(
            refusal="The time budget left no time to fit the ensemble once more under a split"
            " by row."
        )
    fit = recipe.fit
    # An ensemble is calibrated by the weights that it keeps, and a model of few stars not at all.
    return Refit(
        mark=mark,
        fit=fit if calibration is None else keeping(calibration, fit, task=recipe.task),
    )


def recipe_of(
    classifier: Classifier, task: Task, *, search: Mapping[str, Any] | None, rows: int
) -> tuple[Recipe, float]:
    """Return how a saved model is fitted anew, and the estimate of one fit [s].

    Parameters
    ----------
    classifier
        The saved model.
    task
        What is told apart.
    search
        What a search tried, as `mlcore.automl.leaderboard.SearchResult.as_json` returned it; None
        where nothing was searched.
    rows
        How many it was trained on.
    """
    kind, values = classifier.model_type, classifier.hyperparameters
    if search is None:
        return Recipe(kind, values, task), kind.seconds(values, rows, len(classifier.columns))
    seconds = _seconds_of_ensemble(
        (trial["seconds"] for trial in search["trials"] if trial["weight"] > 0), search["folds"]
    )
    return EnsembleRecipe(classifier, task, seconds_a_row=seconds / rows), seconds


def _seconds_of_ensemble(trials: Iterable[float], folds: int) -> float:
    # A trial fits its model once for each fold and once for all rows.
    return sum(trials) / (folds + 1)


def fit_and_score_out_of_fold(
    kind: ModelType,
    values: Mapping[str, Any],
    rows: LabelledRows,
    *,
    task: Task,
    inputs: Inputs,
    cross_validated: bool = False,
    predicted: int = 0,
    run: RunContext,
) -> Fitted:
    """Fit a model and learn from held-out stars how sure it may be.

    Parameters
    ----------
    kind, values
        What to fit, and what `ModelType.read_hyperparameters` returned for it.
    rows
        The training rows.
    task
        What is told apart; each of its classes occurs.
    inputs
        Which columns the model sees.
    cross_validated
        Whether the held-out scores were asked for as a test.
    predicted
        How many rows will be predicted and explained.
    run
        A search has to leave the time that what follows it takes.
    """
    if kind.searches:
        return _searched(values, rows, task=task, inputs=inputs, predicted=predicted, run=run)
    recipe = Recipe(kind, values, task)
    estimate = kind.seconds(values, len(rows), len(rows.columns))
    # Another process needs no catalogue to fit.
    bare = replace(rows, tables=())
    calls: list[Callable[[ProgressCallback], Any]] = [
        partial(_fitted, kind, values, bare, task, run.seed)
    ]
    steps, refusal, folded = ["Fitting the model"], None, None
    try:
        folded = folded_fits(
            recipe.fit,
            rows,
            task=task,
            folds=affordable_folds(estimate, rows=len(rows), cross_validated=cross_validated),
            run=run,
        )
    except DataError as error:
        refusal = error
    if folded is not None:
        calls += folded.calls
        steps += folded.steps
    classifier, *scored = run_all(calls, steps, cores=run.cores, progress=run.progress)
    if folded is None:
        out_of_fold = OutOfFold() if refusal is None else not_calibrated(refusal)
    else:
        out_of_fold = learnt_out_of_fold(
            scored, folded.fold, rows, task=task, inputs=inputs, seed=run.seed
        )
    return Fitted(
        classifier=replace(classifier, calibration=out_of_fold.calibration),
        out_of_fold=out_of_fold,
        recipe=recipe,
        seconds=estimate,
    )


def _fitted(
    kind: ModelType,
    values: Mapping[str, Any],
    rows: LabelledRows,
    task: Task,
    seed: int,
    progress: ProgressCallback,
) -> Classifier:
    return fit_classifier(kind, values, rows, seed=seed, task=task, progress=progress)


def _searched(
    values: Mapping[str, Any],
    rows: LabelledRows,
    *,
    task: Task,
    inputs: Inputs,
    predicted: int,
    run: RunContext,
) -> Fitted:
    kept = seconds_after_search(values["time_budget"], predicted)
    searched = search(
        rows,
        task=task,
        # Late or not, it returns something.
        seconds=max(min(run.budget.left, values["time_budget"]) - kept, _LEAST),
        most_trials=values["max_trials"],
        candidates=SEARCHED,
        explaining=Explaining(rows=predicted, seconds=_EXPLAINING * kept),
        mark=inputs.mark,
        run=run.reporting(lambda done, step: run.progress(done, f"Searching: {step}")),
    )
    # Calibrated by how it was learnt: its score is a logistic regression on held-out scores.
    scores = searched.out_of_fold
    seconds = _seconds_of_ensemble(
        (trial.seconds for trial in searched.leaderboard if trial.weight > 0),
        int(searched.fold.max()) + 1,
    )
    return Fitted(
        # As the user asked: the search itself was given a share of the budget.
        classifier=replace(searched.classifier, hyperparameters=dict(values)),
        out_of_fold=OutOfFold(
            conformal=calibrate_conformal(scores, rows.labels, task=task),
            measure=partial(
                out_of_fold_scores,
                rows,
                scores,
                searched.fold,
                task=task,
                inputs=inputs,
                seed=run.seed,
            ),
        ),
        recipe=EnsembleRecipe(searched.classifier, task, seconds_a_row=seconds / len(rows)),
        seconds=seconds,
        search=searched.as_json(),
    )
