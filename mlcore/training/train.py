"""Training: from checked tables to a fitted, calibrated, tested and explained model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets.table import Table
from mlcore.evaluation.model_result import ModelResult
from mlcore.features.feature_sets import Inputs
from mlcore.model_selection.evaluation_setup import EvaluationSetup
from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import left_out, shared_stars
from mlcore.model_selection.training_rows import training_rows
from mlcore.models.model_types import model_type as find_model_type
from mlcore.models.novelty import fit_novelty
from mlcore.models.time_budget import check_time
from mlcore.models.trained_model import TrainedModel
from mlcore.prediction.predict import predict_tables
from mlcore.progress import Progress, silent
from mlcore.run import RunContext
from mlcore.tasks import DISPOSITION, check_asks, find_task
from mlcore.training.common_columns import on_common_columns
from mlcore.training.evaluate import evaluate
from mlcore.training.fit import fit_and_score_out_of_fold
from mlcore.training.setup import TrainingSetup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task
    from mlcore.training.fit import Fitted

__all__ = ["FittedModel", "fit_model", "train", "train_and_test"]

_LEARNING = {"Preparing the table": 2, "Fitting the model": 48}
_STAGES = {"Learning": sum(_LEARNING.values()), "Predicting": 25, "Measuring": 45}
_LEARNT = _STAGES["Learning"] / sum(_STAGES.values())


def train(
    model_type: str,
    training: Table | Sequence[Table],
    testing: Table | Sequence[Table] | EvaluationSetup,
    *,
    task: Task | str = DISPOSITION,
    hyperparameters: Mapping[str, Any] | None = None,
    inputs: Inputs | None = None,
    seed: int = 0,
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
    return train_and_test(setup, testing, RunContext(seed=seed, progress=progress))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FittedModel:
    """A model before it is tested, and what it learnt from."""

    model: TrainedModel
    fitted: Fitted
    """How it came about."""
    parts: list[LabelledRows]
    """The training rows, a part a mission."""
    rows: LabelledRows
    """The same as one, as far as the model learnt from them."""
    warnings: tuple[str, ...]
    """Which rows and hyperparameters were left out, as sentences."""


def fit_model(
    setup: TrainingSetup,
    *,
    predicted: Sequence[int] = (),
    testing: EvaluationSetup | None = None,
    run: RunContext,
) -> FittedModel:
    """Fit a model and learn from held-out stars how sure it may be.

    Parameters
    ----------
    setup
        What is learnt, from which rows, with the catalogues around them.
    predicted
        How many rows of each table will be predicted and explained.
    testing
        The protocols beside it; held-out scores are a test where cross-validation is among them.
    run
        Of a search the time budget counts from when the run began.

    Raises
    ------
    HyperparameterError, DataError
        As `train`.
    """
    for table in setup.tables:
        check_asks(setup.task, table.dataset)
    inputs, kind = setup.inputs, find_model_type(setup.model_type)
    values, ignored = kind.read_hyperparameters(setup.hyperparameters)
    steps = Progress(_LEARNING, run.progress)
    with steps.stage("Preparing the table"):
        may_learn = [
            np.ones(len(table), dtype=bool) if setup.chosen else inputs.may_learn_from(table)
            for table in setup.tables
        ]
        parts = [
            _learned_from(table.take(kept), setup)
            for table, kept in zip(setup.tables, may_learn, strict=True)
        ]
        rows = rows_to_learn_from(parts, inputs)
        protocols = testing.protocols if testing else ()
        older = testing.older if testing else None
        kind.check_cost(
            values,
            rows=len(rows),
            columns=len(rows.columns),
            predicted=sum(predicted),
            protocols=protocols,
            older=0 if older is None else len(older),
            others=tuple(map(len, testing.others if testing else ())),
        )
        check_time(kind, values, rows=sum(predicted))
    # A class that no row has can be neither learnt nor calibrated; the figures still ask for it.
    told_apart = setup.task.among(rows.labels)
    with steps.stage("Fitting the model") as report:
        fitted = fit_and_score_out_of_fold(
            kind,
            values,
            rows,
            task=told_apart,
            inputs=inputs,
            cross_validated=Protocol.CROSS_VALIDATED in protocols,
            predicted=sum(predicted),
            run=run.reporting(report.nested),
        )
    model = TrainedModel(
        classifier=fitted.classifier,
        missions=tuple(dict.fromkeys(rows.missions)),
        inputs=inputs,
        conformal=fitted.out_of_fold.conformal,
        novelty=fit_novelty(rows.features, rows.columns),
        stars=frozenset(rows.hosts),
        frequencies=tuple(float((rows.labels == str(kind)).mean()) for kind in told_apart.classes),
        train_rows=len(rows),
    )
    return FittedModel(
        model=model,
        fitted=fitted,
        parts=parts,
        rows=rows,
        warnings=(
            *ignored,
            *(
                warning
                for table, kept in zip(setup.tables, may_learn, strict=True)
                for warning in left_out(table, kept, "training")
            ),
        ),
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
    steps = Progress(_STAGES, run.progress)
    task = setup.task
    kind = find_model_type(setup.model_type)
    if kind.searches:
        values, _ = kind.read_hyperparameters(setup.hyperparameters)
        run = run.within(values["time_budget"])
    if setup.references is None:
        setup = replace(setup, references=_catalogues([*setup.tables, *testing.tables]))
    setup, fewer = on_common_columns(setup, testing.tables)
    inputs = setup.inputs
    learnt = fit_model(
        setup,
        predicted=tuple(map(len, testing.tables)),
        testing=testing,
        run=run.reporting(lambda done, step: run.progress(_LEARNT * done, step)),
    )
    model, parts = learnt.model, learnt.parts
    with steps.stage("Predicting") as report:
        predictions = predict_tables(
            model,
            testing.tables,
            references=setup.references or {},
            learned_from=parts,
            run=run.reporting(report.nested),
        )
    with steps.stage("Measuring") as report:
        tested = evaluate(
            model,
            predictions,
            setup,
            testing,
            fitted=learnt.fitted,
            learned_from=learnt.rows,
            run=run.reporting(report.nested),
        )
    return ModelResult(
        model=model,
        predictions=predictions,
        report=tested,
        warnings=(
            *(subset.warning for subset in tested.subsets),
            *fewer,
            *learnt.warnings,
            *model.classifier.warnings,
            *((f"This session {inputs.mark}: its figures flatter it.",) if inputs.mark else ()),
            *(() if tested.probes is None else tested.probes.warnings),
            *(
                warning
                for part, table in zip(parts, testing.tables, strict=False)
                for warning in shared_stars(
                    part.tables[0],
                    table if table.labels is None else table.take(task.decided(table.labels)),
                )
            ),
        ),
    )


def _tables(tables: Table | Sequence[Table]) -> Sequence[Table]:
    return [tables] if isinstance(tables, Table) else list(tables)


def _learned_from(table: Table, setup: TrainingSetup) -> LabelledRows:
    rows = training_rows(table, setup.task)
    reference = (setup.references or {}).get(table.dataset.name)
    return LabelledRows.of([rows], setup.inputs.matrix(rows, reference=reference))


def _catalogues(tables: Sequence[Table]) -> dict[str, Table]:
    """Return all rows of each mission: what an object's neighbours are taken from."""
    whole: dict[str, Table] = {}
    for table in tables:
        name = table.dataset.name
        whole[name] = whole[name].with_rows_of(table) if name in whole else table
    return whole
