"""Whether the database answers is known without waiting for it."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError

from exoplanet.supervisor.watch_database import DatabaseWatch
from sessions_app.queue.status import QueueFacts

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = QueueFacts(workers=2, reapers=1, busy=0, waiting=0, oldest_seconds=0.0, newest_attempt=7)


class Watched:
    """A database of which the answers are given, and a clock that is set."""

    def __init__(self) -> None:
        self.answer: Callable[[], QueueFacts] = lambda: FACTS
        self.now = 0.0
        self.watch = DatabaseWatch(ask=self.ask, clock=lambda: self.now)

    def ask(self) -> QueueFacts:
        return self.answer()

    def silence_after(self, seconds: int, *, asking: bool = True) -> float:
        for _ in range(seconds * 5):
            self.now += 0.2
            if asking:
                self.watch.ask_once()
            silence = self.watch.silence()
        return silence


def failing(error: Exception, cause: Exception) -> Callable[[], Any]:
    def ask() -> None:
        raise error from cause

    return ask


REFUSED = failing(OperationalError(), psycopg.OperationalError("connection refused"))
CLOSED = failing(InterfaceError(), psycopg.InterfaceError("the connection is closed"))
NOT_ANSWERED = failing(OperationalError(), psycopg.errors.ConnectionTimeout())


@pytest.mark.parametrize("error", [REFUSED, CLOSED], ids=["refused", "closed"])
def test_an_answer_is_known_and_an_error_is_one_too(error: Callable[[], Any]) -> None:
    watched = Watched()
    assert watched.silence_after(60) == 0
    assert watched.watch.latest() == FACTS
    watched.answer = error
    assert watched.silence_after(60) == 0
    with pytest.raises(DatabaseError):
        watched.watch.latest()


@pytest.mark.parametrize("asking", [False, True], ids=["a question hangs", "no connection"])
def test_a_database_that_does_not_answer_is_silent_until_it_does(asking: bool) -> None:
    watched = Watched()
    watched.silence_after(1)
    watched.answer = NOT_ANSWERED
    assert watched.silence_after(30, asking=asking) == pytest.approx(30)
    with pytest.raises(DatabaseError):
        watched.watch.latest()
    watched.answer = lambda: FACTS
    assert watched.silence_after(1) == 0
    assert watched.watch.latest() == FACTS


def test_time_in_which_the_supervisor_was_stopped_does_not_count() -> None:
    watched = Watched()
    watched.silence_after(1)
    watched.now += 3600
    assert watched.watch.silence() <= 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_whose_server_is_stopped_keeps_the_watch_but_nobody_else_waiting() -> None:
    from django.db import connection

    watch = DatabaseWatch()
    watch.ask_once()
    assert watch.silence() == 0
    assert watch.latest().workers == 0

    # One server process, of one connection: the others go on.
    stopped: list[int] = []

    def ask() -> QueueFacts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            stopped.append(cursor.fetchone()[0])
            os.kill(stopped[0], signal.SIGSTOP)
            cursor.execute("SELECT 1")
        return FACTS

    watch._ask = ask
    asking = threading.Thread(target=watch.ask_once)
    asking.start()
    asking.join(0.5)
    assert asking.is_alive()
    assert watch.silence() > 0
    os.kill(stopped[0], signal.SIGCONT)
    asking.join(30)
    assert watch.silence() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("statement_timeout", "10min"),
        ("lock_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "10min"),
    ],
)
def test_a_server_that_lives_keeps_nobody_waiting_for_ever(name: str, limit: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        assert cursor.fetchone() == (limit,)
