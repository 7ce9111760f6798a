"""Starting training sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from sessions_app.access.ownership import SERVER, Owner
from sessions_app.models import DataSource, SessionKind, TrainingSession
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
from sessions_app.services.refusals import Refusals
from sessions_app.services.training_plan import (
    USUAL_CHOICES,
    TrainingChoices,
    check_training,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def start_training(
    *,
    model_type: str,
    hyperparameters: Mapping[str, Any],
    data: ArchiveData | UploadedData,
    choices: TrainingChoices = USUAL_CHOICES,
    name: str = "",
    seed: int = 0,
    waits_for_evidence: bool = False,
    owner: Owner = SERVER,
) -> TrainingSession:
    """Check a request to train and record it as a session that waits for a worker.

    The model type may be an alias, and hyperparameters are values by name as they were sent. It
    completes with its first answer, unless it waits for the evidence. Raises RefusedError when the
    request cannot work.
    """
    plan = check_training(
        model_type=model_type,
        hyperparameters=hyperparameters,
        data=data,
        choices=choices,
        name=name,
        owner=owner,
        refusals=Refusals(),
    )
    # Nothing was refused.
    assert plan.dataset and plan.task and plan.kind and plan.values is not None  # noqa: S101, PT018
    with transaction.atomic():
        make_room(owner)
        session = TrainingSession.objects.create(
            **owner.recorded(),
            **recorded_reading(plan.data, plan.uploads),
            kind=SessionKind.TRAINING,
            mission=plan.dataset.name,
            data_source=DataSource.USER if plan.snapshot is None else DataSource.NASA,
            snapshot=plan.snapshot,
            reference=plan.snapshot or loaded_snapshot(plan.dataset.name),
            task=plan.task.name,
            model_type=plan.kind.name,
            hyperparameters=plan.values,
            feature_set=choices.feature_set,
            label_derived=list(choices.label_derived),
            protocols=list(map(str, choices.protocols)),
            name=plan.name,
            seed=seed,
            waits_for_evidence=waits_for_evidence,
            second_opinion=plan.opinion and plan.opinion.as_json(),
            warnings=list(plan.warnings),
        )
        session.further_snapshots.set(plan.further)
        keep_catalogues(session, plan.data)
        keep_uploads(session, plan.uploads, owner=owner)
        enqueue(session.pk)
    return session
