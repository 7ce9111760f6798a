"""Starting prediction sessions with published models."""

from __future__ import annotations

from django.db import transaction

from sessions_app.lifecycle import Status
from sessions_app.models import (
    DataSource,
    FilePurpose,
    PredictionSession,
    SessionKind,
    TrainingSession,
)
from sessions_app.refusals import RefusedError
from sessions_app.services.datasets import current_snapshot, load_command
from sessions_app.services.inputs import (
    ArchiveData,
    UploadedData,
    check_upload,
    keep_uploads,
    known_dataset,
)
from sessions_app.services.queue import enqueue

__all__ = ["published_model", "start_prediction"]


def published_model(mission: str) -> TrainingSession | None:
    """Return the newest published model of a mission, or None."""
    return (
        TrainingSession.objects.filter(mission=mission, published=True, status=Status.COMPLETED)
        .order_by("-finished_at")
        .first()
    )


def start_prediction(*, data: ArchiveData | UploadedData, seed: int = 0) -> PredictionSession:
    """Accept a prediction session and put it into the queue.

    Parameters
    ----------
    data
        The rows: a mission's test split, or a user's files. A training file fine-tunes the
        published model first; without a testing file a part of it is held out and predicted.
    seed
        Kept with the session; prediction and fine-tuning draw no random numbers of their own.

    Raises
    ------
    RefusedError
        When the request cannot work.
    """
    from_archive = isinstance(data, ArchiveData)
    field = "dataset_name" if from_archive else "data_format"
    dataset = known_dataset(data.mission, field=field)
    snapshot = current_snapshot(dataset.name, field=field) if from_archive else None
    model = published_model(dataset.name)
    if model is None:
        raise RefusedError(
            f"{field}: there is no published {dataset.name} model on this server; an operator makes"
            f" one with `{load_command(dataset.name)}` and `manage.py train_pretrained"
            f" {dataset.name}`.",
            field=field,
        )
    uploads = []
    if isinstance(data, UploadedData):
        given = [
            (data.training, FilePurpose.TRAINING),
            (data.testing, FilePurpose.TESTING),
        ]
        if not any(upload for upload, _ in given):
            raise RefusedError(
                "training_file is missing: with data_source user, prediction needs a training_file"
                " to fine-tune on, a testing_file to predict, or both.",
                field="training_file",
            )
        uploads = [check_upload(upload, purpose, dataset) for upload, purpose in given if upload]
    with transaction.atomic():
        session = PredictionSession.objects.create(
            kind=SessionKind.PREDICTION,
            mission=dataset.name,
            data_source=DataSource.NASA if from_archive else DataSource.USER,
            snapshot=snapshot,
            published_model=model,
            seed=seed,
        )
        keep_uploads(session, uploads)
        enqueue(session)
    return session
