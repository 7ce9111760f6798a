"""Starting prediction sessions with published models, or with a user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from mlcore.tasks import DISPOSITION
from sessions_app.access.ownership import SERVER, Owner
from sessions_app.models import DataSource, PredictionSession, SessionKind
from sessions_app.queue.turns import enqueue
from sessions_app.services.datasets import loaded_snapshot
from sessions_app.services.inputs import (
    ArchiveData,
    UploadedData,
    keep_catalogues,
    keep_uploads,
    recorded_reading,
)
from sessions_app.services.limits import make_room
from sessions_app.services.prediction_plan import check_prediction, predicted_instead
from sessions_app.services.refusals import Refusals

if TYPE_CHECKING:
    from uuid import UUID

    from sessions_app.services.fewer_columns import FewerColumns


def start_prediction(  # noqa: PLR0913 - all that can be asked, each with a default and a name
    *,
    data: ArchiveData | UploadedData,
    model_id: UUID | None = None,
    task: str = DISPOSITION.name,
    fewer_columns: FewerColumns | None = None,
    second_opinion: dict[str, Any] | None = None,
    name: str = "",
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
    plan = check_prediction(
        data=data,
        model_id=model_id,
        task=task,
        fewer_columns=fewer_columns,
        second_opinion=second_opinion,
        name=name,
        owner=owner,
        refusals=Refusals(),
    )
    # Nothing was refused.
    assert plan.dataset and plan.model  # noqa: S101, PT018
    with transaction.atomic():
        make_room(owner)
        session = PredictionSession.objects.create(
            **owner.recorded(),
            **recorded_reading(plan.data, plan.uploads),
            kind=SessionKind.PREDICTION,
            mission=plan.dataset.name,
            data_source=DataSource.USER if plan.snapshot is None else DataSource.NASA,
            snapshot=plan.snapshot,
            reference=loaded_snapshot(plan.dataset.name),
            task=plan.model.task,
            published_model=plan.model,
            name=plan.name,
            seed=seed,
            waits_for_evidence=waits_for_evidence,
            warnings=predicted_instead(plan.uploads),
            second_opinion=plan.opinion and plan.opinion.as_json(),
        )
        keep_catalogues(session, plan.data)
        keep_uploads(session, plan.uploads, owner=owner)
        enqueue(session.pk)
    return session
