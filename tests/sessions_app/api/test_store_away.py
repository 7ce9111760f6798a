"""What is answered where the store of files is needed and does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from sessions_app import selectors
from sessions_app.lifecycle import Status
from sessions_app.models import Session, TrainingSession
from sessions_app.monitoring import store
from tests.sessions_app.real_rows import kepler_file
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from tests.buckets import Bucket

pytestmark = pytest.mark.django_db(transaction=True)

AWAY = "The store of files does not answer; try again in a moment."
UNWELL = "The store of files does not answer."


@pytest.fixture
def session(bucket: Bucket) -> TrainingSession:
    made = TrainingSession.objects.create(
        kind="training",
        status=Status.COMPLETED,
        mission="kepler",
        data_source="nasa",
        model_type="svm",
    )
    keep_objects(made, [an_object(1), an_object(2)])
    return made


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "address",
    [
        "/sessions/{}/objects",
        "/sessions/{}/objects/1",
        "/api/v1/training-sessions/{}/predictions",
        "/api/v1/training-sessions/{}/export",
        "/admin/sessions_app/trainingsession/{}/predictions/",
    ],
)
def test_a_page_or_a_download_is_answered_503_in_one_sentence(
    session: TrainingSession, bucket: Bucket, address: str, admin_client: Client
) -> None:
    address = address.format(session.pk)
    assert admin_client.get(address).status_code == 200
    bucket.server.stop()
    answer = admin_client.get(address)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    if answer["Content-Type"].startswith("application/problem+json"):
        assert answer.json()["detail"] == AWAY
    else:
        assert answer.content.decode() == AWAY
    bucket.server.start()
    assert admin_client.get(address).status_code == 200


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/training-sessions",
        pytest.param("/api/custom/train", marks=pytest.mark.long),
        pytest.param("/train", marks=pytest.mark.long),
    ],
)
def test_a_start_whose_files_cannot_be_kept_leaves_nothing(
    bucket: Bucket, address: str, tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    content = kepler_file(tmp_path / "rows.csv").read_bytes()
    sent: dict[str, Any] = {
        "model_type": "decision_tree",
        "data_source": "user",
        "task": "vetting",
        "feature_set": "measured",
        "mission": "kepler",
        "training_file": SimpleUploadedFile("training.csv", content),
        "testing_file": SimpleUploadedFile("testing.csv", content),
    }
    bucket.server.stop()
    answer = APIClient().post(address, sent, format="multipart")
    assert answer.status_code == 503, answer.content
    assert AWAY in answer.content.decode()
    assert not Session.objects.exists()
    assert kept() == []
    bucket.server.start()
    assert bucket.names() == []


@pytest.mark.long
def test_the_first_file_goes_when_the_second_cannot_be_kept(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sessions_app.files.object_store import ObjectStore

    put = ObjectStore._put
    lying: list[str] = []

    def once(self: Any, path: Path, name: str) -> None:
        if name.endswith("testing_file"):
            lying.extend(bucket.names())
            bucket.server.stop()
            try:
                put(self, path, name)
            finally:
                bucket.server.start()
        put(self, path, name)

    monkeypatch.setattr(ObjectStore, "_put", once)
    content = kepler_file(tmp_path / "rows.csv").read_bytes()
    sent = {
        "model_type": "decision_tree",
        "data_source": "user",
        "mission": "kepler",
        "training_file": SimpleUploadedFile("training.csv", content),
        "testing_file": SimpleUploadedFile("testing.csv", content),
    }
    answer = APIClient().post("/api/v1/training-sessions", sent, format="multipart")
    assert answer.status_code == 503, answer.content
    assert [name.split("-")[-1] for name in lying] == ["training_file"]
    assert bucket.names() == []


def test_health_says_that_the_store_does_not_answer(
    bucket: Bucket, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_REMEMBERED_SECONDS", -1)
    assert selectors.health().store
    assert UNWELL not in selectors.health().problems
    bucket.server.stop()
    assert UNWELL in selectors.health().problems
    answer = client.get("/api/v1/ready")
    assert (answer.status_code, UNWELL in answer.json()["problems"]) == (503, True)
    bucket.server.start()
    assert selectors.health().store


def test_a_bucket_that_is_not_there_does_not_answer(bucket: Bucket) -> None:
    with bucket.client() as client:
        client.delete_bucket(Bucket=bucket.name)
    assert UNWELL in selectors.health().problems


def test_whether_the_store_answers_is_not_asked_all_the_time(bucket: Bucket) -> None:
    with bucket.requests() as asked:
        for _ in range(5):
            assert selectors.health().store
    assert len(asked) == 1


def test_a_folder_is_never_asked_whether_it_answers(media: Path) -> None:
    assert selectors.health().store


def test_a_command_says_that_the_store_does_not_answer(bucket: Bucket) -> None:
    bucket.server.stop()
    with pytest.raises(CommandError, match=r"^The store of files does not answer: .*127\.0\.0\.1"):
        call_command("cleanup_sessions")
