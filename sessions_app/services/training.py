"""Starting training sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from mlcore.models import model_type as find_model_type
from mlcore.training import usable_columns
from sessions_app.models import (
    DataSource,
    FilePurpose,
    SessionKind,
    TrainingSession,
)
from sessions_app.refusals import RefusedError, naming
from sessions_app.services.datasets import current_snapshot
from sessions_app.services.inputs import (
    ArchiveData,
    UploadedData,
    check_upload,
    keep_uploads,
    known_dataset,
)
from sessions_app.services.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.models import ModelType
    from sessions_app.services.inputs import CheckedUpload

__all__ = ["create_training", "start_training"]


def start_training(
    *,
    model_type: str,
    hyperparameters: Mapping[str, Any],
    data: ArchiveData | UploadedData,
    seed: int = 0,
) -> TrainingSession:
    """Accept a training session and put it into the queue; see `create_training`."""
    with transaction.atomic():
        session = create_training(
            model_type=model_type, hyperparameters=hyperparameters, data=data, seed=seed
        )
        enqueue(session)
    return session


def create_training(
    *,
    model_type: str,
    hyperparameters: Mapping[str, Any],
    data: ArchiveData | UploadedData,
    seed: int = 0,
) -> TrainingSession:
    """Check a request to train and record it as a session, which nothing runs yet.

    Parameters
    ----------
    model_type
        Name or alias of a model type.
    hyperparameters
        Values by name, as they were sent.
    data
        The rows to train and test on.
    seed
        Seed of every random step.

    Raises
    ------
    RefusedError
        When the request cannot work.
    """
    with naming("model_type"):
        kind = find_model_type(model_type)
    with naming("hyperparameters"):
        values, ignored = kind.read_hyperparameters(hyperparameters)
    facts: dict[str, Any] = {
        "kind": SessionKind.TRAINING,
        "model_type": kind.name,
        "hyperparameters": values,
        "seed": seed,
        "warnings": list(ignored),
    }
    if isinstance(data, ArchiveData):
        dataset = known_dataset(data.mission, field="dataset_name")
        snapshot = current_snapshot(dataset.name, field="dataset_name")
        columns = set(snapshot.columns) & {c.name for c in dataset.feature_columns()}
        _check_cost(kind, values, rows=snapshot.rows - snapshot.test_rows, columns=len(columns))
        return TrainingSession.objects.create(
            **facts, mission=dataset.name, data_source=DataSource.NASA, snapshot=snapshot
        )
    uploads = _checked(data)
    learned_from = uploads[0].table
    columns_found = usable_columns(learned_from)
    _check_cost(kind, values, rows=len(learned_from), columns=len(columns_found))
    with transaction.atomic():
        session = TrainingSession.objects.create(
            **facts, mission=learned_from.dataset.name, data_source=DataSource.USER
        )
        keep_uploads(session, uploads)
    return session


def _checked(data: UploadedData) -> list[CheckedUpload]:
    dataset = known_dataset(data.mission, field="data_format")
    found = []
    for upload, purpose in (
        (data.training, FilePurpose.TRAINING),
        (data.testing, FilePurpose.TESTING),
    ):
        if upload is None:
            raise RefusedError(
                f"{purpose} is missing: with data_source user, training needs a training_file"
                " and a testing_file.",
                field=purpose.value,
            )
        found.append(check_upload(upload, purpose, dataset))
    return found


def _check_cost(kind: ModelType, values: Mapping[str, Any], *, rows: int, columns: int) -> None:
    with naming("hyperparameters"):
        kind.check_cost(values, rows=rows, columns=columns)
