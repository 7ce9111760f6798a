"""Testing beside the fixed split and the folds: forward in time, and from mission to mission."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from mlcore.errors import DataError
from mlcore.evaluation.protocols import later_dispositions, leave_one_mission_out, time_forward
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.training_rows import labelled_rows
from mlcore.models.workload import CALIBRATED_FITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcore.datasets.table import Table
    from mlcore.evaluation.protocols import ProtocolResult
    from mlcore.model_selection.evaluation_setup import EvaluationSetup
    from mlcore.models.refit import Recipe
    from mlcore.run import RunContext

__all__ = ["run_protocols"]


def run_protocols(
    testing: EvaluationSetup, recipe: Recipe, *, whole: Table, inputs: Inputs, run: RunContext
) -> tuple[list[ProtocolResult], list[str]]:
    """Test a recipe by the protocols that are asked for beside the tested rows.

    Parameters
    ----------
    testing
        Which protocols, and the tables that they need; those that are measured anyway are not
        repeated.
    recipe
        What is refitted for each.
    whole
        The mission's whole table.
    inputs
        Which columns the model sees; from mission to mission always the harmonised ones.
    run
        What would take too long is not begun.

    Returns
    -------
    results : list of ProtocolResult
    notes : list of str
        A sentence for each protocol that was not possible.
    """
    results: list[ProtocolResult] = []
    notes: list[str] = []
    older, missions = testing.older, [whole, *testing.others]
    tests: dict[Protocol, Callable[[], list[ProtocolResult]]] = {
        Protocol.TIME_FORWARD: lambda: _forward(recipe, whole, older, inputs, run.seed),
        Protocol.LEAVE_ONE_MISSION_OUT: lambda: _missions(recipe, missions, inputs, run),
    }
    rows = {
        Protocol.TIME_FORWARD: 0 if older is None else len(older),
        Protocol.LEAVE_ONE_MISSION_OUT: len(testing.others) * sum(map(len, missions)),
    }
    for protocol, test in tests.items():
        if protocol not in testing.protocols:
            continue
        # Each is fitted once more for each fold of its calibration.
        if not run.budget.allows(CALIBRATED_FITS * recipe.seconds(rows[protocol])):
            notes.append(
                f"Not tested by {protocol.replace('_', ' ')}: the time budget leaves no time to fit"
                " the model anew."
            )
            continue
        try:
            results += test()
        except DataError as refusal:
            notes.append(f"Not tested by {protocol.replace('_', ' ')}: {refusal}")
    return results, notes


def _forward(
    recipe: Recipe, whole: Table, older: Table | None, inputs: Inputs, seed: int
) -> list[ProtocolResult]:
    if older is None:
        raise DataError("no older table of the mission is loaded.")
    older = older.take(inputs.may_learn_from(older))
    later = later_dispositions(older, whole)
    matrix = inputs.matrix(older)
    matrix = matrix.loc[:, matrix.notna().any()]
    columns = [column for column in inputs.columns(older.dataset) if column.name in matrix]
    seen = not set(inputs.label_derived).isdisjoint(matrix)
    return [
        time_forward(
            recipe.calibrated_fit(),
            LabelledRows.of([older], matrix, columns),
            later,
            task=recipe.task,
            words=lambda split: inputs.marked(split, seen=seen),
            seed=seed,
        )
    ]


def _missions(
    recipe: Recipe, tables: Sequence[Table], inputs: Inputs, run: RunContext
) -> list[ProtocolResult]:
    shared = Inputs(feature_set=FeatureSet.HARMONISED)
    labelled = [labelled_rows(table) for table in tables]
    matrix = pd.concat(
        [
            shared.matrix(rows, reference=whole)
            for rows, whole in zip(labelled, tables, strict=True)
        ],
        ignore_index=True,
    )
    columns = [c for c in shared.columns(tables[0].dataset) if matrix[c.name].notna().any()]
    results = leave_one_mission_out(
        recipe.calibrated_fit(),
        LabelledRows.of(labelled, matrix, columns),
        task=recipe.task,
        words=lambda split: inputs.marked(split, seen=False),
        seed=run.seed,
        progress=run.progress,
    )
    return list(results.values())
