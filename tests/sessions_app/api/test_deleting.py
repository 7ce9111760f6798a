"""A session is deleted with its rows and its files, and not while anything needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.files import storage
from sessions_app.models import (
    PredictionSession,
    ProgressEntry,
    Session,
    UploadedFile,
)
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.contrib.auth.models import User
    from django.test import Client
    from rest_framework.test import APIClient

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db

LIST = "/api/v1/training-sessions"


@pytest.fixture
def whole(make_session: Callable[..., TrainingSession], media: Path) -> Any:
    """Write a session with everything that a session has."""
    session = make_session("anonymous:x")
    UploadedFile.objects.create(
        session=session,
        purpose="training_file",
        name="a.csv",
        file=f"uploads/{session.pk}-training_file",
        size=1,
        sha256="a" * 64,
        rows=1,
    )
    ProgressEntry.objects.create(session=session, percent=5, step="Reading")
    keep_objects(session, [an_object()])
    for path in (
        media / "uploads" / f"{session.pk}-training_file",
        storage.artifact_folder(session.pk) / "model",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return session


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_its_rows_and_files_are_gone(
    client: Client, whole: Any, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    assert len(files(media)) == 3
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.delete(f"{LIST}/{whole.pk}")
        assert (answer.status_code, answer.content) == (204, b"")
        # As long as the rows might come back, the files stay.
        assert len(files(media)) == 3
    assert files(media) == []
    for model in (Session, UploadedFile, ProgressEntry):
        assert not model.objects.exists()
    assert client.get(f"{LIST}/{whole.pk}").status_code == 404
    assert client.delete(f"{LIST}/{whole.pk}").status_code == 404


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_session_that_has_not_ended_is_not_deleted(
    client: Client, whole: Any, media: Path, status: str
) -> None:
    Session.objects.update(status=status)
    answer = client.delete(f"{LIST}/{whole.pk}")
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        f"The session is {status}: only one that has ended can be deleted; cancel it first."
    )
    assert len(files(media)) == 3


def test_a_published_model_is_not_deleted(
    as_user: Callable[[User], APIClient],
    operator: User,
    make_session: Callable[..., TrainingSession],
) -> None:
    session = make_session("", published=True)
    answer = as_user(operator).delete(f"{LIST}/{session.pk}")
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "The session's model is published, so that it cannot be deleted."
    )


def test_a_model_that_another_session_needs_is_not_deleted(
    client: Client, whole: Any, media: Path
) -> None:
    PredictionSession.objects.create(
        kind="prediction",
        status="completed",
        mission="kepler",
        data_source="nasa",
        published_model=whole,
    )
    answer = client.delete(f"{LIST}/{whole.pk}")
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "Another session uses the session's model; delete that one first."
    )
    assert len(files(media)) == 3


def test_the_old_contract_deletes_nothing(client: Client, whole: Any) -> None:
    assert client.delete(f"/api/custom/result/{whole.pk}").status_code == 405
    assert Session.objects.exists()
