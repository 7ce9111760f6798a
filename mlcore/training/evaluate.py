"""What is asked of a model that was just trained: how good it is, on what, and by what shortcut."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.datasets.membership import are_among
from mlcore.evaluation.feature_importance import measure_importance
from mlcore.evaluation.probes import run_probes
from mlcore.evaluation.report import Report, measure_rows
from mlcore.evaluation.run_protocols import run_protocols
from mlcore.evaluation.subsets import measure_subsets
from mlcore.inspection.needed_columns import needed_columns
from mlcore.progress import Progress
from mlcore.run import WITHOUT_END

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets.table import Table
    from mlcore.evaluation.measured_rows import MeasuredRows
    from mlcore.evaluation.probes import ProbeReport, Refit
    from mlcore.evaluation.protocols import ProtocolResult
    from mlcore.evaluation.tested_model import TestedModel
    from mlcore.inspection.needed_columns import NeededColumns
    from mlcore.model_selection.evaluation_setup import EvaluationSetup
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.refit import Recipe
    from mlcore.models.trained_model import TrainedModel
    from mlcore.run import RunContext
    from mlcore.training.fit import Fitted
    from mlcore.training.setup import TrainingSetup

__all__ = ["first_report", "needed_by", "whole_mission", "with_evidence"]

_FIRST = {"Measuring": 8, "Probing for shortcuts": 5}
_EVIDENCE = {
    "Measuring by kind of object": 3,
    "Asking what the model rests on": 7,
    "Testing under a split by row": 6,
    "Testing in other ways": 20,
}
_PROBING = 5e-4
"""Seconds that the probes take for each training row, without the split by row; measured."""


def first_report(
    model: TrainedModel,
    seen: MeasuredRows,
    setup: TrainingSetup,
    testing: EvaluationSetup,
    *,
    fitted: Fitted,
    measured_out_of_fold: Callable[[], ProtocolResult | None],
    learned_from: LabelledRows,
    run: RunContext,
) -> Report:
    """Test a model as far as its first answer says: figures with intervals, and cheap probes.

    Parameters
    ----------
    model
        The fitted model.
    seen
        What it says of the tested rows, or of those that stand for them.
    setup
        What it was trained for, and the catalogues around the rows.
    testing
        Which rows were tested, and the protocols beside them.
    fitted
        How the model came about.
    measured_out_of_fold
        Waits for what `fitted.out_of_fold.measure` returns.
    learned_from
        The training rows, as far as the model learnt from them.
    run
        Nothing but measuring is begun where it would take too long.
    """
    steps = Progress(_FIRST, run.progress)
    split, out_of_fold = model.inputs.marked(seen.words), fitted.out_of_fold
    notes = [*out_of_fold.notes, *(fitted.search["notes"] if fitted.search else ())]
    rows, explained = seen.rows, seen.explained
    with steps.stage("Measuring") as report:
        tested = measure_rows(
            rows,
            seen.probabilities,
            task=setup.task,
            split=split,
            run=run.reporting(report),
        )
        subsets = measure_subsets(
            rows,
            seen.probabilities,
            learned_from.tables,
            learned_classes=model.task.classes,
            task=setup.task,
            split=split,
            seed=run.seed,
        )
        feature_importance = measure_importance(
            model,
            explained.rows,
            explained.explanation,
            split=split + explained.which,
            permuted=False,
            seed=run.seed,
        )
    probes: ProbeReport | None = None
    with steps.stage("Probing for shortcuts") as report:
        if tested.measurement is not None and not run.budget.allows(_PROBING * len(learned_from)):
            notes.append("The time budget left no time to probe for shortcuts.")
        elif tested.measurement is not None:
            probes = run_probes(
                learned_from,
                rows,
                tested.measurement,
                task=setup.task,
                run=run.reporting(report),
            )
    cross_validated = measured_out_of_fold()
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
        protocols=(cross_validated,) if cross_validated else (),
        search=fitted.search,
        notes=tuple(notes),
        subsets=subsets,
    )


def with_evidence(
    report: Report,
    tested: TestedModel,
    testing: EvaluationSetup,
    *,
    whole: Table,
    recipe: Recipe,
    refit: Refit,
    run: RunContext,
) -> Report:
    """Deepen a first report in every way that there is time for.

    Parameters
    ----------
    report
        What `first_report` returned.
    tested
        The model with its rows.
    testing
        The protocols beside the tested rows.
    whole
        The mission's whole table.
    recipe
        What is refitted for each protocol.
    refit
        How the model is fitted under a split by row.
    run
        Nothing is begun that would take too long.
    """
    steps, notes = Progress(_EVIDENCE, run.progress), list(report.notes)
    with steps.stage("Measuring by kind of object"):
        slices = tested.slices(seed=run.seed)
    importance = report.feature_importance
    with steps.stage("Asking what the model rests on") as progress:
        if run.budget is not WITHOUT_END and not run.budget.allows(tested.seconds_of_permutations):
            notes.append("The time budget left no time to permute the columns.")
        elif importance is not None:
            permutation = tested.permutation_importance(run.reporting(progress))
            importance = replace(importance, permutation=permutation)
    probes = report.probes
    with steps.stage("Testing under a split by row") as progress:
        if probes is not None:
            probes = tested.row_split(probes, refit, run.reporting(progress))
    results: list[ProtocolResult] = []
    with steps.stage("Testing in other ways") as progress:
        if testing.protocols:
            results, untested = run_protocols(
                testing,
                recipe,
                whole=whole,
                inputs=tested.model.inputs,
                run=run.reporting(progress),
            )
            notes += untested
    return replace(
        report,
        tested=replace(report.tested, slices=slices),
        feature_importance=importance,
        probes=probes,
        protocols=(*report.protocols, *results),
        notes=tuple(notes),
    )


def needed_by(model: TrainedModel, table: Table) -> NeededColumns:
    """Compare the columns that a model needs with those of a table."""
    return needed_columns(
        model.classifier,
        table.dataset,
        table.given_columns,
        computed_from=model.inputs.computed_from(table.dataset),
    )


def whole_mission(training: Table, testing: Table) -> Table:
    """Return the rows of both tables, an object that is in both once."""
    if testing.labels is None:
        return training
    if not any(name in testing.frame for name in testing.dataset.object_name):
        # Without names nothing tells whether an object is in both.
        return training.with_rows_of(testing)
    new = ~are_among(testing.names, training.names)
    return training.with_rows_of(testing.take(new))
