from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessions_app import services
from sessions_app.models import Session
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import ArchiveData

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User
    from pytest_django.fixtures import SettingsWrapper
    from rest_framework.test import APIClient

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(
    kepler: DatasetSnapshot, as_user: Callable[[User], APIClient], ada: User
) -> tuple[APIClient, str]:
    """A session that waits, and its user."""
    client = as_user(ada)
    body = {"model_type": "svm", "data_source": "nasa", "mission": "kepler"}
    answer = client.post("/api/v1/training-sessions", body, format="json")
    assert answer.status_code == 202, answer.content
    here = f"/api/v1/training-sessions/{answer.json()['id']}"
    assert (answer["Location"], answer["Retry-After"]) == (f"http://testserver{here}", "1")
    return client, f"/api/v1/training-sessions/{answer.json()['id']}"


def test_a_session_is_cancelled_and_run_again(started: tuple[APIClient, str]) -> None:
    client, session = started
    answer = client.post(f"{session}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert "Location" not in answer
    assert next_in_turn() is None
    answer = client.post(f"{session}/retry")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert (answer["Location"], answer["Retry-After"]) == (f"http://testserver{session}", "1")
    assert str(next_in_turn()) in session
    progress = client.get(f"{session}/progress").json()
    assert (progress["percent"], progress["step"]) == (0, "Waiting for a worker again")


@pytest.mark.parametrize(
    ("status", "move", "sentence"),
    [
        (
            "completed",
            "cancel",
            "The session has ended and cannot be cancelled: it is completed.",
        ),
        (
            "completed",
            "retry",
            "Only a failed or cancelled session can be run again; this one is completed.",
        ),
        (
            "running",
            "retry",
            "Only a failed or cancelled session can be run again; this one is running.",
        ),
    ],
)
def test_what_makes_no_sense_is_a_conflict_in_one_sentence(
    started: tuple[APIClient, str], status: str, move: str, sentence: str
) -> None:
    client, session = started
    Session.objects.update(status=status)
    answer = client.post(f"{session}/{move}")
    assert (answer.status_code, answer.json()["detail"]) == (409, sentence)
    assert Session.objects.get().status == status


@pytest.mark.parametrize("move", ["cancel", "retry"])
def test_somebody_elses_session_is_not_there(
    started: tuple[APIClient, str],
    as_user: Callable[[User], APIClient],
    bob: User,
    move: str,
) -> None:
    _, session = started
    assert as_user(bob).post(f"{session}/{move}").status_code == 404
    assert Session.objects.get().status == "queued"


@pytest.mark.parametrize("move", ["cancel", "retry"])
def test_the_servers_own_session_is_the_operators_to_move(
    kepler: DatasetSnapshot,
    as_user: Callable[[User], APIClient],
    ada: User,
    operator: User,
    move: str,
) -> None:
    made: TrainingSession = services.start_training(
        model_type="svm", hyperparameters={}, data=ArchiveData(mission="kepler")
    )
    Session.objects.update(status="queued" if move == "cancel" else "failed")
    address = f"/api/v1/training-sessions/{made.pk}/{move}"
    assert as_user(ada).post(address).status_code == 403
    assert as_user(operator).post(address).status_code in {200, 202}


def test_a_retry_needs_room_among_the_users_active_sessions(
    started: tuple[APIClient, str], settings: SettingsWrapper
) -> None:
    client, session = started
    assert client.post(f"{session}/cancel").status_code == 200
    settings.EXOPLANET_ACTIVE_SESSIONS = 1
    other: dict[str, Any] = {"model_type": "svm", "data_source": "nasa", "mission": "kepler"}
    assert client.post("/api/v1/training-sessions", other, format="json").status_code == 202
    answer = client.post(f"{session}/retry")
    assert answer.status_code == 429
    assert Session.objects.filter(status="cancelled").count() == 1
