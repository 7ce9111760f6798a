"""What an analysis of a completed session is about, read again from where its rows lie."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.analyses.subject import Subject, training_rows_at_hand
from mlcore.errors import DataError
from mlcore.jobs.messages import PredictionJob, TrainingJob
from mlcore.jobs.tables import tables_to_predict, tables_to_train, training_rows_of, whole_table
from mlcore.persistence.artifact import load_artifact

if TYPE_CHECKING:
    from mlcore.datasets.table import Table
    from mlcore.jobs.messages import AnalysisJob
    from mlcore.jobs.tables import JobTables
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel

__all__ = ["subject_of_session"]


def subject_of_session(job: AnalysisJob) -> Subject:
    """Read a session's model and its rows again.

    Raises
    ------
    ArtifactError
        When the model is missing or damaged.
    DataError
        When the rows cannot be read any more.
    """
    model = load_artifact(Path(job.artifact))
    trained = None if job.training is None else TrainingJob(**job.training)
    published: TrainedModel | None = None
    if job.prediction is not None:
        order = PredictionJob(**job.prediction)
        published = load_artifact(Path(order.artifact))
        tables = tables_to_predict(order, published)
    elif trained is not None:
        tables = tables_to_train(trained)
    else:
        raise DataError("It is not known which rows the session was about.")
    return Subject(
        model=model,
        table=tables.testing,
        reference=tables.reference,
        tested_on=tables.tested_on,
        trained_on=partial(_trained_on, model, tables, trained, published),
        fine_tuned=published is not None and tables.training is not None,
        seed=job.seed,
    )


def _trained_on(
    model: TrainedModel,
    tables: JobTables,
    trained: TrainingJob | None,
    published: TrainedModel | None,
) -> list[LabelledRows]:
    """Return what the session's model was trained on, the rows of fine-tuning last."""
    parts = []
    if published is not None:
        parts = _published_on(model, published, trained, tables.reference)
    if tables.training is not None:
        parts.append(training_rows_at_hand(model, tables.training, tables.reference))
    return parts


def _published_on(
    model: TrainedModel,
    published: TrainedModel,
    job: TrainingJob | None,
    reference: Table | None,
) -> list[LabelledRows]:
    """Return what the published model was trained on: a user's rows or those of its stars."""
    if job is not None and job.training_file is not None:
        tables = tables_to_train(job)
        assert tables.training is not None  # noqa: S101 - a job that trains learns from rows
        return [training_rows_at_hand(model, tables.training, tables.reference)]
    catalogues = [reference]
    if job is not None and (job.snapshot is not None or job.others):
        snapshots = job.others if job.snapshot is None else {job.dataset: job.snapshot}
        catalogues = [whole_table(path, mission) for mission, path in snapshots.items()]
    return [
        training_rows_at_hand(model, part.tables[0], catalogue)
        for catalogue in catalogues
        for part in training_rows_of(published, catalogue)
    ]
