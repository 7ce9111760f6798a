"""Testing beside the fixed split and the folds: forward in time, and from mission to mission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.calibration.calibrate import calibrated
from mlcore.errors import DataError
from mlcore.evaluation.protocols import (
    Protocol,
    later_dispositions,
    leave_one_mission_out,
    time_forward,
)
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.model_selection.folds import fit_of
from mlcore.model_selection.training_rows import labelled_rows, labels_of
from mlcore.models.stacked import refit
from mlcore.models.time_budget import WITHOUT_END
from mlcore.models.workload import CALIBRATED_FITS, FOLDS_TO_CALIBRATE
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from mlcore.datasets.spec import Column
    from mlcore.datasets.table import Table
    from mlcore.evaluation.protocols import ProtocolResult
    from mlcore.model_selection.folds import Fit, FittedModel
    from mlcore.models.classifier import Classifier
    from mlcore.models.spec import ModelType
    from mlcore.models.time_budget import TimeBudget
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = ["EnsembleRecipe", "Recipe", "other_ways"]


class Recipe:
    """How a model is fitted anew on other rows, with the same type and hyperparameters."""

    def __init__(self, kind: ModelType, values: Mapping[str, Any], task: Task) -> None:
        self.kind, self.values, self.task = kind, values, task

    def fit(self, columns: Sequence[Column]) -> Fit:
        """Return what fits it, uncalibrated."""
        return fit_of(self.kind, self.values, columns, task=self.task)

    def calibrated_fit(self, columns: Sequence[Column]) -> Fit:
        """Return what fits it and calibrates it by star: `CALIBRATED_FITS` fits in all."""
        return calibrated(self.fit(columns), task=self.task, folds=FOLDS_TO_CALIBRATE)

    def seconds(self, rows: int) -> float:  # noqa: ARG002 - where nobody waits, it does not matter
        """Return how long a fit on so many rows is expected to take [s]."""
        return 0.0


class EnsembleRecipe(Recipe):
    """How an ensemble is fitted anew: its members are, and their weights stay.

    Parameters
    ----------
    ensemble
        What a search ended with.
    task
        What is told apart.
    seconds_a_row
        How long fitting all its members takes, by the rows that they are fitted on [s].
    """

    def __init__(self, ensemble: Classifier, task: Task, *, seconds_a_row: float) -> None:
        super().__init__(ensemble.model_type, ensemble.hyperparameters, task)
        self.ensemble, self.seconds_a_row = ensemble, seconds_a_row

    def fit(self, columns: Sequence[Column]) -> Fit:
        """Return what fits its members anew."""
        names = [column.name for column in columns]

        def again(
            features: pd.DataFrame, labels: pd.Series[str], hosts: pd.Series[str], seed: int
        ) -> FittedModel:
            if lacking := sorted(set(self.ensemble.classes) - set(labels)):
                missing = " and ".join(each.replace("_", " ") for each in lacking)
                raise DataError(f"an ensemble cannot be fitted anew on rows without {missing}.")
            return refit(
                self.ensemble,
                features=features.loc[:, names],
                labels=list(labels),
                hosts=list(hosts),
                columns=columns,
                seed=seed,
            )

        return again

    def seconds(self, rows: int) -> float:
        """Return how long a fit on so many rows is expected to take [s]."""
        return self.seconds_a_row * rows


def other_ways(
    protocols: Collection[Protocol],
    recipe: Recipe,
    *,
    whole: Table,
    older: Table | None,
    others: Sequence[Table],
    inputs: Inputs,
    budget: TimeBudget = WITHOUT_END,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> tuple[list[ProtocolResult], list[str]]:
    """Test a recipe by the named protocols.

    Parameters
    ----------
    protocols
        Which ones; those that are measured anyway are not repeated.
    recipe
        What is fitted anew for each.
    whole
        The mission's whole table.
    older
        An older table of it.
    others
        Tables of other missions.
    inputs
        Which columns the model sees; from mission to mission always the harmonised ones.
    budget
        What is not begun where it would take too long.
    seed
        Of fits and intervals.
    progress
        Called with the fraction that is done.

    Returns
    -------
    results : list of ProtocolResult
    notes : list of str
        A sentence for each protocol that was not possible.
    """
    results: list[ProtocolResult] = []
    notes: list[str] = []
    tests: dict[Protocol, Callable[[], list[ProtocolResult]]] = {
        Protocol.TIME_FORWARD: lambda: _forward(recipe, whole, older, inputs, seed),
        Protocol.LEAVE_ONE_MISSION_OUT: lambda: _missions(
            recipe, [whole, *others], inputs, seed, progress
        ),
    }
    rows = {
        Protocol.TIME_FORWARD: 0 if older is None else len(older),
        Protocol.LEAVE_ONE_MISSION_OUT: len(others) * sum(map(len, (whole, *others))),
    }
    for protocol, test in tests.items():
        if protocol not in protocols:
            continue
        # Each is fitted once more for each fold of its calibration.
        if not budget.allows(CALIBRATED_FITS * recipe.seconds(rows[protocol])):
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
    assert older.labels is not None  # noqa: S101 - snapshots have labels
    later = later_dispositions(older, whole)
    matrix = inputs.matrix(older)
    matrix = matrix.loc[:, matrix.notna().any()]
    columns = [column for column in inputs.columns(older.dataset) if column.name in matrix]
    seen = not set(inputs.label_derived).isdisjoint(matrix)
    return [
        time_forward(
            recipe.calibrated_fit(columns),
            matrix,
            older.labels,
            older.hosts,
            later,
            task=recipe.task,
            words=lambda split: inputs.marked(split, seen=seen),
            seed=seed,
        )
    ]


def _missions(
    recipe: Recipe,
    tables: Sequence[Table],
    inputs: Inputs,
    seed: int,
    progress: ProgressCallback,
) -> list[ProtocolResult]:
    shared = Inputs(feature_set=FeatureSet.HARMONISED)
    rows = [labelled_rows(table) for table in tables]
    matrix = pd.concat(
        [shared.matrix(some, reference=whole) for some, whole in zip(rows, tables, strict=True)],
        ignore_index=True,
    )
    columns = [c for c in shared.columns(tables[0].dataset) if matrix[c.name].notna().any()]
    found = leave_one_mission_out(
        recipe.calibrated_fit(columns),
        matrix,
        pd.concat([labels_of(table) for table in rows], ignore_index=True),
        pd.concat([table.hosts for table in rows], ignore_index=True),
        pd.Series([t.dataset.name for t in rows for _ in range(len(t))], dtype="str"),
        task=recipe.task,
        words=lambda split: inputs.marked(split, seen=False),
        seed=seed,
        progress=progress,
    )
    return list(found.values())
