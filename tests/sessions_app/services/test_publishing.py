from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessions_app import execution, services
from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import TrainingSession
from sessions_app.refusals import RefusedError
from sessions_app.services.publishing import PUBLISHED_HYPERPARAMETERS, PUBLISHED_MODEL_TYPE

if TYPE_CHECKING:
    from pathlib import Path

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db


def session(status: Status, **facts: str) -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training",
        status=status,
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        **facts,
    )


def test_a_completed_model_can_be_published() -> None:
    made = session(Status.COMPLETED)
    services.publish(made)
    assert made.published
    assert services.published_model("kepler") == made


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.COMPLETED}))
def test_a_model_that_did_not_complete_cannot_be_published(status: Status) -> None:
    ended = status in FINAL
    made = session(status, error="It broke." if ended else "")
    with pytest.raises(RefusedError) as refused:
        services.publish(made)
    assert refused.value.sentence == (
        "It broke." if ended else "Only the model of a completed session can be published."
    )
    assert not TrainingSession.objects.filter(published=True).exists()


def test_the_pretrained_model_is_trained_on_the_current_snapshot_and_published(
    kepler: DatasetSnapshot, jobs: None
) -> None:
    made = services.train_pretrained("kepler", execute=execution.execute)
    assert (made.status, made.published, made.snapshot) == ("completed", True, kepler)
    assert made.model_type == PUBLISHED_MODEL_TYPE
    assert made.hyperparameters.items() >= PUBLISHED_HYPERPARAMETERS.items()
    assert services.published_model("kepler") == made


def test_a_pretraining_that_fails_leaves_the_earlier_model_published(
    kepler: DatasetSnapshot, media: Path, jobs: None
) -> None:
    earlier = session(Status.COMPLETED)
    services.publish(earlier)
    (media / kepler.file.name).write_bytes(b"\x00rubbish")
    with pytest.raises(RefusedError):
        services.train_pretrained("kepler", execute=execution.execute)
    assert services.published_model("kepler") == earlier


def test_a_mission_that_is_not_loaded_cannot_be_pretrained() -> None:
    with pytest.raises(RefusedError, match=r"`manage\.py load_dataset k2`"):
        services.train_pretrained("k2", execute=execution.execute)
    assert not TrainingSession.objects.exists()
