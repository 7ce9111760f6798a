"""Sessions as jobs of UWS 1.1, followed by pyvo as astronomers' programs do."""

from __future__ import annotations

import io
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from django.utils import timezone
from pyvo.dal import AsyncTAPJob
from pyvo.dal.exceptions import DALQueryError, DALServiceError
from pyvo.io.uws import parse_job, parse_job_list
from pyvo.io.vosi import parse_availability, parse_capabilities
from requests.adapters import BaseAdapter

from sessions_app.api.uws import views
from sessions_app.models import PredictionSession, Session, TrainingSession
from tests.sessions_app.api.conftest import caller_with_token
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User
    from django.test import Client
    from rest_framework.test import APIClient

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db
BASE = "http://testserver/uws/"


class ThroughTestClient(BaseAdapter):
    """Lets requests' own sessions ask the application, without a network."""

    def __init__(self, client: APIClient) -> None:
        super().__init__()
        self.client = client

    def send(self, request: Any, **_: Any) -> requests.Response:
        answer: Any = self.client.generic(
            request.method,
            request.path_url,
            request.body or "",
            content_type=request.headers.get("Content-Type", "application/octet-stream"),
        )
        streaming = getattr(answer, "streaming", False)
        content = b"".join(answer.streaming_content) if streaming else answer.content
        response = requests.Response()
        response.status_code, response.url = answer.status_code, request.url
        response.headers.update(dict(answer.items()))
        response.request = request
        # As urllib3 has it: what is read may be asked to be decoded.
        raw = io.BytesIO(content)
        response.raw = type("Raw", (), {"read": lambda _, n=-1, **__: raw.read(n)})()
        response._content_consumed = False
        return response

    def close(self) -> None:
        """Leave nothing open."""


def asking(user: User) -> requests.Session:
    session = requests.Session()
    session.mount("http://testserver", ThroughTestClient(caller_with_token(user)))
    return session


@pytest.fixture
def session(
    make_session: Callable[..., TrainingSession], ada: User, kepler: DatasetSnapshot
) -> TrainingSession:
    """A completed session of Ada's with two objects."""
    now = timezone.now()
    made = make_session(
        f"user:{ada.pk}",
        owner=ada,
        snapshot=kepler,
        started_at=now - timedelta(seconds=9),
        finished_at=now,
        seed=7,
        hyperparameters={"max_depth": 3},
        model={
            "model_type": "decision_tree",
            "columns": ["koi_period"],
            "test_rows": 2,
        },
    )
    keep_objects(made, [an_object(n, values=[n / 3], contributions=[0.5]) for n in (1, 2)])
    return made


def test_a_job_tells_of_a_session_in_uws_words(session: TrainingSession, ada: User) -> None:
    answer = caller_with_token(ada).get(f"/uws/{session.pk}")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    job = parse_job(io.BytesIO(answer.content))
    assert (job.jobid, job.phase, job.ownerid) == (str(session.pk), "COMPLETED", "ada")
    assert job.version == "1.1"
    assert job.quote is None
    assert session.finished_at is not None
    ended = job.endtime.to_datetime(timezone=UTC)
    assert abs(ended - session.finished_at) < timedelta(milliseconds=1)
    assert job.executionduration.to_value("s") == 3600
    kept = job.destruction.to_datetime(timezone=UTC) - ended
    assert kept == timedelta(days=30)
    parameters = {parameter.id_: parameter.content for parameter in job.parameters}
    assert parameters == {
        "kind": "training",
        "mission": "kepler",
        "seed": "7",
        "task": "disposition",
        "data_source": "nasa",
        "model_type": "decision_tree",
        "hyperparameters": '{"max_depth": 3}',
        "feature_set": "default",
    }
    assert {result.id_ for result in job.results} >= {"result", "fits", "report", "manifest"}


def test_pyvo_follows_a_job_to_its_table(session: TrainingSession, ada: User) -> None:
    job = AsyncTAPJob(f"{BASE}{session.pk}", session=asking(ada), delete=False)
    assert job.wait().phase == "COMPLETED"
    assert (job.owner, job.job_id) == ("ada", str(session.pk))
    table = job.fetch_result().to_table()
    assert table["number"].tolist() == [1, 2]
    assert table["value_koi_period"].tolist() == [1 / 3, 2 / 3]
    assert str(table["value_koi_period"].unit) == "d"


def test_pyvo_is_told_why_a_job_failed(session: TrainingSession, ada: User) -> None:
    Session.objects.filter(pk=session.pk).update(status="failed", error="Too <few> rows.")
    job = AsyncTAPJob(f"{BASE}{session.pk}", session=asking(ada), delete=False)
    assert job.wait().phase == "ERROR"
    with pytest.raises(DALQueryError, match="Too <few> rows"):
        job.raise_if_error()
    assert caller_with_token(ada).get(f"/uws/{session.pk}/error").content == b"Too <few> rows."


def test_pyvo_aborts_a_job_and_deletes_it(session: TrainingSession, ada: User) -> None:
    Session.objects.filter(pk=session.pk).update(status="queued", finished_at=None)
    job = AsyncTAPJob(f"{BASE}{session.pk}", session=asking(ada))
    assert job.phase == "QUEUED"
    # It was queued when it was made.
    assert job.run().phase == "QUEUED"
    assert job.abort().phase == "ABORTED"
    with pytest.raises(DALServiceError, match="409"):
        job.abort()
    job.delete()
    assert not Session.objects.exists()


def test_a_job_that_has_not_ended_is_aborted_before_it_is_deleted(
    session: TrainingSession, ada: User
) -> None:
    Session.objects.filter(pk=session.pk).update(status="queued", finished_at=None)
    answer = caller_with_token(ada).post(
        f"/uws/{session.pk}", "ACTION=DELETE", content_type="application/x-www-form-urlencoded"
    )
    assert (answer.status_code, answer["Location"]) == (303, "/uws/")
    assert not Session.objects.exists()


def test_the_list_has_the_callers_jobs_and_no_others(
    session: TrainingSession, ada: User, bob: User, make_session: Callable[..., TrainingSession]
) -> None:
    older = make_session(f"user:{ada.pk}", owner=ada, status="failed")
    Session.objects.filter(pk=older.pk).update(created_at=datetime(2020, 5, 1, tzinfo=UTC))
    make_session(f"user:{bob.pk}", owner=bob)

    def listed(query: str = "") -> list[tuple[str, str]]:
        answer = caller_with_token(ada).get(f"/uws/{query}")
        assert answer.status_code == 200
        jobs = parse_job_list(io.BytesIO(answer.content))
        return [(job.jobid, job.phase) for job in jobs]

    assert listed() == [(str(session.pk), "COMPLETED"), (str(older.pk), "ERROR")]
    assert listed("?PHASE=ERROR") == [(str(older.pk), "ERROR")]
    assert listed("?phase=ERROR&PHASE=COMPLETED&LAST=1") == [(str(session.pk), "COMPLETED")]
    assert listed("?PHASE=HELD") == []
    assert listed("?AFTER=2021-01-01T00:00:00") == [(str(session.pk), "COMPLETED")]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?PHASE=DONE", "PHASE was 'DONE', but it must be one of QUEUED, EXECUTING, COMPLETED"),
        ("?PHAZE=ERROR", "'PHAZE' is no parameter of this address: it takes PHASE, AFTER, LAST."),
        ("?last=1&LAST=2", "LAST is given 2 times, and can be given once."),
        ("?LAST=0", "LAST was '0', but it must be a whole number from 1."),
        ("?AFTER=yesterday", "AFTER was 'yesterday', but it must be a time such as"),
        ("?AFTER=2020-13-01T00:00:00", "AFTER was '2020-13-01T00:00:00', but it must be a time"),
    ],
)
def test_what_no_list_can_be_of_is_refused_by_its_name(ada: User, query: str, said: str) -> None:
    answer = caller_with_token(ada).get(f"/uws/{query}")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(said)


def test_another_users_job_is_none(session: TrainingSession, bob: User) -> None:
    client = caller_with_token(bob)
    for more in ("", "/phase", "/results", "/results/result", "/parameters"):
        assert client.get(f"/uws/{session.pk}{more}").status_code == 404
    assert client.post(f"/uws/{session.pk}/phase", {"PHASE": "ABORT"}).status_code == 404
    assert client.delete(f"/uws/{session.pk}").status_code == 404
    assert Session.objects.filter(pk=session.pk, status="completed").exists()


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("phase", b"COMPLETED"),
        ("executionduration", b"3600"),
        ("quote", b""),
        ("owner", b"ada"),
        ("error", b""),
    ],
)
def test_each_part_of_a_job_is_told_in_a_word(
    session: TrainingSession, ada: User, part: str, said: bytes
) -> None:
    answer = caller_with_token(ada).get(f"/uws/{session.pk}/{part}")
    assert (answer.content, answer["Content-Type"]) == (said, "text/plain; charset=utf-8")


def test_what_cannot_be_done_to_a_job_is_refused(session: TrainingSession, ada: User) -> None:
    client = caller_with_token(ada)
    address = f"/uws/{session.pk}"
    assert client.post("/uws/", {}).status_code == 403
    assert client.post(f"{address}/destruction", {"DESTRUCTION": "2030-01-01"}).status_code == 403
    assert client.post(f"{address}/executionduration", {}).status_code == 403
    again = client.post(f"{address}/phase", {"PHASE": "RUN"})
    assert (again.status_code, again.json()["field"]) == (400, "PHASE")
    assert client.post(f"{address}/colour", {}).status_code == 404
    assert client.post(address, {}).status_code == 400
    assert client.get(f"{address}/colour").status_code == 404
    assert client.get(f"{address}/results/colour").status_code == 404
    Session.objects.update(status="queued")
    assert client.get(f"{address}?WAIT=soon").status_code == 400
    assert client.get(f"{address}/results/result").status_code == 404


def test_whoever_waits_is_answered_in_time_or_when_the_phase_changes(
    session: TrainingSession, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_LOOK_SECONDS", 0.02)
    client, address = caller_with_token(ada), f"/uws/{session.pk}"

    def seconds(query: str) -> float:
        began = time.monotonic()
        assert client.get(f"{address}?{query}").status_code == 200
        return time.monotonic() - began

    # What has ended changes no more.
    assert seconds("WAIT=3") < 2.5
    Session.objects.update(status="queued")
    assert seconds("WAIT=1") >= 1.0
    # Somebody who believes otherwise is told at once.
    assert seconds("WAIT=3&PHASE=EXECUTING") < 2.5
    told = iter([None, None, "running"])
    real = views.selectors.standing

    def standing(session_id: Any) -> Any:
        if next(told):
            Session.objects.update(status="running")
        return real(session_id)

    monkeypatch.setattr(views.selectors, "standing", standing)
    assert seconds("WAIT=-1") < 10
    # Where others have all places nobody waits.
    monkeypatch.setattr(views, "_waiting", threading.BoundedSemaphore(1))
    assert views._waiting.acquire()
    assert seconds("WAIT=3") < 2.5


def test_a_prediction_is_a_job_too(
    session: TrainingSession, ada: User, kepler: DatasetSnapshot
) -> None:
    made = PredictionSession.objects.create(
        kind="prediction",
        status="queued",
        mission="kepler",
        data_source="nasa",
        published_model=session,
        owner_key=f"user:{ada.pk}",
        owner=ada,
    )
    job = parse_job(io.BytesIO(caller_with_token(ada).get(f"/uws/{made.pk}").content))
    parameters = {parameter.id_: parameter.content for parameter in job.parameters}
    assert (job.phase, parameters["model"]) == ("QUEUED", str(session.pk))
    assert len(job.results) == 0
    assert job.endtime is None


def test_vosi_tells_whether_sessions_run_and_what_there_is(client: Client) -> None:
    availability = parse_availability(io.BytesIO(client.get("/uws/availability").content))
    # No worker runs in the tests.
    assert availability.available is False
    assert "No worker is running, so that sessions only wait." in availability.notes
    found = parse_capabilities(io.BytesIO(client.get("/uws/capabilities").content))
    addresses = {
        capability.standardid: capability.interfaces[0].accessurls[0].content
        for capability in found
    }
    assert addresses["ivo://ivoa.net/std/VOSI#availability"] == f"{BASE}availability"
    assert addresses["ivo://ivoa.net/std/VOSI#capabilities"] == f"{BASE}capabilities"
    assert addresses[None] == BASE


def test_a_strangers_list_is_none(client: Client) -> None:
    assert list(parse_job_list(io.BytesIO(client.get("/uws/").content))) == []
