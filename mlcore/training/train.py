"""Training: from checked tables to a fitted, calibrated, tested and explained model."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets.table import Table
from mlcore.evaluation.report import Report
from mlcore.evaluation.scored_rows import ScoredRows
from mlcore.evaluation.summary import sentences_of
from mlcore.features.feature_sets import Inputs
from mlcore.inspection.needed_columns import needed_columns
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import UPLOADED_TEST, left_out, shared_stars
from mlcore.model_selection.training_rows import TrainingRows, training_rows
from mlcore.models.catalogue import model_type as find_model_type
from mlcore.models.novelty import fit_novelty
from mlcore.models.time_budget import WITHOUT_END, TimeBudget, check_time
from mlcore.models.trained_model import TrainedModel
from mlcore.prediction.predict import predict_tables
from mlcore.progress import Progress, silent
from mlcore.tasks import DISPOSITION, find_task
from mlcore.training.evaluate import FurtherTables, evaluate
from mlcore.training.fit import fit_and_score_out_of_fold
from mlcore.training.sample import sample_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from mlcore.inspection.needed_columns import NeededColumns
    from mlcore.prediction.predict import Predictions
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = ["TrainingResult", "needed_by", "train"]


_STAGES = {
    "Preparing the table": 2,
    "Fitting the model": 48,
    "Predicting": 25,
    "Measuring": 45,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingResult:
    """What a training run found."""

    model: TrainedModel
    predictions: Predictions
    report: Report
    warnings: tuple[str, ...]
    """What the user should know of, as sentences."""

    def __str__(self) -> str:
        return "\n".join(dict.fromkeys((*sentences_of(self.report), *self.warnings)))


def train(
    model_type: str,
    training: Table | Sequence[Table],
    testing: Table | Sequence[Table],
    *,
    task: Task | str = DISPOSITION,
    hyperparameters: Mapping[str, Any] | None = None,
    inputs: Inputs | None = None,
    references: Mapping[str, Table] | None = None,
    protocols: Collection[Protocol] = (),
    older: Table | None = None,
    others: Sequence[Table] = (),
    seed: int = 0,
    tested_on: str = UPLOADED_TEST,
    tested_by: Protocol = Protocol.OWN_ROWS,
    chosen: bool = False,
    began: float | None = None,
    scratch: Path | None = None,
    progress: ProgressCallback = silent,
) -> TrainingResult:
    """Fit a model, calibrate it, test it and explain each of the testing rows.

    Parameters
    ----------
    model_type
        Name or alias of a model type in `mlcore.MODELS`.
    training
        Labelled rows to learn from, a table a mission; rows that the task does not tell apart
        are left out.
    testing
        Rows to predict, of the same missions, with or without labels.
    task
        What is told apart, or its name in `mlcore.TASKS`.
    hyperparameters
        Values by name; absent ones take their defaults.
    inputs
        Which columns the model sees; `FeatureSet.DEFAULT` by default.
    references
        The whole catalogue of each mission, whose objects are the neighbours of the rows; by
        default the training and testing rows together. No label of it is read.
    protocols
        Ways of testing beside the testing rows. Folds by star are made anyway, to calibrate; when
        cross-validation is asked for they are five.
    older
        An older table of the mission, for the time-forward protocol.
    others
        Tables of other missions, for leaving one mission out.
    seed
        Seed of every random step: on one machine the same seed, tables and versions give the same
        bits.
    tested_on
        What the testing rows are, in words.
    tested_by
        The name of testing on them.
    chosen
        Whether the training rows were chosen before, by what their source says of them, so that
        none is left out; see `Inputs.may_learn_from`.
    began
        When a time budget began to run out, as `time.monotonic` tells it [s]; now by default.
    scratch
        Folder for what a search needs meanwhile; the system's temporary one by default.
    progress
        Called with the fraction of the work that is done and the current step.

    Returns
    -------
    TrainingResult

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
    steps = Progress(_STAGES, progress)
    inputs = Inputs() if inputs is None else inputs
    task = find_task(task) if isinstance(task, str) else task
    kind = find_model_type(model_type)
    values, ignored = kind.read_hyperparameters(hyperparameters or {})
    budget = WITHOUT_END
    if kind.searches:
        begun = time.monotonic() if began is None else began
        budget = TimeBudget(until=begun + values["time_budget"])
    trained = [training] if isinstance(training, Table) else list(training)
    tested = [testing] if isinstance(testing, Table) else list(testing)
    with steps.stage("Preparing the table"):
        around = _catalogues(trained, tested) if references is None else references
        may_learn = [
            np.ones(len(table), dtype=bool) if chosen else inputs.may_learn_from(table)
            for table in trained
        ]
        parts = [
            _learned_from(table.take(rows), task, inputs, around)
            for table, rows in zip(trained, may_learn, strict=True)
        ]
        sample = sample_of(parts, inputs)
        kind.check_cost(
            values,
            rows=len(sample),
            columns=len(sample.columns),
            asked=sum(len(table) for table in tested),
            protocols=protocols,
            older=0 if older is None else len(older),
            others=tuple(len(table) for table in others),
        )
        check_time(kind, values, rows=sum(map(len, tested)))
    # A class that no row has can be neither learnt nor calibrated; the figures still ask for it.
    told_apart = task.among(sample.labels)
    with steps.stage("Fitting the model") as report:
        fitted = fit_and_score_out_of_fold(
            kind,
            values,
            sample,
            task=told_apart,
            inputs=inputs,
            cross_validated=Protocol.CROSS_VALIDATED in protocols,
            predicted=sum(map(len, tested)),
            budget=budget,
            seed=seed,
            scratch=scratch,
            progress=report.nested,
        )
    model = TrainedModel(
        classifier=fitted.classifier,
        missions=tuple(dict.fromkeys(sample.missions)),
        inputs=inputs,
        conformal=fitted.out_of_fold.conformal,
        novelty=fit_novelty(sample.features, sample.columns),
        stars=frozenset(sample.hosts),
        frequencies=tuple(
            float((sample.labels == str(each)).mean()) for each in told_apart.classes
        ),
        train_rows=len(sample),
    )
    with steps.stage("Predicting") as report:
        predictions = predict_tables(
            model,
            tested,
            references=around,
            learned_from=sample.parts,
            budget=budget,
            seed=seed,
            progress=report.nested,
        )
    rows = ScoredRows.of(model, tested, predictions)
    words = inputs.marked(tested_on)
    with steps.stage("Measuring") as report:
        evaluation = evaluate(
            model,
            rows,
            predictions.explanation,
            task=task,
            fitted=fitted,
            sample=sample,
            further=FurtherTables(
                whole=_whole(trained[0], tested[0]), older=older, others=tuple(others)
            ),
            protocols=protocols,
            split=words,
            references=around,
            budget=budget,
            seed=seed,
            progress=report.nested,
        )
    out_of_fold = fitted.out_of_fold
    searched = [] if fitted.search is None else fitted.search["notes"]
    return TrainingResult(
        model=model,
        predictions=predictions,
        report=Report(
            task=task,
            protocol=tested_by,
            split=words,
            mark=inputs.mark,
            tested=evaluation.tested,
            feature_importance=evaluation.feature_importance,
            columns=needed_by(model, tested[0]),
            calibration=out_of_fold.calibration,
            probes=evaluation.probes,
            protocols=(
                *([out_of_fold.result] if out_of_fold.result else ()),
                *evaluation.protocols,
            ),
            search=fitted.search,
            notes=(*out_of_fold.notes, *searched, *evaluation.notes),
        ),
        warnings=(
            *ignored,
            *(
                each
                for table, rows in zip(trained, may_learn, strict=True)
                for each in left_out(table, rows, "training")
            ),
            *model.classifier.warnings,
            *((f"This session {inputs.mark}: its figures flatter it.",) if inputs.mark else ()),
            *(() if evaluation.probes is None else evaluation.probes.warnings),
            *(
                each
                for learned, asked in zip(parts, tested, strict=False)
                for each in shared_stars(learned.table, _measured_rows(asked, task))
            ),
        ),
    )


def needed_by(model: TrainedModel, table: Table) -> NeededColumns:
    """Compare the columns that a model needs with those of a table."""
    return needed_columns(
        model.classifier,
        table.dataset,
        table.given_columns,
        computed_from=model.inputs.computed_from(table.dataset),
    )


def _learned_from(
    table: Table, task: Task, inputs: Inputs, around: Mapping[str, Table]
) -> TrainingRows:
    rows = training_rows(table, task)
    reference = around.get(table.dataset.name)
    return TrainingRows(table=rows, features=inputs.matrix(rows, reference=reference))


def _catalogues(trained: Sequence[Table], tested: Sequence[Table]) -> dict[str, Table]:
    """Return all rows of each mission: what an object's neighbours are taken from."""
    found: dict[str, Table] = {}
    for table in (*trained, *tested):
        name = table.dataset.name
        found[name] = found[name].with_rows_of(table) if name in found else table
    return found


def _whole(training: Table, testing: Table) -> Table:
    """Return the rows of both tables, an object that is in both once."""
    if testing.labels is None:
        return training
    if not any(name in testing.frame for name in testing.dataset.object_name):
        # Without names nothing tells whether an object is in both.
        return training.with_rows_of(testing)
    new = ~testing.names.isin(training.names).to_numpy(dtype=bool)
    return training.with_rows_of(testing.take(new))


def _measured_rows(table: Table, task: Task) -> Table:
    return table if table.labels is None else table.take(task.decided(table.labels))
