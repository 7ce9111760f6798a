"""Training: from checked tables to a fitted, calibrated, tested and explained model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore.datasets.table import Table
from mlcore.evaluation.model_result import ModelResult
from mlcore.evaluation.tested_model import TestedModel
from mlcore.features.feature_sets import Inputs
from mlcore.model_selection.evaluation_setup import EvaluationSetup
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.model_selection.train_test import shared_stars
from mlcore.models.model_types import model_type as find_model_type
from mlcore.prediction.error_propagation import FEWEST_DRAWS
from mlcore.prediction.predict import predict_tables
from mlcore.progress import Progress, silent
from mlcore.run import RunContext
from mlcore.tasks import DISPOSITION, find_task
from mlcore.training.common_columns import on_common_columns
from mlcore.training.evaluate import first_report, whole_mission, with_evidence
from mlcore.training.learning import LEARNING, fit_model
from mlcore.training.setup import TrainingSetup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.evaluation.report import Report
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task
    from mlcore.training.fit import Fitted

__all__ = [
    "FirstAnswer",
    "first_answer",
    "train",
    "train_and_test",
]

_STAGES = {"Learning": sum(LEARNING.values()), "Predicting": 20, "Measuring": 10}
_LEARNT = _STAGES["Learning"] / sum(_STAGES.values())
_FIRST_ANSWER = 0.65
"""Share of the work that a first answer is."""


def train(  # noqa: PLR0913 - the library's face: each has a default and a name
    model_type: str,
    training: Table | Sequence[Table],
    testing: Table | Sequence[Table] | EvaluationSetup,
    *,
    task: Task | str = DISPOSITION,
    hyperparameters: Mapping[str, Any] | None = None,
    inputs: Inputs | None = None,
    seed: int = 0,
    evidence: bool = True,
    progress: ProgressCallback = silent,
) -> ModelResult:
    """Fit a model, calibrate it, test it and explain each of the testing rows.

    Parameters
    ----------
    model_type
        Name or alias of a model type in `mlcore.MODELS`.
    training
        Labelled rows to learn from, a table a mission; rows that the task does not tell apart
        are left out.
    testing
        Rows to predict, of the same missions, with or without labels; a `mlcore.EvaluationSetup`
        names protocols beside them.
    task
        What is told apart, or its name in `mlcore.TASKS`.
    hyperparameters
        Values by name; absent ones take their defaults.
    inputs
        Which columns the model sees; `FeatureSet.DEFAULT` by default.
    seed
        Seed of every random step: on one machine the same seed, tables and versions give the same
        bits.
    evidence
        Whether what deepens the first answer is measured too, which takes about as long again: the
        figures by kind of object, the split by row, permutation importance, more draws within the
        errors and further protocols.
    progress
        Called with the fraction of the work that is done and the current step.

    Returns
    -------
    ModelResult

    Raises
    ------
    HyperparameterError
        When the model type, the task or a hyperparameter is not allowed.
    DataError
        When the training table cannot be trained on.

    Examples
    --------
    >>> import mlcore
    >>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
    >>> training, testing = (part.take(range(300)) for part in mlcore.split(table))
    >>> result = mlcore.train(
    ...     "decision_tree",
    ...     training,
    ...     testing,
    ...     task="vetting",
    ...     inputs=mlcore.Inputs(feature_set=mlcore.FeatureSet.MEASURED),
    ... )
    >>> auc = result.report.measurement.figure("roc_auc")
    >>> auc.low < auc.value < auc.high
    True
    """
    setup = TrainingSetup(
        model_type=model_type,
        tables=_tables(training),
        task=find_task(task) if isinstance(task, str) else task,
        hyperparameters=hyperparameters or {},
        inputs=inputs or Inputs(),
    )
    if not isinstance(testing, EvaluationSetup):
        testing = EvaluationSetup(tables=_tables(testing))
    run = RunContext(seed=seed, progress=progress)
    if not evidence:
        return first_answer(setup, testing, run).result
    return train_and_test(setup, testing, run)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FirstAnswer:
    """What a user waits for, and what is needed to deepen it."""

    result: ModelResult
    tested: TestedModel
    fitted: Fitted
    """How the model came about, and how it is refitted."""
    noticed: tuple[str, ...]
    """What was noticed of rows, columns and hyperparameters, as sentences."""
    shared: tuple[str, ...]
    """Which stars are on both sides, as sentences."""

    def warnings(self, report: Report) -> tuple[str, ...]:
        """Return what the user should know of, with what a report says."""
        return (
            *(subset.warning for subset in report.subsets),
            *self.noticed,
            *(() if report.probes is None else report.probes.warnings),
            *self.shared,
        )


def train_and_test(setup: TrainingSetup, testing: EvaluationSetup, run: RunContext) -> ModelResult:
    """Do what `train` does, with all that can be said of it.

    Parameters
    ----------
    setup
        What is learnt, from which rows.
    testing
        Which rows are predicted and measured, and the protocols beside them.
    run
        Of a search the time budget, which is a hyperparameter, counts from when the run began.

    Returns
    -------
    ModelResult

    Raises
    ------
    HyperparameterError, DataError
        As `train`.
    """
    run = _within_its_budget(setup, run)
    share = _FIRST_ANSWER
    answering = run.reporting(lambda done, step: run.progress(share * done, step))
    first = first_answer(setup, testing, answering, draws=None)
    result, tested = first.result, first.tested
    deepened = with_evidence(
        result.report,
        tested,
        testing,
        whole=whole_mission(setup.tables[0], testing.tables[0]),
        recipe=first.fitted.recipe,
        refit=first.fitted.refit(run.budget, tested.model.inputs.mark),
        run=run.reporting(lambda done, step: run.progress(share + (1 - share) * done, step)),
    )
    return replace(result, report=deepened, warnings=first.warnings(deepened))


def first_answer(
    setup: TrainingSetup,
    testing: EvaluationSetup,
    run: RunContext,
    *,
    draws: int | None = FEWEST_DRAWS,
) -> FirstAnswer:
    """Train, predict and explain, and measure the figures; see `train_and_test`.

    Parameters
    ----------
    setup, testing
        As in `train_and_test`.
    run
        Its budget holds.
    draws
        How often values are drawn within their errors; None: as often as is of use.
    """
    run = _within_its_budget(setup, run)
    steps = Progress(_STAGES, run.progress)
    if setup.references is None:
        setup = replace(setup, references=_catalogues([*setup.tables, *testing.tables]))
    setup, fewer = on_common_columns(setup, testing.tables)
    learnt = fit_model(
        setup,
        predicted=tuple(map(len, testing.tables)),
        testing=testing,
        run=run.reporting(lambda done, step: run.progress(_LEARNT * done, step)),
    )
    model = learnt.model
    with steps.stage("Predicting") as report:
        predictions = predict_tables(
            model,
            testing.tables,
            references=setup.references or {},
            learned_from=learnt.parts,
            draws=draws,
            run=run.reporting(report.nested),
        )
    with steps.stage("Measuring") as report:
        measured = first_report(
            model,
            predictions,
            setup,
            testing,
            fitted=learnt.fitted,
            learned_from=learnt.rows,
            run=run.reporting(report.nested),
        )
    tested = TestedModel(
        model=model,
        rows=LabelledRows.of(testing.tables, predictions.features),
        probabilities=predictions.probabilities,
        measurement=measured.measurement,
        task=setup.task,
        split=measured.split,
        learned_from=learnt.rows,
        references=setup.references or {},
    )
    noticed = (
        *fewer,
        *learnt.warnings,
        *model.classifier.warnings,
        *(
            (f"This session {setup.inputs.mark}: its figures flatter it.",)
            if setup.inputs.mark
            else ()
        ),
    )
    shared = tuple(
        warning
        for part, table in zip(learnt.parts, testing.tables, strict=False)
        for warning in shared_stars(
            part.tables[0],
            table if table.labels is None else table.take(setup.task.decided(table.labels)),
        )
    )
    answer = FirstAnswer(
        result=ModelResult(model=model, predictions=predictions, report=measured, warnings=()),
        tested=tested,
        fitted=learnt.fitted,
        noticed=noticed,
        shared=shared,
    )
    return replace(
        answer, result=replace(answer.result, warnings=answer.warnings(answer.result.report))
    )


def _within_its_budget(setup: TrainingSetup, run: RunContext) -> RunContext:
    kind = find_model_type(setup.model_type)
    if not kind.searches:
        return run
    values, _ = kind.read_hyperparameters(setup.hyperparameters)
    return run.within(values["time_budget"])


def _tables(tables: Table | Sequence[Table]) -> Sequence[Table]:
    return [tables] if isinstance(tables, Table) else list(tables)


def _catalogues(tables: Sequence[Table]) -> dict[str, Table]:
    """Return all rows of each mission: what an object's neighbours are taken from."""
    whole: dict[str, Table] = {}
    for table in tables:
        name = table.dataset.name
        whole[name] = whole[name].with_rows_of(table) if name in whole else table
    return whole
