"""From labelled tables to a fitted, calibrated model, before anything is tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import left_out
from mlcore.model_selection.training_rows import training_rows
from mlcore.models.model_types import model_type as find_model_type
from mlcore.models.novelty import fit_novelty
from mlcore.models.time_budget import check_time
from mlcore.models.trained_model import TrainedModel
from mlcore.progress import Progress
from mlcore.tasks import check_asks
from mlcore.training.fit import fit_and_score_out_of_fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.table import Table
    from mlcore.model_selection.evaluation_setup import EvaluationSetup
    from mlcore.run import RunContext
    from mlcore.tasks import Task
    from mlcore.training.fit import Fitted
    from mlcore.training.setup import TrainingSetup

__all__ = ["LEARNING", "FittedModel", "LearningRows", "fit_model", "rows_of"]

LEARNING = {"Preparing the table": 2, "Fitting the model": 48}
"""The stages of `fit_model` with their weights."""


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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LearningRows:
    """What a model learns from, ready to be fitted on."""

    parts: list[LabelledRows]
    """The training rows, a part a mission."""
    rows: LabelledRows
    """The same as one, on the columns of which a row has a value."""
    told_apart: Task
    """The task among the classes that occur."""
    warnings: tuple[str, ...]
    """Which rows were left out, as sentences."""


def rows_of(setup: TrainingSetup, run: RunContext) -> LearningRows:
    """Return the rows that a model learns from, with what it sees of them.

    Parameters
    ----------
    setup
        What is learnt, from which rows, with the catalogues around them.
    run
        Where what it sees may be kept.
    """
    may_learn = [
        np.ones(len(table), dtype=bool) if setup.chosen else setup.inputs.may_learn_from(table)
        for table in setup.tables
    ]
    parts = [
        _learned_from(table.take(kept), setup, run)
        for table, kept in zip(setup.tables, may_learn, strict=True)
    ]
    rows = rows_to_learn_from(parts, setup.inputs)
    return LearningRows(
        parts=parts,
        rows=rows,
        # A class that no row has can be neither learnt nor calibrated; the figures still ask for
        # it.
        told_apart=setup.task.among(rows.labels),
        warnings=tuple(
            warning
            for table, kept in zip(setup.tables, may_learn, strict=True)
            for warning in left_out(table, kept, "training")
        ),
    )


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
    steps = Progress(LEARNING, run.progress)
    with steps.stage("Preparing the table"):
        learning = rows_of(setup, run)
        parts, rows, told_apart = learning.parts, learning.rows, learning.told_apart
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
        warnings=(*ignored, *learning.warnings),
    )


def _learned_from(table: Table, setup: TrainingSetup, run: RunContext) -> LabelledRows:
    rows = training_rows(table, setup.task)
    reference = (setup.references or {}).get(table.dataset.name)
    matrix = setup.inputs.matrix(rows, reference=reference, computed=run.computed)
    return LabelledRows.of([rows], matrix)
