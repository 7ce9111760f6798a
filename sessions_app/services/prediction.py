"""Starting prediction sessions with published models, or with a user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from mlcore.datasets import DATASETS, of_candidates
from mlcore.features.feature_sets import FeatureSet
from mlcore.models.model_types import FINE_TUNED
from mlcore.tasks import DISPOSITION, check_asks, find_task
from sessions_app.access.ownership import SERVER, Act, Owner
from sessions_app.exceptions import RefusedError, naming
from sessions_app.lifecycle import Status
from sessions_app.models import DataSource, PredictionSession, SessionKind, TrainingSession
from sessions_app.models.snapshot import ALL_MISSIONS
from sessions_app.queue.turns import enqueue
from sessions_app.services.datasets import current_snapshot, load_command, loaded_snapshot
from sessions_app.services.fewer_columns import (
    FewerColumns,
    lacking_columns,
    refuse_unless_refit,
)
from sessions_app.services.inputs import (
    ArchiveData,
    UploadedData,
    check_uploads,
    keep_uploads,
    known_dataset,
    recorded_reading,
)
from sessions_app.services.limits import make_room, refuse_when_full
from sessions_app.services.second_opinion import (
    asked_opinion,
    refuse_unless_loaded,
    refuse_unless_unseen,
)

if TYPE_CHECKING:
    from uuid import UUID

    from mlcore.datasets import Dataset
    from sessions_app.services.inputs import CheckedUpload

_PREDICTED = (
    "The training_file has no dispositions, so that its rows are predicted and nothing is"
    " fine-tuned."
)
_DEFAULT_SETS = (FeatureSet.DEFAULT, FeatureSet.MEASURED)


def published_model(mission: str, *, task: str = DISPOSITION.name) -> TrainingSession | None:
    """Return the newest published model that serves a mission, or None.

    One that can be fine-tuned is preferred to one that cannot, and one of the mission's own default
    columns to one on shared columns.
    """
    offered = TrainingSession.objects.filter(published=True, status=Status.COMPLETED, task=task)
    own = offered.filter(mission=mission, feature_set__in=_DEFAULT_SETS)
    shared = offered.filter(mission=ALL_MISSIONS)
    tunable = [models.filter(model_type__in=FINE_TUNED) for models in (own, shared)]
    newest = (models.order_by("-finished_at").first() for models in (*tunable, own, shared))
    return next((model for model in newest if model), None)


def _chosen_model(
    model_id: UUID | None, dataset: Dataset, *, task: str, field: str, owner: Owner
) -> TrainingSession:
    if model_id is None:
        model = published_model(dataset.name, task=task)
        if model is None and not dataset.published:
            raise RefusedError(
                f"model: the project publishes no model of {dataset.title}; train one and name the"
                " id of its session.",
                field="model",
            )
        if model is None:
            raise RefusedError(
                f"{field}: there is no published {dataset.name} model on this server; an operator"
                f" makes one with `{load_command(dataset.name)}` and `manage.py train_pretrained"
                f" {dataset.name}`.",
                field=field,
            )
        return model
    model = TrainingSession.objects.filter(pk=model_id, status=Status.COMPLETED).first()
    # It is offered to everybody, or is the caller's own.
    if model is None or not (model.published or owner.staff or owner.may(Act.CHANGE, model)):
        raise RefusedError(
            f"model: there is no published model {model_id}, and no completed training session of"
            " yours.",
            field="model",
        )
    shared = model.feature_set == FeatureSet.HARMONISED and dataset.name in of_candidates()
    if model.mission != dataset.name and not shared:
        raise RefusedError(
            f"model: it reads the columns of {_title(model)} and cannot score"
            f" {dataset.title}; choose one of {dataset.name}"
            f"{' or one on the harmonised columns' if dataset.name in of_candidates() else ''}.",
            field="model",
        )
    return model


def _seen_by(model: TrainingSession, dataset: Dataset) -> set[str]:
    """Return a model's columns, with the mission's columns that they are read from."""
    return {
        name for column, needed in model.read_from(dataset).items() for name in (column, *needed)
    }


def _title(model: TrainingSession) -> str:
    dataset = DATASETS.get(model.mission)
    return "all missions" if dataset is None else dataset.title


def _one_that_lacks_nothing(
    model: TrainingSession, dataset: Dataset, uploads: list[CheckedUpload]
) -> TrainingSession | None:
    """Return a published model of the same task that needs only what files have, or None."""
    offered = TrainingSession.objects.filter(
        published=True,
        status=Status.COMPLETED,
        task=model.task,
        mission__in=(dataset.name, ALL_MISSIONS),
    ).order_by("-finished_at")
    return next(
        (other for other in offered if lacking_columns(other, dataset, uploads) is None), None
    )


def _check_fits(model: TrainingSession, data: ArchiveData | UploadedData) -> None:
    """Refuse rows that a model of a user's own cannot be used on."""
    if isinstance(data, ArchiveData):
        if model.label_derived:
            raise RefusedError(
                f"model: it uses the label-derived columns {', '.join(model.label_derived)}, which"
                " only files of your own can have; choose data_source user.",
                field="model",
            )
    elif (
        data.training is not None
        and not data.training_may_be_testing
        and model.model_type not in FINE_TUNED
    ):
        raise RefusedError(
            f"training_file: the model is a {model.get_model_type_display()}, which cannot be"
            f" fine-tuned; only {' and '.join(FINE_TUNED)} can. Leave the training_file out.",
            field="training_file",
        )


def start_prediction(
    *,
    data: ArchiveData | UploadedData,
    model_id: UUID | None = None,
    task: str = DISPOSITION.name,
    fewer_columns: FewerColumns | None = None,
    second_opinion: dict[str, Any] | None = None,
    seed: int = 0,
    waits_for_evidence: bool = False,
    owner: Owner = SERVER,
) -> PredictionSession:
    """Accept a prediction session and put it into the queue.

    A training file fine-tunes the model first; without a testing file a part of it is held out and
    predicted. The model is a published one or of a completed training session of the owner's, by
    default the newest published one of the mission for `task`. Where files lack columns that it was
    trained on, `fewer_columns` says what is done. It completes with its first answer, unless it
    waits for the evidence. Raises RefusedError when the request cannot work.
    """
    refuse_when_full(owner)
    from_archive = isinstance(data, ArchiveData)
    field = data.field
    dataset = known_dataset(data.mission, field=field)
    snapshot = None
    if isinstance(data, ArchiveData):
        snapshot = data.snapshot or current_snapshot(dataset.name, field=field)
    with naming("task"):
        wanted = find_task(task)
        if model_id is None:
            check_asks(wanted, dataset)
    model = _chosen_model(model_id, dataset, task=wanted.name, field=field, owner=owner)
    _check_fits(model, data)
    opinion = asked_opinion(second_opinion)
    if snapshot is not None:
        refuse_unless_loaded(opinion, dataset, snapshot)
    uploads: list[CheckedUpload] = []
    if isinstance(data, UploadedData):
        uploads = check_uploads(
            data,
            dataset,
            task=find_task(model.task),
            label_derived=model.label_derived,
            to_train=False,
            owner=owner,
            opinion=opinion,
        )
        if lacking := lacking_columns(model, dataset, uploads):
            try:
                refuse_unless_refit(model, lacking, fewer_columns)
            except RefusedError:
                if model_id is not None or fewer_columns is FewerColumns.REFUSE:
                    raise
                other = _one_that_lacks_nothing(model, dataset, uploads)
                if other is None:
                    raise
                model = other
    refuse_unless_unseen(opinion, _seen_by(model, dataset), uploads)
    with transaction.atomic():
        make_room(owner)
        session = PredictionSession.objects.create(
            **owner.recorded(),
            **recorded_reading(data, uploads),
            kind=SessionKind.PREDICTION,
            mission=dataset.name,
            data_source=DataSource.NASA if from_archive else DataSource.USER,
            snapshot=snapshot,
            reference=loaded_snapshot(dataset.name),
            task=model.task,
            published_model=model,
            seed=seed,
            waits_for_evidence=waits_for_evidence,
            warnings=[_PREDICTED for checked in uploads if checked.verdict.to_predict],
            second_opinion=opinion and opinion.as_json(),
        )
        keep_uploads(session, uploads, owner=owner)
        enqueue(session.pk)
    return session
