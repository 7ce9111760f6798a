"""A poll is answered without Django, and as Django would answer it."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections
from rest_framework.authtoken.models import Token

from exoplanet import wsgi
from exoplanet.middleware.polls import PollsFirst
from sessions_app import selectors
from sessions_app.api.urls import POLLS
from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession, ProgressEntry, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

OLD, NEW = "/api/custom/progress/{}", "/api/v1/training-sessions/{}/progress"
ADDRESSES = [OLD, "/api/pretrained/progress/{}", NEW]


def session(status: Status = Status.RUNNING, **facts: Any) -> TrainingSession:
    of_one = {"kind": "training", "mission": "kepler", "data_source": "nasa"}
    made = TrainingSession.objects.create(
        **of_one | {"status": status, "model_type": "decision_tree", "owner_key": ""} | facts
    )
    ProgressEntry.objects.create(session=made, percent=41.6, step="Fitting — 3 of 7 trees")
    return made


class Asked:
    """Whoever asks the web server's application, and counts how often Django was asked."""

    def __init__(self) -> None:
        self.django = WSGIHandler()
        self.by_django = 0
        self.application = PollsFirst(self._counted, POLLS)

    def _counted(self, environ: Any, start_response: Any) -> Any:
        self.by_django += 1
        return self.django(environ, start_response)

    def get(self, path: str, *, straight: bool = False, **more: Any) -> tuple[str, Any, bytes]:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "HTTP_HOST": "testserver",
            "HTTP_X_REQUEST_ID": "mine",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
        } | more
        started: list[Any] = []
        application = self.django if straight else self.application
        body = application(environ, lambda *of: started.extend(of))
        content = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return started[0], sorted(started[1]), content


@pytest.fixture
def asked() -> Iterator[Asked]:
    # As Django's own test client does it: the connection has the test's transaction open.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Asked()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"HTTP_ORIGIN": "http://localhost:3000"},
        {"HTTP_ORIGIN": "http://evil.example"},
        {
            "HTTP_ACCEPT": "application/json",
            "HTTP_COOKIE": f"sessionid={'a' * 32}; exoplanet_visitor=x",
        },
        {"HTTP_AUTHORIZATION": "Token nobodys"},
    ],
)
def test_the_second_poll_is_answered_as_django_answers_the_first(
    asked: Asked, address: str, status: Status, more: dict[str, str]
) -> None:
    first, second = session(), session(status, error="Né le 2é" * (status == Status.FAILED))
    asked.get(address.format(first.pk), **more)
    assert asked.by_django == 1
    answer = asked.get(address.format(second.pk), **more)
    assert asked.by_django == 1
    assert answer == asked.get(address.format(second.pk), straight=True, **more)
    assert answer[0] == "200 OK"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("spelt", ["{}", "W/{}", '"another", {}', "*"])
@pytest.mark.parametrize("more", [{}, {"HTTP_ORIGIN": "http://localhost:3000"}])
def test_who_has_an_answer_already_is_told_so_as_django_tells_it(
    asked: Asked, address: str, spelt: str, more: dict[str, str]
) -> None:
    path = address.format(session().pk)
    asked.get(path, **more)
    etag = dict(asked.get(path, **more)[1])["ETag"]
    known = more | {"HTTP_IF_NONE_MATCH": spelt.format(etag)}
    asked.get(path, **known)
    assert asked.by_django == 2
    answer = asked.get(path, **known)
    assert asked.by_django == 2
    assert answer == asked.get(path, straight=True, **known)
    assert (answer[0], answer[2]) == ("304 Not Modified", b"")


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_an_older_answer_gets_the_new_one(asked: Asked, address: str) -> None:
    made = session()
    path = address.format(made.pk)
    for number in range(3):
        old = dict(asked.get(path)[1])["ETag"]
        ProgressEntry.objects.create(session=made, percent=50 + number, step=f"Tree {number}")
        status, headers, body = asked.get(path, HTTP_IF_NONE_MATCH=old)
        assert status == "200 OK"
        assert dict(headers)["ETag"] != old
        assert f"Tree {number}" in body.decode()
    assert asked.by_django == 1


def test_an_etag_that_is_none_is_not_known(asked: Asked) -> None:
    path = OLD.format(session().pk)
    for sent in ("", "x", '"', "W/", "é", '"a" "b"'):
        assert asked.get(path, HTTP_IF_NONE_MATCH=sent)[0] == "200 OK"
    assert asked.by_django == 1


def test_every_poll_tells_what_has_been_written_since(asked: Asked) -> None:
    made = session()
    for number in range(3):
        ProgressEntry.objects.create(session=made, percent=50 + number, step=f"Tree {number}")
        body = json.loads(asked.get(OLD.format(made.pk))[2])
        assert (body["progress"], body["current_step"]) == (50 + number, f"Tree {number}")
    assert asked.by_django == 1


def test_each_answer_has_a_name_of_its_own(asked: Asked) -> None:
    made = session()
    asked.get(OLD.format(made.pk))
    names = {dict(asked.get(OLD.format(made.pk), HTTP_X_REQUEST_ID="a b")[1])["X-Request-ID"]}
    names |= {dict(asked.get(OLD.format(made.pk), HTTP_X_REQUEST_ID="")[1])["X-Request-ID"]}
    assert {len(name) for name in names} == {32}
    assert (len(names), asked.by_django) == (2, 1)


@pytest.mark.parametrize(
    "more",
    [
        {"REQUEST_METHOD": "HEAD"},
        {"REQUEST_METHOD": "POST"},
        {"REQUEST_METHOD": "OPTIONS"},
        {"QUERY_STRING": "wait_for=evidence"},
        {"CONTENT_LENGTH": "2", "wsgi.input": io.BytesIO(b"{}")},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"HTTP_IF_MATCH": '"another"'},
        {"HTTP_HOST": "other.example"},
        {"wsgi.url_scheme": "https"},
    ],
)
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_not_the_plain_case_is_djangos(
    asked: Asked, address: str, more: dict[str, Any], settings: SettingsWrapper
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    made = session()
    asked.get(address.format(made.pk))
    answer = asked.get(address.format(made.pk), **more)
    assert asked.by_django == 2
    if more.get("HTTP_HOST"):
        assert answer[0] == "400 Bad Request"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_users_session_is_told_to_its_owner_alone(asked: Asked, address: str) -> None:
    public, ada = session(), User.objects.create_user("ada")
    private = session(owner_key=f"user:{ada.pk}", owner=ada)
    own = {"HTTP_AUTHORIZATION": f"Token {Token.objects.create(user=ada).key}"}
    asked.get(address.format(public.pk))
    for _ in range(2):
        assert asked.get(address.format(private.pk))[0] == "404 Not Found"
        assert asked.get(address.format(private.pk), **own)[0] == "200 OK"
    assert asked.by_django == 5


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_unknown_or_of_another_kind_is_refused_by_django(
    asked: Asked, address: str
) -> None:
    made = session(Status.COMPLETED)
    asked.get(address.format(made.pk))
    analysis = AnalysisSession.objects.create(
        kind="analysis", mission="kepler", data_source="nasa", of=made, analysis="probability"
    )
    for name in (uuid4(), analysis.pk, "42", "%00", f"{made.pk}/"):
        assert asked.get(address.format(name))[0] == "404 Not Found"
    assert asked.by_django == 6


def test_an_answer_that_is_refused_teaches_nothing(asked: Asked) -> None:
    made = session()
    asked.get(NEW.format(uuid4()))
    asked.get(NEW.format(made.pk), HTTP_ACCEPT="text/html")
    for expected in (3, 3):
        assert asked.get(NEW.format(made.pk))[0] == "200 OK"
        assert asked.by_django == expected
    assert asked.get(NEW.format(made.pk), HTTP_ACCEPT="text/html")[0] == "406 Not Acceptable"


def test_a_database_that_is_away_is_worded_by_django(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = session()
    asked.get(OLD.format(made.pk))

    def away(_session_id: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(selectors, "standing", away)
    status, _, body = asked.get(OLD.format(made.pk))
    assert status == "503 Service Unavailable"
    assert json.loads(body)["error"] == "The database does not answer; try again in a moment."


def test_callers_who_invent_origins_take_a_bounded_room(asked: Asked) -> None:
    made = session()
    for number in range(600):
        asked.get(OLD.format(made.pk), HTTP_ORIGIN=f"http://{number}.example")
    assert len(asked.application._headers) <= 256


def test_the_web_server_serves_polls_first() -> None:
    assert isinstance(wsgi.application, PollsFirst)
