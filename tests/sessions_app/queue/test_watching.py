"""One thread looks for all who wait for a session; few may wait at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection

from sessions_app.models import ProgressEntry, TrainingSession
from sessions_app.queue import watching
from sessions_app.queue.watching import Watch
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def watch(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Return a watch that looks often, and whose connection is closed in the end."""
    monkeypatch.setattr(watching, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(watching, "_IDLE_SECONDS", 0.05)
    made = Watch(places=4, of_one=2)
    yield made
    made.end()
    # Else the tests' database could not be dropped.
    wait_until(lambda: not _looking())


def _looking() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()",
            ["%newest ON true%ANY%"],
        )
        (count,) = cursor.fetchone()
    return int(count)


def running() -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training", status="running", mission="kepler", data_source="nasa", model_type="svm"
    )


def changes(watch: Watch, session_id: Any, *, seconds: float, who: str = "me") -> int:
    """Count how often whoever waits is woken before their time is up."""
    with watch.place(who, seconds=seconds) as place:
        assert place is not None
        woken = 0
        while place.wait_for_change([session_id]):
            woken += 1
    return woken


def test_who_waits_is_woken_once_to_look_and_then_for_each_change(watch: Watch) -> None:
    session = running()
    with watch.place("me", seconds=30) as place:
        assert place is not None
        assert place.wait_for_change([session.pk])
        for change in (
            lambda: ProgressEntry.objects.create(session=session, percent=1.0, step="One"),
            lambda: TrainingSession.objects.filter(pk=session.pk).update(status="completed"),
            session.delete,
        ):
            begun = time.monotonic()
            threading.Timer(0.1, _in_a_thread(change)).start()
            assert place.wait_for_change([session.pk])
            assert 0.1 <= time.monotonic() - begun < 20


def _in_a_thread(act: Any) -> Any:
    def run() -> None:
        act()
        connection.close()

    return run


def test_nothing_wakes_who_waits_for_what_does_not_change(watch: Watch) -> None:
    session, other = running(), running()
    ProgressEntry.objects.create(session=other, percent=1.0, step="One")
    begun = time.monotonic()
    assert changes(watch, session.pk, seconds=0.3) == 1
    assert time.monotonic() - begun == pytest.approx(0.3, abs=5)
    assert changes(watch, uuid4(), seconds=0.1) == 1


def test_many_who_wait_are_one_question_at_a_time(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [running() for _ in range(4)]
    asked: list[int] = []
    look = watching._facts

    def counted(ids: Any) -> Any:
        asked.append(len(ids))
        return look(ids)

    monkeypatch.setattr(watching, "_facts", counted)
    with ThreadPoolExecutor(4) as threads:
        woken = threads.map(
            lambda number: changes(watch, sessions[number].pk, seconds=0.4, who=f"{number}"),
            range(4),
        )
        assert list(woken) == [1] * 4
    assert max(asked) == 4
    # Not one for each of them, each time.
    assert len(asked) <= 0.4 / 0.02 + 4


def test_there_are_so_many_places_and_fewer_for_one(watch: Watch) -> None:
    with (
        watch.place("me", seconds=5) as first,
        watch.place("me", seconds=5) as second,
        watch.place("me", seconds=5) as third,
    ):
        assert first is not None
        assert second is not None
        assert third is None
        with (
            watch.place("a", seconds=5) as fourth,
            watch.place("b", seconds=5) as fifth,
            watch.place("c", seconds=5) as sixth,
        ):
            assert fourth is not None
            assert fifth is not None
            assert sixth is None
            assert len(watch) == 4
        assert len(watch) == 2
    with watch.place("me", seconds=5) as again:
        assert again is not None


def test_a_place_is_left_whatever_happens_in_it(watch: Watch) -> None:
    with pytest.raises(ZeroDivisionError), watch.place("me", seconds=5):
        _ = 1 / 0
    assert len(watch) == 0


def test_a_database_that_is_away_wakes_nobody_and_is_asked_again(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    session, look, failures = running(), watching._facts, iter(range(3))

    def away(ids: Any) -> Any:
        for _ in failures:
            raise OperationalError
        return look(ids)

    monkeypatch.setattr(watching, "_facts", away)
    assert changes(watch, session.pk, seconds=1) == 1
    assert "the database does not answer" in caplog.text


def test_when_the_server_stops_nobody_waits_any_longer(watch: Watch) -> None:
    session = running()
    begun = time.monotonic()
    threading.Timer(0.1, watch.end).start()
    assert changes(watch, session.pk, seconds=30) == 1
    assert time.monotonic() - begun < 20
    with watch.place("me", seconds=30) as place:
        assert place is None


def test_while_nobody_waits_nothing_is_asked_and_the_connection_is_let_go(watch: Watch) -> None:
    changes(watch, running().pk, seconds=0.1)
    wait_until(lambda: not _looking())
    # It begins anew.
    assert changes(watch, running().pk, seconds=0.1) == 1
