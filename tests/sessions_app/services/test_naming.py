"""Names that people give to their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessions_app.exceptions import RefusedError
from sessions_app.models import Session, TrainingSession
from sessions_app.selectors.session_titles import lettered, plain_title, session_title
from sessions_app.services import ArchiveData, rename_session, start_training
from tests.sessions_app.services.ended_sessions import common

if TYPE_CHECKING:
    from django.test import Client

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> TrainingSession:
    fields = {**common(0, "completed"), "kind": "training", "model_type": "svm"}
    return TrainingSession.objects.create(**fields)


def test_a_session_is_called_what_it_does_until_it_has_a_name(session: TrainingSession) -> None:
    assert session_title(session) == plain_title(session)
    assert rename_session(session.pk, "  my \t first\nforest ") == "my first forest"
    session.refresh_from_db()
    assert session_title(session) == "my first forest"
    assert lettered([session, session]) == ["A: my first forest", "B: my first forest"]
    assert rename_session(session.pk, " ") == ""
    session.refresh_from_db()
    assert session_title(session) == plain_title(session)


@pytest.mark.parametrize(
    ("name", "said"), [("x" * 81, "81 characters, but it can have 80"), ("a\u202eb", "not shown")]
)
def test_a_name_that_cannot_be_shown_is_refused(
    session: TrainingSession, name: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said) as refused:
        rename_session(session.pk, name)
    assert refused.value.field == "name"
    session.refresh_from_db()
    assert session.name == ""


def test_a_session_is_named_as_it_is_started(kepler: DatasetSnapshot) -> None:
    asked = {"model_type": "svm", "hyperparameters": {}, "data": ArchiveData(mission="kepler")}
    assert (
        session_title(start_training(**asked, name="  my \t first\nforest ")) == "my first forest"
    )
    with pytest.raises(RefusedError, match="81 characters, but it can have 80") as refused:
        start_training(**asked, name="x" * 81)
    assert refused.value.field == "name"
    assert Session.objects.count() == 1


def test_the_api_takes_a_name_with_the_request_and_tells_it(
    client: Client, kepler: DatasetSnapshot
) -> None:
    address = "/api/v1/training-sessions"
    asked = {"data_source": "nasa", "mission": "kepler", "model_type": "svm"}
    started = client.post(address, asked | {"name": " first tree "}).json()
    assert (
        started["name"] == client.get(f"{address}/{started['id']}").json()["name"] == "first tree"
    )
    assert client.post(address, asked).json()["name"] == ""
    refused = client.post(address, asked | {"name": "x" * 81})
    assert (refused.status_code, refused.json()["field"]) == (400, "name")
    told = client.post(address, asked | {"name": "a\u202eb", "dry_run": "true"}).json()
    assert [reason["field"] for reason in told["would_be_refused"]] == ["name"]
    prediction = {"data_source": "nasa", "mission": "kepler", "name": "x" * 81}
    refused = client.post("/api/v1/prediction-sessions", prediction)
    assert (refused.status_code, refused.json()["field"]) == (400, "name")


def test_the_api_renames_a_session_and_finds_it_by_its_name(
    client: Client, admin_client: Client, session: TrainingSession
) -> None:
    listed = "/api/v1/training-sessions"
    address = f"{listed}/{session.pk}"
    Session.objects.filter(pk=session.pk).update(owner_key="anonymous:somebody")

    def renamed(body: object) -> tuple[int, dict[str, str]]:
        answer = client.patch(address, body, content_type="application/json")
        return answer.status_code, answer.json()

    status, answer = renamed({"name": "  my first\tforest "})
    assert (status, answer["name"]) == (200, "my first forest")
    assert client.get(address).json()["name"] == "my first forest"
    found = admin_client.get(f"{listed}?search=FIRST forest").json()["results"]
    assert [one["id"] for one in found] == [str(session.pk)]
    for body, field in (
        ({"name": "x" * 81}, "name"),
        ({}, "name"),
        ({"name": "x", "status": "failed"}, "status"),
    ):
        status, answer = renamed(body)
        assert (status, answer["field"]) == (400, field)
    session.refresh_from_db()
    assert session.name == "my first forest"
    assert renamed({"name": ""})[1]["name"] == ""


def test_who_may_not_change_a_session_cannot_rename_it(
    client: Client, session: TrainingSession
) -> None:
    for owner_key, status in (("", 403), ("user:1", 404)):
        Session.objects.filter(pk=session.pk).update(owner_key=owner_key)
        address = f"/api/v1/training-sessions/{session.pk}"
        answer = client.patch(address, {"name": "mine"}, content_type="application/json")
        assert answer.status_code == status
    session.refresh_from_db()
    assert session.name == ""


def test_the_forms_take_a_name_and_say_beside_it_what_is_wrong(
    client: Client, kepler: DatasetSnapshot
) -> None:
    rows = {"data_source": "nasa", "mission": "kepler", "task": "vetting"}
    asked = rows | {"model_type": "decision_tree", "feature_set": "measured"}
    for address in ("/train", "/predict"):
        assert 'name="name" maxlength="80"' in client.get(address).content.decode()
    refused = client.post("/train", asked | {"name": "x" * 81})
    assert refused.status_code == 400
    shown = refused.content.decode()
    assert "name has 81 characters, but it can have 80 at most." in shown
    assert 'id="id_name_error"' in shown
    client.post("/train", asked | {"name": "from the form"})
    assert [session_title(session) for session in Session.objects.all()] == ["from the form"]
