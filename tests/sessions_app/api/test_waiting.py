"""`?wait=` on progress: the answer comes when there is news, and few may wait for it at once."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

from sessions_app.models import EVIDENCE, AnalysisSession, ProgressEntry, TrainingSession
from sessions_app.queue import watching
from sessions_app.queue.watching import Watch
from sessions_app.selectors import awaited
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.contrib.auth.models import User
    from pytest_django.live_server_helper import LiveServer

TRAINING = "/api/v1/training-sessions"
AT_ONCE = 10
"""Before the 20 seconds that are asked for are up, on a machine that is busy [s]."""


@pytest.fixture(autouse=True)
def watch(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Let each test have places of its own, and nothing waited for after it."""
    monkeypatch.setattr(watching, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(watching, "_IDLE_SECONDS", 0.02)
    made = Watch(places=3, of_one=2)
    monkeypatch.setattr(awaited, "WAITED_FOR", made)
    yield made
    made.end()
    wait_until(lambda: len(made) == 0)
    time.sleep(0.1)


def running(owner_key: str = "", **facts: Any) -> TrainingSession:
    of_one = {"kind": "training", "mission": "kepler", "data_source": "nasa", "model_type": "svm"}
    session = TrainingSession.objects.create(
        owner_key=owner_key, **of_one | {"status": "running"} | facts
    )
    ProgressEntry.objects.create(session=session, percent=10.0, step="Reading")
    return session


def asked(session_id: Any, *, client: APIClient | None = None, **more: Any) -> tuple[Any, float]:
    """Return the answer and after how many seconds it came."""
    begun = time.monotonic()
    etag = more.pop("etag", "")
    answer = (client or APIClient()).get(
        f"{TRAINING}/{session_id}/progress", more, headers={"If-None-Match": etag} if etag else {}
    )
    return answer, time.monotonic() - begun


def soon(act: Callable[[], Any]) -> None:
    """Do something as soon as somebody waits, in a thread with a connection of its own."""

    def run() -> None:
        wait_until(lambda: len(awaited.WAITED_FOR) > 0)
        act()
        connection.close()

    threading.Thread(target=run).start()


def step(session: TrainingSession, words: str = "Fitting", percent: float = 50.0) -> Any:
    return lambda: ProgressEntry.objects.create(session=session, percent=percent, step=words)


def test_the_answer_comes_as_soon_as_the_session_stands_elsewhere() -> None:
    session = running()
    soon(step(session))
    answer, seconds = asked(session.pk, wait=20)
    assert answer.json() == {"status": "running", "percent": 50.0, "step": "Fitting"}
    assert seconds < AT_ONCE
    assert "Retry-After" not in answer
    soon(lambda: TrainingSession.objects.filter(pk=session.pk).update(status="completed"))
    assert asked(session.pk, wait=20)[0].json()["status"] == "completed"


def test_without_news_it_comes_when_the_time_is_up() -> None:
    session = running()
    before = asked(session.pk)[0]
    answer, seconds = asked(session.pk, wait=1)
    assert (answer.status_code, answer.content) == (200, before.content)
    assert 0.9 < seconds < AT_ONCE
    answer, seconds = asked(session.pk, wait=1, etag=before["ETag"])
    assert (answer.status_code, answer.content) == (304, b"")
    assert 0.9 < seconds < AT_ONCE


def test_the_same_said_again_is_no_news() -> None:
    session = running()
    soon(step(session, "Reading", 10.0))
    assert asked(session.pk, wait=1)[1] > 0.9


def test_who_has_an_older_answer_is_answered_at_once() -> None:
    session = running()
    old = asked(session.pk)[0]["ETag"]
    step(session)()
    answer, seconds = asked(session.pk, wait=20, etag=old)
    assert (answer.json()["percent"], seconds < AT_ONCE) == (50.0, True)


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_of_what_has_ended_nothing_is_waited_for(status: str) -> None:
    session = running(status=status)
    for etag in ("", asked(session.pk)[0]["ETag"]):
        answer, seconds = asked(session.pk, wait=20, etag=etag)
        assert (answer.status_code, seconds < AT_ONCE) == (304 if etag else 200, True)


def test_what_is_unknown_or_somebody_elses_is_404_at_once(
    ada: User, bob: User, as_user: Callable[[User], APIClient]
) -> None:
    private = running(f"user:{ada.pk}", owner=ada)
    for client in (APIClient(), as_user(bob)):
        for session_id in (uuid4(), private.pk):
            answer, seconds = asked(session_id, client=client, wait=20)
            assert (answer.status_code, seconds < AT_ONCE) == (404, True)
    soon(step(private))
    answer, _ = asked(private.pk, client=as_user(ada), wait=20)
    assert answer.json()["percent"] == 50.0


def test_a_session_that_is_deleted_meanwhile_is_404_at_once() -> None:
    session = running()
    soon(session.delete)
    answer, seconds = asked(session.pk, wait=20)
    assert (answer.status_code, seconds < AT_ONCE) == (404, True)


def test_evidence_is_waited_for_beyond_the_first_answer() -> None:
    session = running(status="completed")
    evidence = AnalysisSession.objects.create(
        kind="analysis",
        status="running",
        mission="kepler",
        data_source="nasa",
        of=session,
        analysis=EVIDENCE,
    )
    assert asked(session.pk, wait=20)[1] < AT_ONCE
    soon(lambda: ProgressEntry.objects.create(session=evidence, percent=30.0, step="By row"))
    answer, seconds = asked(session.pk, wait=20, wait_for="evidence")
    assert answer.json() == {
        "status": "running",
        "percent": 30.0,
        "step": "The first answer is there; its evidence: By row",
    }
    assert seconds < AT_ONCE
    soon(lambda: AnalysisSession.objects.filter(pk=evidence.pk).update(status="completed"))
    answer, seconds = asked(session.pk, wait=20, wait_for="evidence")
    assert (answer.json()["status"], seconds < AT_ONCE) == ("completed", True)


def test_who_finds_no_place_is_answered_at_once_and_told_when_to_ask_again(watch: Watch) -> None:
    session = running()
    with (
        ThreadPoolExecutor(2) as threads,
        # As those of another address would.
        watch.place("others", seconds=60),
    ):
        waiting = [threads.submit(_asked_in_a_thread, session.pk) for _ in range(2)]
        wait_until(lambda: len(watch) == 3)
        answer, seconds = asked(session.pk, wait=20)
        assert (answer.status_code, answer.json()["percent"], seconds < AT_ONCE) == (
            200,
            10.0,
            True,
        )
        assert answer["Retry-After"] == "1"
        step(session)()
        for one in waiting:
            told, seconds = one.result()
            assert (told.json()["percent"], "Retry-After" in told, seconds < AT_ONCE) == (
                50.0,
                False,
                True,
            )
    assert len(watch) == 0


def _asked_in_a_thread(session_id: Any) -> Any:
    try:
        return asked(session_id, wait=20)
    finally:
        connection.close()


@pytest.mark.parametrize("wait", ["-1", "31", "x", "", "1.5"])
def test_a_time_that_is_none_is_refused(wait: str) -> None:
    answer, seconds = asked(running().pk, wait=wait)
    assert (answer.status_code, seconds < AT_ONCE) == (400, True)
    assert answer.json()["field"] == "wait"
    assert "a whole number from 0 to 30" in answer.json()["detail"]


def test_a_client_who_goes_keeps_a_place_no_longer_than_they_asked_for(
    live_server: LiveServer, watch: Watch
) -> None:
    session = running()
    address = (live_server.thread.host, live_server.thread.port)
    head = f"GET {TRAINING}/{session.pk}/progress?wait=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for _ in range(2):
        with socket.create_connection(address) as gone:
            gone.sendall(head.encode())
            wait_until(lambda: len(watch) == 1)
        # Everybody else is answered meanwhile.
        assert asked(session.pk)[1] < AT_ONCE
        wait_until(lambda: len(watch) == 0)


def test_when_the_server_stops_who_waits_is_answered(watch: Watch) -> None:
    session = running()
    soon(watch.end)
    answer, seconds = asked(session.pk, wait=20)
    assert (answer.status_code, seconds < AT_ONCE) == (200, True)
