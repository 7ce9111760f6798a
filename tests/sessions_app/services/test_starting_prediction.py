from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from sessions_app import services
from sessions_app.exceptions import RefusedError
from sessions_app.models import PredictionSession, TrainingSession, UploadedFile
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import ArchiveData, UploadedData
from tests.sessions_app.services.uploads import broken, upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db


def trained(*, mission: str = "kepler", **facts: object) -> TrainingSession:
    given = {"status": "completed", "published": True, "finished_at": timezone.now()}
    return TrainingSession.objects.create(
        kind="training",
        mission=mission,
        data_source="nasa",
        model_type="xgboost",
        **(given | facts),
    )


@pytest.fixture
def model(kepler: DatasetSnapshot) -> TrainingSession:
    return trained(snapshot=kepler)


def refusal(data: ArchiveData | UploadedData) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        services.start_prediction(data=data)
    assert not PredictionSession.objects.exists()
    assert not UploadedFile.objects.exists()
    return refused.value


def test_the_newest_published_model_that_completed_is_used(model: TrainingSession) -> None:
    newer = trained()
    trained(published=False)
    trained(status="failed")
    trained(mission="tess")
    assert services.published_model("kepler") == newer
    assert services.published_model("k2") is None
    session = services.start_prediction(data=ArchiveData(mission="kepler"))
    assert session.published_model == newer


def test_an_accepted_session_waits_in_the_queue_with_its_snapshot_and_model(
    kepler: DatasetSnapshot, model: TrainingSession
) -> None:
    session = services.start_prediction(data=ArchiveData(mission="Kepler"), seed=3)
    session.refresh_from_db()
    assert (session.kind, session.status, session.seed) == ("prediction", "queued", 3)
    assert (session.mission, session.data_source) == ("kepler", "nasa")
    assert (session.snapshot, session.published_model) == (kepler, model)
    assert next_in_turn() == session.pk


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (ArchiveData(mission="corot"), "mission"),
        (UploadedData(mission="corot", field="data_format"), "data_format"),
    ],
)
def test_an_unknown_mission_is_refused(
    data: ArchiveData | UploadedData, field: str, model: TrainingSession
) -> None:
    refused = refusal(data)
    assert refused.field == field
    assert (
        refused.sentence
        == f"{field} was 'corot', but it must be one of kepler, k2, tess, tce, lightcurves."
    )


def test_a_mission_that_is_not_loaded_is_refused_with_the_command_that_loads_it(
    model: TrainingSession,
) -> None:
    refused = refusal(ArchiveData(mission="tess"))
    assert refused.field == "mission"
    assert "`manage.py load_dataset tess`" in refused.sentence


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (ArchiveData(mission="kepler", field="dataset_name"), "dataset_name"),
        (UploadedData(mission="kepler"), "mission"),
    ],
)
def test_without_a_published_model_a_request_is_refused_with_the_command_that_makes_one(
    data: ArchiveData | UploadedData, field: str, kepler: DatasetSnapshot
) -> None:
    refused = refusal(data)
    assert refused.field == field
    assert refused.sentence == (
        f"{field}: there is no published kepler model on this server; an operator makes one with"
        " `manage.py load_dataset kepler` and `manage.py train_pretrained kepler`."
    )


def test_a_request_without_any_file_is_refused(model: TrainingSession) -> None:
    refused = refusal(UploadedData(mission="kepler"))
    assert refused.field == "training_file"
    assert refused.sentence.startswith("training_file is missing: ")


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("faults", "field"),
    [
        (("one class", None), "training_file"),
        (("a picture", "a picture"), "training_file"),
        ((None, "another table"), "testing_file"),
        (("good", "no row"), "testing_file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_leaves_nothing(
    faults: tuple[str | None, str | None],
    field: str,
    model: TrainingSession,
    tmp_path: Path,
    kept: Callable[[], list[str]],
) -> None:
    before = kept()
    training, testing = (
        upload(tmp_path) if fault == "good" else fault and broken(tmp_path, fault)
        for fault in faults
    )
    refused = refusal(UploadedData(mission="kepler", training=training, testing=testing))
    assert refused.field == field
    assert refused.sentence.startswith(f"{field}: ")
    assert kept() == before


@pytest.mark.sampled("purposes2")
@pytest.mark.parametrize("purposes", [["training"], ["testing"], ["training", "testing"]])
def test_either_file_is_enough_and_is_kept_with_the_users_name(
    purposes: list[str], model: TrainingSession, tmp_path: Path
) -> None:
    uploads = {
        purpose: upload(tmp_path, purpose, name=f"{purpose} 行星.csv") for purpose in purposes
    }
    session = services.start_prediction(data=UploadedData(mission="kepler", **uploads))
    assert (session.data_source, session.snapshot) == ("user", None)
    assert sorted(session.files.values_list("purpose", "name")) == sorted(
        (f"{purpose}_file", f"{purpose} 行星.csv") for purpose in purposes
    )
