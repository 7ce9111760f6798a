"""Measuring a database that was filled, in a process of its own beside it; see `growth`."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from mlcore.progress import silent
from sessions_app import lifecycle, services
from sessions_app.benchmark.asked import Asked, asked
from sessions_app.benchmark.filling import Filling, fill, originals
from sessions_app.benchmark.footprint import footprint_of, keep_one_connection
from sessions_app.benchmark.growth_rows import GrowthRow, as_when_empty, within_the_bars
from sessions_app.lifecycle import Status
from sessions_app.models import Session
from sessions_app.queue import session_lock
from sessions_app.queue.status import queue_facts
from sessions_app.queue.turns import next_in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.progress import ProgressCallback
    from sessions_app.benchmark.footprint import Footprint

__all__ = ["measure", "print_measured"]

_WAITING, _RUNNING = 200, 8
_WITHOUT_HISTORY = 2 * (_WAITING + _RUNNING)
"""A database without history has what waits and runs, and no more."""
_COMPARED = 5
"""So many times as often is asked what is compared: two that are close differ by what else the
machine does."""
_NUMBERS_A_SESSION = 1.065
"""A number of the filling has no session where nothing is behind a first answer."""


def print_measured(sessions: int, times: int) -> None:
    """Print what `measure` finds as JSON, and to whoever watches how far it is."""
    # Where no worker runs each look at the health is a line.
    logging.disable(logging.ERROR)
    rows = measure(sessions, times=times, progress=_report)
    print(json.dumps([row.as_json() for row in rows]))  # noqa: T201


def _report(done: float, step: str) -> None:
    print(f"{done:4.0%}  {step}", file=sys.stderr)  # noqa: T201


def measure(sessions: int, *, times: int, progress: ProgressCallback = silent) -> list[GrowthRow]:
    """Fill the database to so many sessions; return what everything takes then, tried so often.

    A session of each kind must have completed, and nothing else may use the database.
    """
    ran = originals()
    keep_one_connection()
    fill(Filling(sessions=_WITHOUT_HISTORY, waiting=_WAITING, running=_RUNNING), ran)
    _tidy()
    progress(0.0, "measuring a database without history")
    empty = {
        one.what: footprint_of(one.ask, times=_COMPARED * times)
        for one in [*_always(), *asked(ran)]
        if one.as_when_empty
    }
    numbers = round(sessions * _NUMBERS_A_SESSION) - _WITHOUT_HISTORY
    more = Filling(sessions=max(numbers, 1), first=_WITHOUT_HISTORY + 1, newest=0.001)
    filled = fill(more, ran, lambda done, step: progress(0.3 * done, step))
    progress(0.3, str(filled))
    _tidy()
    rows: list[GrowthRow] = []
    requests = [*_always(), *asked(ran)]
    for place, one in enumerate(requests):
        taken = footprint_of(one.ask, times=(_COMPARED if one.as_when_empty else 1) * times)
        rows += _held(one, taken, empty)
        progress(0.3 + 0.7 * place / len(requests), f"{one.what}: {taken.seconds:.3f} s")
    return rows


def _held(one: Asked, taken: Footprint, empty: dict[str, Footprint]) -> list[GrowthRow]:
    if one.as_when_empty:
        return as_when_empty(one.what, taken, empty=empty[one.what])
    return within_the_bars(one.what, taken)


def _tidy() -> None:
    # As Postgres does by itself within minutes.
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _always() -> Iterator[Asked]:
    """Yield what happens all the time and must not notice how long the server has been used."""
    user = Client(SERVER_NAME="127.0.0.1")
    user.force_login(User.objects.get(username="grown-0"))
    for what, ask in (
        ("a session is accepted", lambda: _accept(user)),
        ("a session is claimed", _claim),
        ("the queue is looked at", queue_facts),
        ("a pass of the reaper", _reap),
    ):
        yield Asked(what=what, ask=ask, as_when_empty=True)


@contextlib.contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _accept(client: Client) -> None:
    body = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}
    with _taken_back():
        answer = client.post("/api/v1/training-sessions", body, content_type="application/json")
        if answer.status_code != 202:
            raise RuntimeError(f"no session was accepted: {answer.content!r}")


def _claim() -> None:
    with _taken_back():
        session_id = next_in_turn()
        if session_id is None or lifecycle.claim(Session.objects.all(), session_id) is None:
            raise RuntimeError("there was nothing to claim")


def _reap() -> None:
    running = Session.objects.filter(status=Status.RUNNING).values_list("pk", flat=True)
    with contextlib.ExitStack() as workers:
        for session_id in running:
            workers.enter_context(session_lock.held(session_id))
        taken_up = services.take_up_interrupted()
    if taken_up.queued_again or taken_up.given_up:
        raise RuntimeError("what runs was taken for what was interrupted")
