"""Whole jobs, from files to files: what a process of its own runs for a session.

A job takes JSON values and paths, reports progress as events and leaves two things in its folder:
``artifact`` (the model) and ``predictions.parquet``. What it returns are JSON values too.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.api import PredictionAPI, TrainingAPI
from mlcore.datasets import DATASETS
from mlcore.datasets.checking import LACKS
from mlcore.evaluation.report import summary
from mlcore.jobs.large_tables import EXPLAINED_LATER, predicted_large
from mlcore.jobs.means import with_means
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS, RESULTS, PredictionJob, TrainingJob
from mlcore.jobs.prediction_report import all_measured, report_of_prediction
from mlcore.jobs.read_first import Outline, read_first
from mlcore.jobs.refits import model_for
from mlcore.jobs.second_opinions import opinion_in
from mlcore.jobs.tables import tables_to_predict, training_rows_of
from mlcore.jobs.training_rows import read_setup
from mlcore.model_selection.train_test import left_out, shared_stars
from mlcore.models import model_type as find_model_type
from mlcore.persistence.artifact import library_versions, save_artifact
from mlcore.prediction import stored
from mlcore.prediction.error_propagation import FEWEST_DRAWS
from mlcore.prediction.writing import write_scored
from mlcore.progress import Progress
from mlcore.run import RunContext
from mlcore.tasks import find_task
from mlcore.training.fine_tune import ROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlcore.datasets.table import Table
    from mlcore.evaluation.model_result import ModelResult
    from mlcore.evaluation.report import Report
    from mlcore.jobs.large_tables import LargeTable
    from mlcore.models.spec import OutputScale
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predict import Predictions
    from mlcore.progress import ProgressCallback

__all__ = ["job_result", "predict_job", "train_job"]

_NO_NEIGHBOURS = (
    "No object has analogues: the rows that the model was trained on are not on this server."
)
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
        See `job_result`.
    """
    began = time.monotonic()
    job = TrainingJob(**argument)
    progress = Progress({"Reading the table": 4, "Training": 92, "Saving": 4}, _emitted(emit))
    with progress.stage("Reading the table"):
        about = read_setup(job)
        training, testing = about.training, about.tables.testing
    with progress.stage("Training") as report:
        run = RunContext(
            seed=job.seed,
            # What is read and saved counts too.
            began=began - _SAVING * len(testing),
            scratch=Path(job.folder),
            progress=report.nested,
        )
        with with_means(run, job.means, kept=job.snapshot is not None) as run:
            api = TrainingAPI(run=run)
            answer = api.train if job.evidence else api.first_answer
            result = answer(about.setup, about.testing)
            opinion = opinion_in(job, testing, result.predictions.probabilities, result.report, run)
        result = replace(result, report=replace(result.report, second_opinion=opinion))
    with progress.stage("Saving"):
        _save(result, Path(job.folder))
    files = _files(training, testing, uploaded=job.snapshot is None)
    # The request was told of these when it was accepted.
    _, ignored = find_model_type(job.model_type).read_hyperparameters(job.hyperparameters)
    return job_result(
        result,
        noticed=[*_noticed(files), *about.tables.warnings],
        withheld=_withheld(files),
        apart=ignored,
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
    progress = Progress(_PREDICTING, _emitted(emit))
    with progress.stage("Reading the table"):
        published = PredictionAPI().load(Path(job.artifact))
        published.check_serves(DATASETS[job.dataset])
        tables = tables_to_predict(job, published)
        training, testing, reference = tables.training, tables.testing, tables.reference
    with progress.stage("Fitting a model of the columns at hand") as report:
        given = [table for table in (training, testing) if table is not None]
        published, fewer = model_for(published, given, job, run.reporting(report.nested))
    model, tuned, learned_from = published, None, training_rows_of(published, reference)
    if training is not None:
        with progress.stage("Fine-tuning the model") as report:
            api = PredictionAPI(run=run.reporting(report))
            tuned = api.fine_tune(published, training, reference=reference)
            model, learned_from = tuned.model, [tuned.learned_from]
    (Path(job.folder) / RESULTS).mkdir(exist_ok=True)
    predictions: Predictions | None = None
    large: LargeTable | None = None
    with progress.stage("Predicting") as report:
        if len(testing) > stored.EXPLAINED_AT_ONCE:
            large = predicted_large(model, tables, Path(job.folder), run.reporting(report))
            tables, seen = large.tables, large.measured
            outline = Outline.of(large.whole.rows.scored, large.whole.about)
        else:
            api = PredictionAPI(run=run.reporting(report.nested))
            predictions = api.predict(
                model,
                testing,
                reference=reference,
                learned_from=learned_from,
                draws=None if job.evidence else FEWEST_DRAWS,
            )
            seen = all_measured(testing, predictions)
            outline = Outline.of(predictions.scored, predictions.about)
    with progress.stage("Measuring") as report:
        measured = report_of_prediction(
            published,
            tuned,
            tables,
            seen,
            learned_from=learned_from,
            published_probes=None if fewer else job.published_probes,
            evidence=job.evidence,
            run=run.reporting(report),
        )
        opinion = opinion_in(job, tables.testing, seen.probabilities, measured, run)
        measured = replace(measured, fewer_columns=fewer, second_opinion=opinion)
        if large is not None:
            measured = large.with_figures(measured, model, run)
        if not any(part.tables[0].dataset is testing.dataset for part in learned_from):
            measured = replace(measured, notes=(*measured.notes, _NO_NEIGHBOURS))
    warnings = [
        *([fewer.sentence] if fewer else []),
        *_warnings(published, training, testing, measured),
    ]
    with progress.stage("Saving"):
        save_artifact(model, Path(job.folder) / ARTIFACT)
        if predictions is not None:
            predictions.write(Path(job.folder) / PREDICTIONS)
        elif large is not None:
            warnings.append(EXPLAINED_LATER)
            write_scored(large.whole.rows, large.whole.about, Path(job.folder) / PREDICTIONS)
    sent = None if tables.held_out else testing
    files = _files(training, sent, uploaded=job.snapshot is None)
    return _told(
        model,
        measured,
        warnings,
        outline,
        scale=seen.explanation.scale,
        noticed=[*_noticed(files), *tables.warnings],
        withheld=_withheld(files),
        apart=[EXPLAINED_LATER],
        fine_tuned=tuned is not None,
        fine_tuning_rows=0 if tuned is None else len(tuned.learned_from),
        added_rounds=0 if tuned is None else ROUNDS,
    )


def _warnings(
    published: TrainedModel, training: Table | None, testing: Table, report: Report
) -> list[str]:
    """Return what the user should know of a prediction, as sentences."""
    warnings = [
        *(report.probes.warnings if report.probes else ()),
        *_seen_in_training(testing, published),
    ]
    if training is not None:
        kept = published.inputs.may_learn_from(training)
        warnings += left_out(training, kept, "training")
        warnings += shared_stars(training, testing)
    forgetting = report.reference_test_set
    if forgetting is not None and forgetting.warning is not None:
        warnings.append(forgetting.warning)
    return warnings


def job_result(
    result: ModelResult,
    *,
    noticed: Sequence[str] = (),
    withheld: Sequence[str] = (),
    apart: Sequence[str] = (),
    **facts: Any,
) -> dict[str, Any]:
    """Return what a job found as JSON values.

    Parameters
    ----------
    result
        What was trained or predicted.
    noticed
        What was noticed in the files.
    withheld
        What no model is shown of them, which changes nothing for whoever reads the result.
    apart
        Warnings of the result that say nothing of its rows and columns.
    **facts
        What else there is to say of the model.

    Returns
    -------
    dict
        ``metrics``: the main figures, see `mlcore.evaluation.report.summary`, None when no row has
        a true label. ``metrics_before``: the same before fine-tuning, None when nothing was
        fine-tuned. ``report``: see `mlcore.evaluation.report.Report.as_json`, with what has to be
        known before it is read, see `mlcore.jobs.read_first`. ``model``: what it is. ``warnings``:
        sentences, those first.
    """
    predictions = result.predictions
    return _told(
        result.model,
        result.report,
        result.warnings,
        Outline.of(predictions.scored, predictions.about),
        scale=predictions.explanation.scale,
        noticed=noticed,
        withheld=withheld,
        apart=apart,
        **facts,
    )


def _told(
    model: TrainedModel,
    report: Report,
    warnings: Sequence[str],
    outline: Outline,
    *,
    scale: OutputScale,
    noticed: Sequence[str],
    withheld: Sequence[str],
    apart: Sequence[str],
    **facts: Any,
) -> dict[str, Any]:
    """Return what `job_result` returns, from what is said of the rows as a whole."""
    first = read_first(model, report, warnings, outline, noticed, apart=apart)
    return {
        "metrics": summary(report.measurement),
        "metrics_before": summary(report.before),
        "report": report.as_json() | {"read_first": first},
        "model": _model_facts(model, outline.rows, scale) | facts,
        "warnings": list(dict.fromkeys([*first, *withheld, *warnings])),
    }


def _emitted(emit: Callable[[dict[str, Any]], None]) -> ProgressCallback:
    return lambda fraction, step: emit({"progress": fraction, "step": step})


def _save(result: ModelResult, folder: Path) -> None:
    TrainingAPI().save(result, folder / ARTIFACT, folder / PREDICTIONS)


def _model_facts(model: TrainedModel, rows: int, scale: OutputScale) -> dict[str, Any]:
    classifier = model.classifier
    return {
        "model_type": classifier.model_type.name,
        "hyperparameters": dict(classifier.hyperparameters),
        "task": model.task.name,
        "feature_set": str(model.inputs.feature_set),
        "label_derived": list(model.inputs.label_derived),
        "left_out": list(model.inputs.left_out),
        "missions": list(model.missions),
        "columns": list(classifier.columns),
        "classes": [str(kind) for kind in classifier.classes],
        "frequencies": dict(zip(map(str, model.task.classes), model.frequencies, strict=True)),
        "train_rows": model.train_rows,
        "test_rows": rows,
        "seed": classifier.seed,
        "explained_output": str(scale),
        "explained_output_meaning": scale.meaning,
        "versions": library_versions(),
    }


def _files(
    training: Table | None, testing: Table | None, *, uploaded: bool
) -> list[tuple[str, Table]]:
    """Return the tables that a user sent, each with what its file is called."""
    named = [("training", training), ("testing", testing)]
    return [(name, table) for name, table in named if uploaded and table is not None]


def _noticed(files: Sequence[tuple[str, Table]]) -> list[str]:
    """Return what reading files showed, each sentence with the file that it is about."""
    sentences = []
    for name, table in files:
        sentences += [
            f"In the {name} file: {sentence}"
            for sentence in table.warnings
            # What the rows to predict lack is told with the model that answers.
            if name == "training" or not sentence.startswith(LACKS)
        ]
        if table.ignored_columns:
            shown = ", ".join(table.ignored_columns[:20])
            sentences.append(f"In the {name} file these unknown columns were ignored: {shown}.")
    return list(dict.fromkeys(sentences))


def _withheld(files: Sequence[tuple[str, Table]]) -> list[str]:
    """Return which columns of files no model is shown, a sentence a file."""
    return [
        f"In the {name} file these columns were not shown to the model, because they state or"
        f" follow the disposition: {', '.join(table.withheld_columns)}."
        for name, table in files
        if table.withheld_columns
    ]


def _seen_in_training(testing: Table, published: TrainedModel) -> list[str]:
    known = published.knows(testing)
    if testing.labels is not None:
        # There is no figure on a row that the model's task does not tell apart.
        known = known & find_task(published.task.name).decided(testing.labels)
    rows = int(known.sum())
    warning = (
        f"{rows} of the {len(testing)} predicted rows belong to host stars that the published model"
        " was trained on; the figures flatter it on these."
    )
    return [warning] if rows else []
