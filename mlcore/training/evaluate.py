"""What is asked of a model that was just trained: how good it is, on what, and by what shortcut."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.evaluation.feature_importance import measure_importance
from mlcore.evaluation.probes import run_probes
from mlcore.evaluation.report import measure_rows
from mlcore.evaluation.run_protocols import run_protocols
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models.time_budget import WITHOUT_END
from mlcore.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mlcore.datasets.table import Table
    from mlcore.evaluation.feature_importance import FeatureImportance
    from mlcore.evaluation.probes import ProbeReport
    from mlcore.evaluation.protocols import ProtocolResult
    from mlcore.evaluation.report import Tested
    from mlcore.model_selection.protocol import Protocol
    from mlcore.models.time_budget import TimeBudget
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predict import Predictions
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task
    from mlcore.training.fit import Fitted

__all__ = ["Evaluation", "FurtherTables", "evaluate"]

_STAGES = {
    "Measuring": 8,
    "Asking what the model rests on": 7,
    "Probing for shortcuts": 10,
    "Testing in other ways": 20,
}
_PROBING = 5e-4
"""Seconds that the probes take for each training row, without the split by row; measured."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FurtherTables:
    """What testing in other ways needs beside the rows that were trained and tested on."""

    whole: Table
    """The mission's whole table."""
    older: Table | None
    """An older table of it."""
    others: tuple[Table, ...]
    """Tables of other missions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What came of it."""

    tested: Tested
    feature_importance: FeatureImportance
    probes: ProbeReport | None
    """None where no row has a true label, or there was no time."""
    protocols: tuple[ProtocolResult, ...]
    notes: tuple[str, ...]
    """What was left out, and why, as sentences."""


def evaluate(
    model: TrainedModel,
    tables: Sequence[Table],
    predictions: Predictions,
    *,
    task: Task,
    fitted: Fitted,
    sample: LabelledRows,
    further: FurtherTables,
    protocols: Collection[Protocol],
    split: str,
    references: Mapping[str, Table] = MappingProxyType({}),
    budget: TimeBudget = WITHOUT_END,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> Evaluation:
    """Test a model in every way that there is time for.

    Parameters
    ----------
    model
        The fitted model.
    tables, predictions
        The tested rows, a table a mission, and what the model says of them.
    task
        What is told apart.
    fitted
        How it came about, and how it is fitted anew.
    sample
        The training rows.
    further
        Other tables.
    protocols
        Ways of testing beside the tested rows.
    split
        Which rows are tested, in words.
    references
        The whole catalogue of each mission, by its name.
    budget
        Nothing but measuring is begun where it would take too long.
    seed
        Of every random step.
    progress
        Called with the fraction that is done and the current step.
    """
    steps = Progress(_STAGES, progress)
    mark = model.inputs.mark
    notes: list[str] = []
    rows = LabelledRows.of(tables, predictions.features)
    with steps.stage("Measuring") as report:
        tested = measure_rows(
            rows,
            predictions.probabilities,
            task=task,
            split=split,
            references=references,
            seed=seed,
            progress=report,
        )
    with steps.stage("Asking what the model rests on") as report:
        asked = rows
        if budget is not WITHOUT_END and not budget.allows(_seconds_of_permutations(model, rows)):
            # Without labels nothing is permuted; what the explanations say is told all the same.
            asked = replace(rows, labels=rows.labels.where(rows.labels.isna()))
            notes.append("The time budget left no time to permute the columns.")
        feature_importance = measure_importance(
            model, asked, predictions.explanation, split=split, seed=seed, progress=report
        )
    probes: ProbeReport | None = None
    with steps.stage("Probing for shortcuts") as report:
        if tested.measurement is not None and not budget.allows(_PROBING * len(sample)):
            notes.append("The time budget left no time to probe for shortcuts.")
        elif tested.measurement is not None:
            probes = run_probes(
                sample,
                rows,
                tested.measurement,
                task=task,
                anew=fitted.anew(budget),
                mark=mark,
                seed=seed,
                progress=report,
            )
    found: list[ProtocolResult] = []
    with steps.stage("Testing in other ways") as report:
        if protocols:
            found, untested = run_protocols(
                protocols,
                fitted.recipe,
                whole=further.whole,
                older=further.older,
                others=further.others,
                inputs=model.inputs,
                budget=budget,
                seed=seed,
                progress=report,
            )
            notes += untested
    return Evaluation(
        tested=tested,
        feature_importance=feature_importance,
        probes=probes,
        protocols=tuple(found),
        notes=tuple(notes),
    )


def _seconds_of_permutations(model: TrainedModel, rows: LabelledRows) -> float:
    """Return how long it is expected to take to permute each quantity once [s]."""
    begun = time.monotonic()
    model.classifier.predict_proba(rows.features)
    quantities = set(model.quantities(rows.tables[0].dataset).values())
    return (time.monotonic() - begun) * len(quantities)
