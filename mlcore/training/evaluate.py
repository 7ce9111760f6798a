"""What is asked of a model that was just trained: how good it is, on what, and by what shortcut."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.evaluation.feature_importance import measure_importance
from mlcore.evaluation.probes import run_probes
from mlcore.evaluation.report import Report, measure_rows
from mlcore.evaluation.run_protocols import run_protocols
from mlcore.evaluation.subsets import measure_subsets
from mlcore.inspection.needed_columns import needed_columns
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.progress import Progress
from mlcore.run import WITHOUT_END

if TYPE_CHECKING:
    from mlcore.datasets.table import Table
    from mlcore.evaluation.probes import ProbeReport
    from mlcore.evaluation.protocols import ProtocolResult
    from mlcore.inspection.needed_columns import NeededColumns
    from mlcore.model_selection.evaluation_setup import EvaluationSetup
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predict import Predictions
    from mlcore.run import RunContext
    from mlcore.training.fit import Fitted
    from mlcore.training.setup import TrainingSetup

__all__ = ["evaluate", "needed_by"]

_STAGES = {
    "Measuring": 8,
    "Asking what the model rests on": 7,
    "Probing for shortcuts": 10,
    "Testing in other ways": 20,
}
_PROBING = 5e-4
"""Seconds that the probes take for each training row, without the split by row; measured."""


def evaluate(
    model: TrainedModel,
    predictions: Predictions,
    setup: TrainingSetup,
    testing: EvaluationSetup,
    *,
    fitted: Fitted,
    learned_from: LabelledRows,
    run: RunContext,
) -> Report:
    """Test a model in every way that there is time for.

    Parameters
    ----------
    model
        The fitted model.
    predictions
        What it says of the tested rows.
    setup
        What it was trained for, and the catalogues around the rows.
    testing
        Which rows were tested, and the protocols beside them.
    fitted
        How the model came about, and how it is refitted.
    learned_from
        The training rows, as far as the model learnt from them.
    run
        Nothing but measuring is begun where it would take too long.
    """
    steps = Progress(_STAGES, run.progress)
    budget, split = run.budget, model.inputs.marked(testing.words)
    out_of_fold = fitted.out_of_fold
    notes = [*out_of_fold.notes, *(fitted.search["notes"] if fitted.search else ())]
    rows = LabelledRows.of(testing.tables, predictions.features)
    with steps.stage("Measuring") as report:
        tested = measure_rows(
            rows,
            predictions.probabilities,
            task=setup.task,
            split=split,
            references=setup.references or {},
            run=run.reporting(report),
        )
        subsets = measure_subsets(
            rows,
            predictions.probabilities,
            learned_from.tables,
            learned_classes=model.task.classes,
            task=setup.task,
            split=split,
            seed=run.seed,
        )
    with steps.stage("Asking what the model rests on") as report:
        permuted = rows
        if budget is not WITHOUT_END and not budget.allows(_seconds_of_permutations(model, rows)):
            # Without labels nothing is permuted; what the explanations say is told all the same.
            permuted = replace(rows, labels=rows.labels.where(rows.labels.isna()))
            notes.append("The time budget left no time to permute the columns.")
        feature_importance = measure_importance(
            model, permuted, predictions.explanation, split=split, seed=run.seed, progress=report
        )
    probes: ProbeReport | None = None
    with steps.stage("Probing for shortcuts") as report:
        if tested.measurement is not None and not budget.allows(_PROBING * len(learned_from)):
            notes.append("The time budget left no time to probe for shortcuts.")
        elif tested.measurement is not None:
            probes = run_probes(
                learned_from,
                rows,
                tested.measurement,
                task=setup.task,
                refit=fitted.refit(budget, model.inputs.mark),
                run=run.reporting(report),
            )
    results: list[ProtocolResult] = []
    with steps.stage("Testing in other ways") as report:
        if testing.protocols:
            results, untested = run_protocols(
                testing,
                fitted.recipe,
                whole=_whole(setup.tables[0], testing.tables[0]),
                inputs=model.inputs,
                run=run.reporting(report),
            )
            notes += untested
    return Report(
        task=setup.task,
        protocol=testing.protocol,
        split=split,
        mark=model.inputs.mark,
        tested=tested,
        feature_importance=feature_importance,
        columns=needed_by(model, testing.tables[0]),
        calibration=out_of_fold.calibration,
        probes=probes,
        protocols=(*([out_of_fold.result] if out_of_fold.result else ()), *results),
        search=fitted.search,
        notes=tuple(notes),
        subsets=subsets,
    )


def needed_by(model: TrainedModel, table: Table) -> NeededColumns:
    """Compare the columns that a model needs with those of a table."""
    return needed_columns(
        model.classifier,
        table.dataset,
        table.given_columns,
        computed_from=model.inputs.computed_from(table.dataset),
    )


def _seconds_of_permutations(model: TrainedModel, rows: LabelledRows) -> float:
    """Return how long it is expected to take to permute each quantity once [s]."""
    begun = time.monotonic()
    model.classifier.predict_proba(rows.features)
    quantities = set(model.quantities(rows.tables[0].dataset).values())
    return (time.monotonic() - begun) * len(quantities)


def _whole(training: Table, testing: Table) -> Table:
    """Return the rows of both tables, an object that is in both once."""
    if testing.labels is None:
        return training
    if not any(name in testing.frame for name in testing.dataset.object_name):
        # Without names nothing tells whether an object is in both.
        return training.with_rows_of(testing)
    new = ~testing.names.isin(training.names).to_numpy(dtype=bool)
    return training.with_rows_of(testing.take(new))
