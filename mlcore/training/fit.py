"""Fitting: one model with its calibration, or a search for the best ones within a time budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore.automl.explaining import Explaining
from mlcore.automl.search import CANDIDATES, search
from mlcore.calibration.calibrate import keeping
from mlcore.calibration.conformal import calibrate_conformal
from mlcore.evaluation.probes import Refit
from mlcore.models.classifier import fit_classifier
from mlcore.models.model_types import MODELS
from mlcore.models.refit import EnsembleRecipe, Recipe
from mlcore.models.spec import Explainer
from mlcore.models.time_budget import seconds_after_search
from mlcore.models.workload import affordable_folds, may_repeat
from mlcore.progress import Progress
from mlcore.training.out_of_fold import OutOfFold, out_of_fold_scores, score_out_of_fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.features.feature_sets import Inputs
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.classifier import Classifier
    from mlcore.models.spec import ModelType
    from mlcore.run import RunContext, TimeBudget
    from mlcore.tasks import Task

__all__ = ["SEARCHED", "Fitted", "fit_and_score_out_of_fold"]

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
        """Return what fits it on other rows for a comparison alone; its calibration stays.

        Parameters
        ----------
        budget
            It is not begun where it would take too long.
        mark
            What must stand beside every figure of the model.
        """
        if not may_repeat(self.seconds):
            return Refit(
                refusal="One fit takes so long that it was not repeated under a split by row."
            )
        if not budget.allows(self.seconds):
            return Refit(
                refusal="The time budget left no time to fit the ensemble once more under a split"
                " by row."
            )
        fit, calibration = self.recipe.fit, self.out_of_fold.calibration
        # An ensemble is calibrated by the weights that it keeps, and a model of few stars not at
        # all.
        return Refit(
            mark=mark,
            fit=fit if calibration is None else keeping(calibration, fit, task=self.recipe.task),
        )


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
    steps = Progress({"Fitting the model": 18, "Calibrating on held-out stars": 30}, run.progress)
    recipe = Recipe(kind, values, task)
    with steps.stage("Fitting the model") as report:
        classifier = fit_classifier(kind, values, rows, seed=run.seed, task=task, progress=report)
    estimate = kind.seconds(values, len(rows), len(rows.columns))
    with steps.stage("Calibrating on held-out stars") as report:
        out_of_fold = score_out_of_fold(
            recipe.fit,
            rows,
            task=task,
            inputs=inputs,
            folds=affordable_folds(estimate, cross_validated=cross_validated),
            run=run.reporting(report),
        )
    return Fitted(
        classifier=replace(classifier, calibration=out_of_fold.calibration),
        out_of_fold=out_of_fold,
        recipe=recipe,
        seconds=estimate,
    )


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
    # A trial fits its model once for each fold and once for all rows.
    fits = int(searched.fold.max()) + 2
    seconds = sum(trial.seconds for trial in searched.leaderboard if trial.weight > 0) / fits
    return Fitted(
        # As the user asked: the search itself was given a share of the budget.
        classifier=replace(searched.classifier, hyperparameters=dict(values)),
        out_of_fold=OutOfFold(
            conformal=calibrate_conformal(scores, rows.labels, task=task),
            result=out_of_fold_scores(
                rows, scores, searched.fold, task=task, inputs=inputs, seed=run.seed
            ),
        ),
        recipe=EnsembleRecipe(searched.classifier, task, seconds_a_row=seconds / len(rows)),
        seconds=seconds,
        search=searched.as_json(),
    )
