"""Training: from checked tables to a fitted, calibrated, tested and explained model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from typing import Protocol as TypingProtocol

from mlcore.datasets.table import Table
from mlcore.evaluation.measured_rows import MeasuredRows
from mlcore.evaluation.model_result import ModelResult
from mlcore.evaluation.tested_model import TestedModel
from mlcore.features.feature_sets import Inputs
from mlcore.model_selection.evaluation_setup import EvaluationSetup
from mlcore.model_selection.train_test import shared_stars
from mlcore.models.model_types import model_type as find_model_type
from mlcore.parallel import beside
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
    from collections.abc import Callable, Mapping, Sequence

    from mlcore.evaluation.report import Report
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predictions import Predictions
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task
    from mlcore.training.learning import FittedModel

__all__ = ["Answer", "train", "train_and_say", "train_and_test"]

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
    return train_and_test(setup, testing, run, evidence=evidence)


class Said(TypingProtocol):
    """What a fitted model says of the rows that it is tested on."""

    @property
    def measured(self) -> MeasuredRows:
        """The rows that the figures are about."""


SaidT = TypeVar("SaidT", bound=Said)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Answer(Generic[SaidT]):
    """A model, what it says of its tested rows, and what is known of it there."""

    model: TrainedModel
    said: SaidT
    report: Report
    warnings: tuple[str, ...]
    """What the user should know of, as sentences."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Explained:
    """What a model says of rows of which each is explained."""

    predictions: Predictions
    measured: MeasuredRows


def train_and_test(
    setup: TrainingSetup, testing: EvaluationSetup, run: RunContext, *, evidence: bool = True
) -> ModelResult:
    """Do what `train` does.

    Parameters
    ----------
    setup
        What is learnt, from which rows.
    testing
        Which rows are predicted and measured, and the protocols beside them.
    run
        Of a search the time budget, which is a hyperparameter, counts from when the run began.
    evidence
        Whether what deepens the first answer is measured too.

    Returns
    -------
    ModelResult

    Raises
    ------
    HyperparameterError, DataError
        As `train`.
    """
    references = setup.references
    if references is None:
        references = _catalogues([*setup.tables, *testing.tables])

    def explain(learnt: FittedModel, run: RunContext) -> Explained:
        predictions = predict_tables(
            learnt.model,
            testing.tables,
            references=references,
            learned_from=learnt.parts,
            draws=None if evidence else FEWEST_DRAWS,
            run=run,
        )
        seen = MeasuredRows.all_of(testing.tables, predictions, words=testing.words)
        return Explained(predictions=predictions, measured=seen)

    setup = replace(setup, references=references)
    answer = train_and_say(setup, testing, explain, run, evidence=evidence)
    return ModelResult(
        model=answer.model,
        predictions=answer.said.predictions,
        report=answer.report,
        warnings=answer.warnings,
    )


def train_and_say(
    setup: TrainingSetup,
    testing: EvaluationSetup,
    say: Callable[[FittedModel, RunContext], SaidT],
    run: RunContext,
    *,
    evidence: bool,
) -> Answer[SaidT]:
    """Fit a model, let it say what is asked of the testing rows, and test it on them.

    Parameters
    ----------
    setup
        What is learnt, from which rows, with the catalogues around them.
    testing, run, evidence
        As in `train_and_test`.
    say
        Predicts the testing rows.

    Raises
    ------
    HyperparameterError, DataError
        As `train`.
    """
    run, share = _within_its_budget(setup, run), _FIRST_ANSWER if evidence else 1.0
    answering = run.reporting(lambda done, step: run.progress(share * done, step))
    steps = Progress(_STAGES, answering.progress)
    setup, fewer = on_common_columns(setup, testing.tables)
    learnt = fit_model(
        setup,
        predicted=tuple(map(len, testing.tables)),
        testing=testing,
        run=answering.reporting(lambda done, step: answering.progress(_LEARNT * done, step)),
    )
    model = learnt.model
    with beside(learnt.fitted.out_of_fold.measure, cores=run.cores) as measured_out_of_fold:
        with steps.stage("Predicting") as report:
            said = say(learnt, run.reporting(report.nested))
        seen = said.measured
        with steps.stage("Measuring") as report:
            measured = first_report(
                model,
                seen,
                setup,
                testing,
                fitted=learnt.fitted,
                measured_out_of_fold=measured_out_of_fold,
                learned_from=learnt.rows,
                run=run.reporting(report.nested),
            )
    if evidence:
        measured = with_evidence(
            measured,
            TestedModel(
                model=model,
                rows=seen.rows,
                probabilities=seen.probabilities,
                measurement=measured.measurement,
                task=setup.task,
                split=measured.split,
                learned_from=learnt.rows,
                references=setup.references or {},
            ),
            testing,
            whole=whole_mission(setup.tables[0], testing.tables[0]),
            recipe=learnt.fitted.recipe,
            refit=learnt.fitted.refit(run.budget, model.inputs.mark),
            run=run.reporting(lambda done, step: run.progress(share + (1 - share) * done, step)),
        )
    warnings = (
        *(subset.warning for subset in measured.subsets),
        *fewer,
        *learnt.warnings,
        *model.classifier.warnings,
        *_flattered(setup),
        *(measured.probes.warnings if measured.probes else ()),
        *_shared(learnt, setup, testing),
    )
    return Answer(model=model, said=said, report=measured, warnings=warnings)


def _flattered(setup: TrainingSetup) -> tuple[str, ...]:
    mark = setup.inputs.mark
    return (f"This session {mark}: its figures flatter it.",) if mark else ()


def _shared(learnt: FittedModel, setup: TrainingSetup, testing: EvaluationSetup) -> tuple[str, ...]:
    """Return which stars are on both sides, as sentences."""
    return tuple(
        warning
        for part, table in zip(learnt.parts, testing.tables, strict=False)
        for warning in shared_stars(
            part.tables[0],
            table if table.labels is None else table.take(setup.task.decided(table.labels)),
        )
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
