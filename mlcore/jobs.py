"""Whole jobs, from files to files: what a process of its own runs for a session.

A job takes JSON values and paths, reports progress as events and leaves two things in its folder:
``artifact`` (the model) and ``predictions.parquet``. What it returns are JSON values too.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.artifact import library_versions, load_artifact, save_artifact, training_stars
from mlcore.datasets import DATASETS, read_table
from mlcore.datasets.snapshot import read_snapshot
from mlcore.evaluation import evaluate
from mlcore.fine_tuning import ROUNDS, fine_tune
from mlcore.models.classifier import CLASSES
from mlcore.prediction import actual_labels, predict_rows
from mlcore.progress import Progress
from mlcore.training import (
    FIXED_SPLIT,
    HELD_OUT_SPLIT,
    UPLOADED_TEST,
    labelled_rows,
    shared_stars,
    split,
    train,
    training_rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.datasets.table import Table
    from mlcore.evaluation import Evaluation
    from mlcore.models.classifier import Classifier
    from mlcore.prediction import Predictions
    from mlcore.progress import ProgressCallback

__all__ = [
    "ARTIFACT",
    "PREDICTIONS",
    "JobResult",
    "PredictionJob",
    "TrainingJob",
    "predict_job",
    "train_job",
]

ARTIFACT = "artifact"
PREDICTIONS = "predictions.parquet"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingJob:
    """A request to train: on a mission's snapshot, or on a training and a testing file."""

    dataset: str
    model_type: str
    hyperparameters: dict[str, Any]
    seed: int
    folder: str
    """New folder for what the job leaves."""
    snapshot: str | None = None
    training_file: str | None = None
    testing_file: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionJob:
    """A request to predict with a saved model, fine-tuned first when a training file is given."""

    dataset: str
    artifact: str
    folder: str
    snapshot: str | None = None
    training_file: str | None = None
    testing_file: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class JobResult:
    """What a job found, as JSON values."""

    metrics: dict[str, Any] | None
    """Figures on exactly the predicted rows; None when they have no true labels."""
    metrics_before: dict[str, Any] | None
    """The same before fine-tuning; None when nothing was fine-tuned."""
    model: dict[str, Any]
    warnings: list[str]


def train_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Train a classifier.

    Parameters
    ----------
    argument
        The fields of a `TrainingJob`.
    emit
        Receives ``{"progress": fraction, "step": words}``.

    Returns
    -------
    dict
        The fields of a `JobResult`.
    """
    job = TrainingJob(**argument)
    progress = Progress({"Reading the table": 4, "Training": 92, "Saving": 4}, _emitted(emit))
    with progress.stage("Reading the table"):
        dataset = DATASETS[job.dataset]
        if job.snapshot is not None:
            training, testing = read_snapshot(Path(job.snapshot), dataset)
            tested_on = FIXED_SPLIT
        else:
            training = read_table(Path(job.training_file or ""), dataset, require_labels=True)
            testing = read_table(Path(job.testing_file or ""), dataset, require_labels=False)
            tested_on = UPLOADED_TEST
    with progress.stage("Training") as report:
        result = train(
            job.model_type,
            training,
            testing,
            hyperparameters=job.hyperparameters,
            seed=job.seed,
            tested_on=tested_on,
            progress=report.nested,
        )
    with progress.stage("Saving"):
        stars = frozenset(training_rows(training).hosts)
        _save(Path(job.folder), job.dataset, result.classifier, result.predictions, stars)
    return asdict(
        JobResult(
            metrics=_figures(result.evaluation),
            metrics_before=None,
            model=_model(result.classifier, result.predictions) | {"train_rows": result.train_rows},
            warnings=[
                *_noticed(training, testing, uploaded=job.snapshot is None),
                *result.warnings,
            ],
        )
    )


def predict_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Predict with a saved model; see `train_job`, with the fields of a `PredictionJob`."""
    job = PredictionJob(**argument)
    stages = {"Reading the table": 4, "Fine-tuning the model": 46, "Explaining each object": 46}
    progress = Progress(stages | {"Saving": 4}, _emitted(emit))
    with progress.stage("Reading the table"):
        published, seen = load_artifact(Path(job.artifact)), training_stars(Path(job.artifact))
        training, testing, tested_on = _prediction_tables(job)
    classifier, before = published, None
    if training is not None:
        with progress.stage("Fine-tuning the model") as report:
            classifier = fine_tune(published, training, progress=report)
            best = published.predict_proba(testing.features).argmax(axis=1)
            before = evaluate(actual_labels(testing), [CLASSES[i] for i in best], split=tested_on)
    with progress.stage("Explaining each object") as report:
        columns = tuple(DATASETS[job.dataset].column(name) for name in classifier.columns)
        predictions = predict_rows(classifier, testing, columns, progress=report)
    learned_from = None if training is None else labelled_rows(training)
    tuned_on = 0 if learned_from is None else len(learned_from)
    with progress.stage("Saving"):
        stars = seen if learned_from is None else seen | set(learned_from.hosts)
        _save(Path(job.folder), job.dataset, classifier, predictions, stars)
    return asdict(
        JobResult(
            metrics=_figures(evaluate(predictions.actual, predictions.labels, split=tested_on)),
            metrics_before=_figures(before),
            model=_model(classifier, predictions)
            | {"fine_tuned": tuned_on > 0, "fine_tuning_rows": tuned_on}
            | {"added_rounds": ROUNDS if tuned_on else 0},
            warnings=[
                *_noticed(training, testing, uploaded=job.snapshot is None),
                *_seen_in_training(testing, seen),
                *(() if training is None else shared_stars(training, testing)),
            ],
        )
    )


def _prediction_tables(job: PredictionJob) -> tuple[Table | None, Table, str]:
    dataset = DATASETS[job.dataset]
    if job.snapshot is not None:
        return None, read_snapshot(Path(job.snapshot), dataset)[1], FIXED_SPLIT
    if job.training_file is None:
        testing = read_table(Path(job.testing_file or ""), dataset, require_labels=False)
        return None, testing, UPLOADED_TEST
    training = training_rows(read_table(Path(job.training_file), dataset, require_labels=True))
    if job.testing_file is not None:
        testing = read_table(Path(job.testing_file), dataset, require_labels=False)
        return training, testing, UPLOADED_TEST
    return *split(training), HELD_OUT_SPLIT


def _emitted(emit: Callable[[dict[str, Any]], None]) -> ProgressCallback:
    return lambda fraction, step: emit({"progress": fraction, "step": step})


def _save(
    folder: Path,
    dataset: str,
    classifier: Classifier,
    predictions: Predictions,
    stars: frozenset[str],
) -> None:
    save_artifact(classifier, folder / ARTIFACT, dataset=dataset, stars=stars)
    predictions.write(folder / PREDICTIONS)


def _figures(evaluation: Evaluation | None) -> dict[str, Any] | None:
    return None if evaluation is None else evaluation.as_json()


def _model(classifier: Classifier, predictions: Predictions) -> dict[str, Any]:
    return {
        "model_type": classifier.model_type.name,
        "hyperparameters": dict(classifier.hyperparameters),
        "columns": list(classifier.columns),
        "classes": [str(each) for each in classifier.classes],
        "test_rows": len(predictions),
        "seed": classifier.seed,
        "explained_output": str(predictions.explanation.scale),
        "versions": library_versions(),
    }


def _noticed(training: Table | None, testing: Table, *, uploaded: bool) -> list[str]:
    """Return what reading an upload showed, each sentence with the file that it is about."""
    if not uploaded:
        return []
    found = []
    for name, table in (("training", training), ("testing", testing)):
        if table is None:
            continue
        found += [f"In the {name} file: {sentence}" for sentence in table.warnings]
        if table.ignored_columns:
            shown = ", ".join(table.ignored_columns[:20])
            found.append(f"In the {name} file these unknown columns were ignored: {shown}.")
        if table.withheld_columns:
            shown = ", ".join(table.withheld_columns)
            found.append(
                f"In the {name} file these columns were not shown to the model, because they state"
                f" or follow the disposition: {shown}."
            )
    return list(dict.fromkeys(found))


def _seen_in_training(testing: Table, seen: frozenset[str]) -> list[str]:
    if testing.dataset.host not in testing.frame:
        return []
    # A row without a star is a star of its own, in one table only.
    named = testing.frame[testing.dataset.host].notna()
    rows = int(testing.hosts[named].isin(seen).sum())
    warning = (
        f"{rows} of the {len(testing)} predicted rows belong to host stars that the published model"
        " was trained on; the figures flatter it on these."
    )
    return [warning] if rows else []
