"""Deepening a session's first answer: from its saved model and its rows to findings, part by part.

Each part is reported as soon as it is there, so that what was found is kept whatever becomes of the
job. The rows are read again and the model is loaded: what it says of them is the same to the bit.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore._json import strict
from mlcore.api import PredictionAPI
from mlcore.errors import DataError
from mlcore.evaluation.evidence import EvidencePart
from mlcore.evaluation.feature_importance import permutation_as_json
from mlcore.evaluation.probes import ProbeReport
from mlcore.evaluation.run_protocols import run_protocols
from mlcore.evaluation.tested_model import TestedModel
from mlcore.jobs.large_tables import looked_at_closely
from mlcore.jobs.means import with_means
from mlcore.jobs.messages import (
    PREDICTIONS,
    RESULTS,
    EvidenceJob,
    PredictionJob,
    TrainingJob,
)
from mlcore.jobs.prediction_report import refit_of_tuned
from mlcore.jobs.refits import model_for
from mlcore.jobs.tables import tables_to_predict
from mlcore.jobs.training_rows import read_setup
from mlcore.metrics import Measurement
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models.blocks import steady_probabilities
from mlcore.prediction import stored
from mlcore.prediction.assessment import interval_as_json
from mlcore.prediction.large import features_of_rows
from mlcore.prediction.writing import rewrite_judgements
from mlcore.progress import Progress
from mlcore.run import RunContext
from mlcore.tasks import find_task
from mlcore.training.common_columns import on_common_columns
from mlcore.training.evaluate import whole_mission
from mlcore.training.fine_tune import rows_to_tune_on
from mlcore.training.fit import recipe_of, refit_under_row_split
from mlcore.training.learning import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlcore.datasets.table import Table
    from mlcore.evaluation.probes import Refit
    from mlcore.jobs.tables import JobTables
    from mlcore.model_selection.evaluation_setup import EvaluationSetup
    from mlcore.models.refit import Recipe
    from mlcore.models.trained_model import TrainedModel

__all__ = ["evidence_job"]

_READING = "Reading the rows again"


def evidence_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Gather what deepens a session's first answer.

    Parameters
    ----------
    argument
        The fields of an `EvidenceJob`.
    emit
        Receives ``{"progress": fraction, "step": words}``, and for each part an event with
        ``part``, its name, and either ``failed``, a sentence, or ``findings``, pairs of a path in
        the session's report and what belongs there, with ``warnings`` and ``notes``, sentences.

    Returns
    -------
    dict
        ``warnings``: nothing that the parts have not told.
    """
    job = EvidenceJob(**argument)
    told = TrainingJob(**job.training) if job.training else PredictionJob(**(job.prediction or {}))
    run = RunContext(seed=told.seed)
    parts = [EvidencePart(name) for name in job.parts]
    progress = Progress(
        {_READING: 1.0, **{part.meaning.rstrip("."): 3.0 for part in parts}},
        lambda done, step: emit({"progress": done, "step": step}),
    )
    with with_means(run, job.means, kept=told.snapshot is not None) as run:
        with progress.stage(_READING):
            model = PredictionAPI(run=run).load(Path(job.artifact))
            subject = (
                _of_training(model, job, told, run)
                if isinstance(told, TrainingJob)
                else _of_prediction(model, job, told, run)
            )
        for part in parts:
            with progress.stage(part.meaning.rstrip(".")) as report:
                try:
                    found = _GATHERED[part](subject, run.reporting(report))
                except DataError as refusal:
                    emit({"part": str(part), "failed": str(refusal)})
                else:
                    emit({"part": str(part), **found.as_json()})
    return {"warnings": []}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Subject:
    tested: TestedModel
    results: Path
    folder: Path
    probes: ProbeReport | None
    refit: Refit | None = None
    recipe: Recipe | None = None
    testing: EvaluationSetup | None = None
    whole: Table | None = None
    large: bool = False
    """Whether the tested rows stand for a larger table."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    findings: Sequence[tuple[Sequence[str], Any]] = ()
    warnings: Sequence[str] = ()
    notes: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "findings": [[list(path), strict(value)] for path, value in self.findings],
            "warnings": list(self.warnings),
            "notes": list(self.notes),
        }


def _of_training(
    model: TrainedModel, job: EvidenceJob, told: TrainingJob, run: RunContext
) -> _Subject:
    about = read_setup(told)
    setup, _ = on_common_columns(about.setup, about.testing.tables)
    learning = rows_of(setup, run)
    recipe, seconds = recipe_of(
        model.classifier, learning.told_apart, search=job.search, rows=len(learning.rows)
    )
    return _Subject(
        tested=_tested(model, about.tables, learning.rows, job, run),
        results=Path(job.results),
        folder=Path(job.folder),
        probes=ProbeReport.from_json(job.probes) if job.probes else None,
        refit=refit_under_row_split(
            recipe, model.classifier.calibration, seconds=seconds, mark=model.inputs.mark
        ),
        recipe=recipe,
        testing=about.testing,
        whole=whole_mission(about.training, about.tables.testing),
        large=about.tables.large,
    )


def _of_prediction(
    model: TrainedModel, job: EvidenceJob, told: PredictionJob, run: RunContext
) -> _Subject:
    published = PredictionAPI(run=run).load(Path(told.artifact))
    tables = tables_to_predict(told, published)
    training, testing, reference = tables.training, tables.testing, tables.reference
    given = [table for table in (training, testing) if table is not None]
    published, _ = model_for(published, given, told, run)
    refit, learned_from = None, None
    if training is not None:
        learned_from = rows_to_tune_on(published, training, reference)
        refit = refit_of_tuned(published, model)
    return _Subject(
        tested=_tested(model, tables, learned_from, job, run),
        results=Path(job.results),
        folder=Path(job.folder),
        probes=ProbeReport.from_json(job.probes) if job.probes else None,
        refit=refit,
        large=tables.large,
    )


def _tested(
    model: TrainedModel,
    tables: JobTables,
    learned_from: LabelledRows | None,
    job: EvidenceJob,
    run: RunContext,
) -> TestedModel:
    testing, reference, words = tables.testing, tables.reference, tables.tested_on
    if tables.large:
        # The rows on which the first answer was looked at closely.
        closely, words = looked_at_closely(model, tables, stored.EXPLAINED_AT_ONCE, run.seed)
        features = features_of_rows(model, testing, reference, closely)
        testing = testing.take(closely)
    else:
        features = model.features(testing, reference=reference, computed=run.computed)
    rows = LabelledRows.of([testing], features)
    nothing = rows.take(np.zeros(len(rows), dtype=bool))
    return TestedModel(
        model=model,
        rows=rows,
        probabilities=steady_probabilities(model.classifier, features),
        measurement=Measurement.from_json(job.measurement) if job.measurement else None,
        task=find_task(model.task.name),
        split=model.inputs.marked(words),
        learned_from=nothing if learned_from is None else learned_from,
        references={} if reference is None else {testing.dataset.name: reference},
    )


def _slices(subject: _Subject, run: RunContext) -> _Found:
    slices = subject.tested.slices(seed=run.seed)
    return _Found(findings=[(["slices"], [part.as_json() for part in slices])])


def _permutation_importance(subject: _Subject, run: RunContext) -> _Found:
    found = subject.tested.permutation_importance(run)
    value = None if found is None else permutation_as_json(found)
    return _Found(findings=[(["importance", "permutation"], value)])


def _row_split(subject: _Subject, run: RunContext) -> _Found:
    if subject.probes is None or subject.refit is None:
        raise DataError("Without the other probes there is nothing to compare with.")
    before = subject.probes
    probes = subject.tested.row_split(before, subject.refit, run)
    return _Found(
        findings=[(["probes"], probes.as_json())],
        warnings=[warning for warning in probes.warnings if warning not in before.warnings],
    )


def _score_intervals(subject: _Subject, run: RunContext) -> _Found:
    if subject.large:
        raise DataError("Of a large table score intervals are drawn when an object is looked at.")
    intervals = subject.tested.score_intervals(run)
    best = subject.tested.probabilities.argmax(axis=1).tolist()
    # All that the session says of its objects, written anew: the new file takes the old one's
    # place.
    shutil.copytree(subject.results, subject.folder / RESULTS)
    rewrite_judgements(
        subject.results / Path(PREDICTIONS).name,
        subject.folder / PREDICTIONS,
        (
            {
                "score_interval": interval_as_json(intervals.of(row)),
                "score_interval_sentence": intervals.sentence(row, best[row]),
            }
            for row in range(len(best))
        ),
    )
    return _Found()


def _protocols(subject: _Subject, run: RunContext) -> _Found:
    if subject.testing is None or subject.recipe is None or subject.whole is None:
        raise DataError("Only a training session is tested in other ways.")
    results, notes = run_protocols(
        subject.testing,
        subject.recipe,
        whole=subject.whole,
        inputs=subject.tested.model.inputs,
        run=run,
    )
    return _Found(
        findings=[(["protocols", "+"], [result.as_json() for result in results])], notes=notes
    )


_GATHERED: Mapping[EvidencePart, Callable[[_Subject, RunContext], _Found]] = {
    EvidencePart.SLICES: _slices,
    EvidencePart.ROW_SPLIT: _row_split,
    EvidencePart.PERMUTATION_IMPORTANCE: _permutation_importance,
    EvidencePart.SCORE_INTERVALS: _score_intervals,
    EvidencePart.PROTOCOLS: _protocols,
}
