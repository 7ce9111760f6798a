from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.utils import timezone

from sessions_app import lifecycle
from sessions_app.execution import worker
from sessions_app.lifecycle import Status
from sessions_app.models import Attempt, Session, TrainingSession
from sessions_app.queue import session_lock
from sessions_app.queue.turns import enqueue, next_in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(owner: str = "", *, address: str = "") -> UUID:
    session = TrainingSession.objects.create(
        kind="training",
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        counted_as=owner,
        address_key=address,
    )
    enqueue(session.pk)
    return session.pk


def begun() -> UUID | None:
    """Claim the next session, as a worker does that is free, and return its id."""
    session_id = next_in_turn()
    if session_id is not None:
        assert lifecycle.claim(Session.objects.all(), session_id) is not None
    return session_id


def ended(session_id: UUID) -> None:
    lifecycle.complete(Session.objects.all(), session_id)


def in_turn(count: int) -> list[UUID | None]:
    """Run one session after the other, as one worker does."""
    order = []
    for _ in range(count):
        order.append(begun())
        ended(order[-1])
    return order


def test_the_oldest_session_comes_first() -> None:
    sessions = [waiting() for _ in range(5)]
    assert in_turn(5) == sessions
    assert next_in_turn() is None


def test_an_interrupted_session_comes_before_those_that_were_made_after_it() -> None:
    interrupted, newer = waiting(), waiting()
    assert begun() == interrupted
    lifecycle.interrupt(Session.objects.all(), interrupted)
    assert in_turn(2) == [interrupted, newer]


@pytest.mark.fault(
    "fifty sessions of one user, then one of another",
    "the other one is next",
)
def test_fifty_sessions_of_one_owner_do_not_keep_another_owner_waiting() -> None:
    many = [waiting("user:1") for _ in range(50)]
    assert [begun(), begun()] == many[:2]
    one = waiting("user:2")
    ended(many[0])
    assert begun() == one


def test_with_one_worker_the_owners_take_turns() -> None:
    first = [waiting("user:1") for _ in range(3)]
    second = [waiting("anonymous:a") for _ in range(2)]
    assert in_turn(5) == [first[0], second[0], first[1], second[1], first[2]]


def test_a_new_cookie_for_each_session_brings_nobody_forward() -> None:
    many = [waiting(f"anonymous:{number}", address="address:1") for number in range(4)]
    assert in_turn(1) == many[:1]
    known = [waiting("user:2") for _ in range(2)]
    assert in_turn(5) == [known[0], many[1], known[1], many[2], many[3]]


def test_behind_one_address_the_cookies_take_turns() -> None:
    first = [waiting("anonymous:a", address="address:1") for _ in range(3)]
    second = waiting("anonymous:b", address="address:1")
    assert in_turn(4) == [first[0], second, first[1], first[2]]


def test_the_owner_with_the_fewest_running_sessions_comes_first() -> None:
    busy = [waiting("user:1") for _ in range(3)]
    assert [begun(), begun()] == busy[:2]
    less = [waiting("user:2") for _ in range(2)]
    assert [begun() for _ in range(3)] == [*less, busy[2]]


@pytest.mark.parametrize("status", [status for status in Status if status != Status.QUEUED])
def test_a_session_that_does_not_wait_is_nobodys_turn(status: Status) -> None:
    other, session_id = waiting(), waiting()
    Session.objects.filter(pk=session_id).update(
        status=status, created_at=timezone.now() - timedelta(minutes=1)
    )
    assert begun() == other
    assert next_in_turn() is None


def test_a_session_whose_transaction_is_rolled_back_was_never_there() -> None:
    with transaction.atomic():
        waiting()
        transaction.set_rollback(True)
    assert not Session.objects.exists()
    assert next_in_turn() is None


# Several workers


@pytest.fixture
def run_by_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[UUID]]:
    """Let a worker run a session by noting its id."""
    ran: list[UUID] = []

    def run(session_id: UUID, *_: object) -> None:
        ran.append(session_id)
        ended(session_id)

    monkeypatch.setattr(worker, "_execute", run)
    monkeypatch.setattr(worker, "warm_up", lambda: None)
    monkeypatch.setattr(worker, "_LOCK_PAUSE_SECONDS", 0.01)
    return ran


@pytest.mark.fault(
    "four workers that are woken for the same forty sessions, again and again",
    "each session is run once",
)
def test_of_several_workers_at_once_each_session_is_run_by_one(run_by_name: list[UUID]) -> None:
    sessions = [waiting() for _ in range(40)]
    start = threading.Barrier(4)

    def work() -> None:
        start.wait(10)
        while next_in_turn() is not None:
            worker.execute_next()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(run_by_name) == sorted(sessions)
    assert Attempt.objects.count() == 40


def test_a_worker_that_is_woken_for_nothing_ends_quietly(run_by_name: list[UUID]) -> None:
    worker.execute_next()
    assert run_by_name == []


def test_a_session_whose_old_job_still_ends_keeps_no_other_one_waiting(
    run_by_name: list[UUID],
) -> None:
    ending, other = waiting(), waiting()
    with session_lock.held(ending):
        worker.execute_next()
        worker.execute_next()
        assert run_by_name == [other]
    worker.execute_next()
    assert run_by_name == [other, ending]
