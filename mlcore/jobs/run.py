"""Whole jobs, from files to files: what a process of its own runs for a session.

A job takes JSON values and paths, reports progress as events and leaves two things in its folder:
``artifact`` (the model) and ``predictions.parquet``. What it returns are JSON values too.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.api import PredictionAPI, TrainingAPI
from mlcore.datasets import DATASETS
from mlcore.jobs.light_curves import (
    catalogues_said,
    curves_sent,
    is_measured,
    keep_records,
    measure_curves,
)
from mlcore.jobs.means import computed_by, with_means
from mlcore.jobs.messages import PredictionJob, TrainingJob
from mlcore.jobs.prediction_report import report_of_prediction
from mlcore.jobs.refits import model_for
from mlcore.jobs.said import said_and_saved
from mlcore.jobs.second_opinions import opinion_in
from mlcore.jobs.tables import tables_to_predict, training_rows_of
from mlcore.jobs.told import (
    files_sent,
    noticed_in,
    told_of,
    warnings_of,
    withheld_of,
)
from mlcore.jobs.training_rows import read_setup
from mlcore.models import model_type as find_model_type
from mlcore.progress import Progress
from mlcore.run import RunContext
from mlcore.training.fine_tune import ROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlcore.datasets.table import Table
    from mlcore.jobs.said import SaidOfTable
    from mlcore.progress import ProgressCallback
    from mlcore.training.learning import FittedModel

__all__ = ["predict_job", "train_job"]

_NO_NEIGHBOURS = (
    "No object has analogues: the rows that the model was trained on are not on this server."
)
_MEASURING = "Measuring light curves"
_TRAINING = {"Reading the table": 4, "Training": 92, "Saving": 4}
_PREDICTING = {
    "Reading the table": 4,
    "Fitting a model of the columns at hand": 36,
    "Fine-tuning the model": 36,
    "Predicting": 46,
    "Measuring": 10,
    "Saving": 4,
}
_SAVING = 5e-4
"""Seconds that it takes to save a predicted row, at the most; measured."""


def train_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Train a model.

    Parameters
    ----------
    argument
        The fields of a `TrainingJob`.
    emit
        Receives ``{"progress": fraction, "step": words}``.

    Returns
    -------
    dict
        See `mlcore.jobs.told.job_result`.
    """
    began = time.monotonic()
    job = TrainingJob(**argument)
    progress = Progress(_measuring(job) | _TRAINING, _emitted(emit))
    with with_means(RunContext(seed=job.seed), job.means, kept=False) as alone:
        _measure(job, progress, alone)
    with progress.stage("Reading the table"):
        about = read_setup(job)
        training, testing = about.training, about.tables.testing
        keep_records(job, testing)
    saved: Callable[[], None]

    def answered(learnt: FittedModel, run: RunContext) -> SaidOfTable:
        nonlocal saved
        own = job.snapshot is None
        said, saved = meanwhile.enter_context(
            said_and_saved(learnt.model, about.tables, job, learnt.parts, own=own, run=run)
        )
        return said

    with ExitStack() as meanwhile:
        with progress.stage("Training") as told:
            run = RunContext(
                seed=job.seed,
                # What is read and saved counts too.
                began=began - _SAVING * len(testing),
                scratch=Path(job.folder),
                progress=told.nested,
            )
            with with_means(run, job.means, kept=job.snapshot is not None) as run:
                answer = TrainingAPI(run=run).answer(
                    about.setup, about.testing, answered, evidence=job.evidence
                )
                said, model, report = answer.said, answer.model, answer.report
                opinion = opinion_in(job, said.measured, report, run)
                notes = (*report.notes, *catalogues_said(job))
                report = replace(report, second_opinion=opinion, notes=notes)
                report = said.with_figures(report, model, run)
        with progress.stage("Saving"):
            saved()
    files = files_sent(training, testing, uploaded=job.snapshot is None)
    # The request was told of these when it was accepted.
    _, ignored = find_model_type(job.model_type).read_hyperparameters(job.hyperparameters)
    return told_of(
        model,
        report,
        [*answer.warnings, *said.left_out],
        said.outline,
        scale=said.scale,
        noticed=[*noticed_in(files), *about.tables.warnings],
        withheld=_withheld(job, files),
        apart=[*ignored, *said.left_out],
    )


def predict_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Predict with a saved model; see `train_job`, with the fields of a `PredictionJob`."""
    job = PredictionJob(**argument)
    with with_means(RunContext(seed=job.seed), job.means, kept=job.snapshot is not None) as run:
        return _predicted(job, run, emit)


def _predicted(
    job: PredictionJob, run: RunContext, emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    progress = Progress(_measuring(job) | _PREDICTING, _emitted(emit))
    _measure(job, progress, run)
    with progress.stage("Reading the table"):
        published = PredictionAPI().load(Path(job.artifact))
        published.check_serves(DATASETS[job.dataset])
        tables = tables_to_predict(job, published)
        training, testing, reference = tables.training, tables.testing, tables.reference
        keep_records(job, testing)
    with progress.stage("Fitting a model of the columns at hand") as report:
        given = [table for table in (training, testing) if table is not None]
        published, fewer = model_for(published, given, job, run.reporting(report.nested))
    model, tuned = published, None
    learned_from = training_rows_of(published, reference, computed=computed_by(job.means))
    if training is not None:
        with progress.stage("Fine-tuning the model") as report:
            api = PredictionAPI(run=run.reporting(report))
            tuned = api.fine_tune(published, training, reference=reference)
            model, learned_from = tuned.model, [tuned.learned_from]
    with ExitStack() as meanwhile:
        with progress.stage("Predicting") as report:
            predicting, own = run.reporting(report.nested), tuned is not None
            said, saved = meanwhile.enter_context(
                said_and_saved(model, tables, job, learned_from, own=own, run=predicting)
            )
        with progress.stage("Measuring") as report:
            measured = report_of_prediction(
                published,
                tuned,
                tables,
                said.measured,
                learned_from=learned_from,
                published_probes=None if fewer else job.published_probes,
                evidence=job.evidence,
                run=run.reporting(report),
            )
            opinion = opinion_in(job, said.measured, measured, run)
            measured = replace(measured, fewer_columns=fewer, second_opinion=opinion)
            measured = said.with_figures(measured, model, run)
            of_archive = bool(testing.dataset.archive_table)
            if of_archive and not any(
                part.tables[0].dataset is testing.dataset for part in learned_from
            ):
                measured = replace(measured, notes=(*measured.notes, _NO_NEIGHBOURS))
            measured = replace(measured, notes=(*measured.notes, *catalogues_said(job)))
        with progress.stage("Saving"):
            saved()
    sent = None if tables.held_out else testing
    files = files_sent(training, sent, uploaded=job.snapshot is None)
    return told_of(
        model,
        measured,
        [
            *([fewer.sentence] if fewer else []),
            *warnings_of(published, training, testing, measured),
            *said.left_out,
        ],
        said.outline,
        scale=said.scale,
        noticed=[*noticed_in(files), *tables.warnings],
        withheld=_withheld(job, files),
        apart=said.left_out,
        fine_tuned=tuned is not None,
        fine_tuning_rows=0 if tuned is None else len(tuned.learned_from),
        added_rounds=0 if tuned is None else ROUNDS,
    )


def _measuring(job: TrainingJob | PredictionJob) -> dict[str, float]:
    """Return the stage that comes first where there are light curves, which takes the longest."""
    return {_MEASURING: 400} if curves_sent(job) else {}


def _measure(job: TrainingJob | PredictionJob, progress: Progress, run: RunContext) -> None:
    if _MEASURING in progress.stages:
        with progress.stage(_MEASURING) as report:
            measure_curves(job, cores=run.cores, progress=report.nested)


def _withheld(job: TrainingJob | PredictionJob, files: Sequence[tuple[str, Table]]) -> list[str]:
    # Nobody sent the columns of what was measured in a light curve.
    return withheld_of([file for file in files if not is_measured(job, file[0])])


def _emitted(emit: Callable[[dict[str, Any]], None]) -> ProgressCallback:
    return lambda fraction, step: emit({"progress": fraction, "step": step})
