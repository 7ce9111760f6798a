"""Analyses through the modern API: who may ask, what is answered, what is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from sessions_app.files import storage
from sessions_app.models import AnalysisSession, ProgressEntry
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User
    from rest_framework.test import APIClient

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db

HERE = "/api/v1/analyses"
FIELDS = {
    "id",
    "status",
    "session",
    "analysis",
    "object_number",
    "wanted",
    "tree",
    "mission",
    "task",
    "seed",
    "attempts",
    "created_at",
    "started_at",
    "finished_at",
    "error",
    "warnings",
    "answer",
}


@pytest.fixture
def make_analysed(
    kepler: DatasetSnapshot, make_session: Callable[..., TrainingSession]
) -> Callable[..., TrainingSession]:
    """Return a function that writes a completed session with two objects."""

    def make(owner_key: str = "", **facts: Any) -> TrainingSession:
        session = make_session(
            owner_key,
            snapshot=kepler,
            reference=kepler,
            task="vetting",
            metrics={"accuracy": 0.9},
            model={
                "model_type": "decision_tree",
                "columns": ["koi_depth", "koi_period"],
                "classes": ["false_positive", "confirmed"],
                "frequencies": {"false_positive": 0.5, "confirmed": 0.5},
            },
            **facts,
        )
        storage.artifact_folder(session.pk).mkdir(parents=True)
        keep_objects(
            session,
            [
                an_object(
                    number,
                    probabilities=[0.0, 0.2, 0.8],
                    values=[1.0, None],
                    contributions=[0.25, 0.05],
                    base=0.5,
                    output=0.8,
                    reasons=["Deep"],
                    judgement={"domain": {"outside": False}},
                )
                for number in (1, 2)
            ],
        )
        return session

    return make


@pytest.fixture
def adas(make_analysed: Callable[..., TrainingSession], ada: User) -> TrainingSession:
    return make_analysed(f"user:{ada.pk}", owner=ada)


def started(client: APIClient, of: TrainingSession, /, **fields: Any) -> Any:
    body = {"session": str(of.pk), "analysis": "needed_columns"} | fields
    return client.post(HERE, body, format="json")


def test_an_analysis_is_accepted_followed_and_answered(
    as_user: Callable[[User], APIClient], ada: User, adas: TrainingSession
) -> None:
    client = as_user(ada)
    answer = started(
        client, adas, analysis="counterfactual", object_number=2, wanted="false_positive"
    )
    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == FIELDS
    assert body["session"] == str(adas.pk)
    assert (body["status"], body["answer"]) == ("queued", None)
    assert (body["analysis"], body["object_number"]) == ("counterfactual", 2)
    assert (body["wanted"], body["mission"]) == ("false_positive", "kepler")
    address = f"{HERE}/{body['id']}"
    assert client.get(f"{address}/progress").json() == {
        "status": "queued",
        "percent": 0.0,
        "step": "Waiting for a worker",
    }

    analysis = AnalysisSession.objects.get(pk=body["id"])
    assert (analysis.owner, analysis.owner_key) == (ada, f"user:{ada.pk}")
    AnalysisSession.objects.filter(pk=analysis.pk).update(
        status="completed", answer={"sentences": ["It is so."]}
    )
    ProgressEntry.objects.create(session=analysis, percent=100, step="Completed")
    assert client.get(address).json()["answer"] == {"sentences": ["It is so."]}
    assert client.get(f"{address}/progress").json()["percent"] == 100
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    # What it was of stays.
    assert client.get(f"/api/v1/training-sessions/{adas.pk}").status_code == 200


def test_analyses_are_listed_by_session_and_status(
    as_user: Callable[[User], APIClient],
    ada: User,
    adas: TrainingSession,
    make_analysed: Callable[..., TrainingSession],
) -> None:
    client = as_user(ada)
    other = make_analysed("")
    ids = [started(client, session).json()["id"] for session in (adas, adas, other)]

    def listed(**query: str) -> set[str]:
        answer = client.get(HERE, query)
        assert answer.status_code == 200
        return {session["id"] for session in answer.json()["results"]}

    assert listed() == set(ids)
    assert listed(session=str(adas.pk)) == set(ids[:2])
    assert listed(session=str(other.pk), status="queued") == {ids[2]}
    assert listed(status="failed") == set()
    assert client.get(HERE, {"session": "x"}).status_code == 400
    # No training session is an analysis and no analysis a training session.
    assert client.get(f"{HERE}/{adas.pk}").status_code == 404
    assert client.get(f"/api/v1/training-sessions/{ids[0]}").status_code == 404
    assert client.get(f"{HERE}/{adas.pk}/progress").status_code == 404


def test_nobody_analyses_or_reads_what_is_another_users(
    as_user: Callable[[User], APIClient],
    anonymous: Callable[[], APIClient],
    ada: User,
    bob: User,
    adas: TrainingSession,
) -> None:
    for client in (as_user(bob), anonymous()):
        answer = started(client, adas)
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"session: there is no session {adas.pk}."
    address = f"{HERE}/{started(as_user(ada), adas).json()['id']}"
    for client in (as_user(bob), anonymous()):
        for route in ("", "/progress"):
            assert client.get(f"{address}{route}").status_code == 404
        assert client.delete(address).status_code == 404
    assert AnalysisSession.objects.count() == 1


def test_everybody_analyses_a_published_model_and_owns_the_analysis(
    anonymous: Callable[[], APIClient], make_analysed: Callable[..., TrainingSession]
) -> None:
    published = make_analysed("", published=True)
    client = anonymous()
    answer = started(client, published)
    assert answer.status_code == 202
    assert {entry["id"] for entry in client.get(HERE).json()["results"]} == {answer.json()["id"]}
    assert anonymous().get(HERE).json()["results"] == []


def test_the_old_contract_knows_of_no_analyses(
    anonymous: Callable[[], APIClient], make_analysed: Callable[..., TrainingSession]
) -> None:
    client = anonymous()
    analysis = started(client, make_analysed("")).json()["id"]
    AnalysisSession.objects.update(status="completed", answer={})
    for pair in ("custom", "pretrained"):
        for route in ("progress", "result"):
            answer = client.get(f"/api/{pair}/{route}/{analysis}")
            assert answer.status_code == 404
            assert answer.json()["success"] is False


def test_an_analysis_is_cancelled_and_run_again(
    as_user: Callable[[User], APIClient], ada: User, adas: TrainingSession
) -> None:
    client = as_user(ada)
    address = f"{HERE}/{started(client, adas).json()['id']}"
    answer = client.post(f"{address}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    answer = client.post(f"{address}/retry")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


def test_a_repeated_request_gets_the_first_answer(
    as_user: Callable[[User], APIClient], ada: User, adas: TrainingSession
) -> None:
    client = as_user(ada)
    body = {"session": str(adas.pk), "analysis": "needed_columns"}
    first, second = (
        client.post(HERE, body, format="json", headers={"Idempotency-Key": "once"})
        for _ in range(2)
    )
    assert first.json() == second.json()
    assert AnalysisSession.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"analysis": "magic"}, 400, "analysis"),
        ({"session": "x"}, 400, "session"),
        ({"session": str(uuid4())}, 404, "session"),
        ({"analysis": "decision_path"}, 400, "object_number"),
        ({"analysis": "decision_path", "object_number": 3}, 400, "object_number"),
        ({"analysis": "decision_path", "object_number": 0}, 400, "object_number"),
        ({"analysis": "decision_path", "object_number": "two"}, 400, "object_number"),
        ({"object_number": 1}, 400, "object_number"),
        (
            {"analysis": "counterfactual", "object_number": 1, "wanted": "planet"},
            400,
            "wanted",
        ),
        (
            {"analysis": "counterfactual", "object_number": 1, "wanted": "confirmed"},
            400,
            "wanted",
        ),
        ({"analysis": "decision_path", "object_number": 1, "tree": 2}, 400, "tree"),
    ],
)
def test_a_faulty_request_is_told_its_field(
    as_user: Callable[[User], APIClient],
    ada: User,
    adas: TrainingSession,
    fields: dict[str, Any],
    status: int,
    field: str,
) -> None:
    answer = started(as_user(ada), adas, **fields)
    assert answer.status_code == status
    problem = answer.json()
    assert problem["field"] == field
    assert problem["detail"].startswith(field)
    assert not AnalysisSession.objects.exists()


def test_a_session_without_a_result_is_not_analysed(
    as_user: Callable[[User], APIClient],
    ada: User,
    make_analysed: Callable[..., TrainingSession],
) -> None:
    running = make_analysed(f"user:{ada.pk}", status="running")
    answer = started(as_user(ada), running)
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "session: it is running and only a completed one has a model to look at."
    )


def test_a_single_object_is_read_by_its_number(
    as_user: Callable[[User], APIClient], ada: User, bob: User, adas: TrainingSession
) -> None:
    here = f"/api/v1/training-sessions/{adas.pk}/objects"
    client = as_user(ada)
    answer = client.get(f"{here}/2")
    assert answer.status_code == 200
    row = answer.json()
    assert (row["number"], row["name"]) == (2, "K00002.01")
    explained = row["explained"]
    assert explained["base"] + sum(row["contributions"].values()) == explained["output"]
    assert (row["novelty"], row["conformal"]) == ({"outside": False}, None)
    assert row["at_planet_rate"] is None
    assert (
        row == client.get(f"/api/v1/training-sessions/{adas.pk}/predictions").json()["results"][1]
    )
    rare = client.get(f"{here}/2", {"planet_rate": 0.01}).json()["at_planet_rate"]
    assert rare["prediction"] == "false_positive"
    for number in ("0", "3", "x"):
        assert client.get(f"{here}/{number}").status_code == 404
    assert as_user(bob).get(f"{here}/2").status_code == 404
    assert client.get(f"/api/v1/prediction-sessions/{adas.pk}/objects/2").status_code == 404


def test_an_object_of_a_session_without_a_result_is_not_there_yet(
    as_user: Callable[[User], APIClient],
    ada: User,
    make_analysed: Callable[..., TrainingSession],
) -> None:
    running = make_analysed(f"user:{ada.pk}", status="running")
    answer = as_user(ada).get(f"/api/v1/training-sessions/{running.pk}/objects/1")
    assert answer.status_code == 409
