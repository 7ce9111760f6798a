from __future__ import annotations

import threading
from itertools import product
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from sessions_app import lifecycle
from sessions_app.lifecycle import FINAL, MOST_ATTEMPTS, AttemptEnding, IllegalMoveError, Status
from sessions_app.models import Attempt, Session, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


def session(status: Status = Status.QUEUED) -> Session:
    return TrainingSession.objects.create(
        kind="training", status=status, mission="kepler", data_source="nasa", model_type="svm"
    )


def move(session_id: UUID, to: Status) -> bool:
    """Try a move and tell whether it happened."""
    sessions = Session.objects.all()
    match to:
        case Status.QUEUED:
            interrupted = lifecycle.interrupt(sessions, session_id)
            assert interrupted in {None, Status.QUEUED}
            return interrupted is not None or lifecycle.retry(sessions, session_id)
        case Status.RUNNING:
            return lifecycle.claim(sessions, session_id, worker="a test") is not None
        case Status.FAILED:
            return lifecycle.fail(sessions, session_id, error="It broke.", traceback="line 1")
        case Status.CANCELLED:
            return lifecycle.cancel(sessions, session_id)
        case Status.COMPLETED:
            try:
                lifecycle.complete(sessions, session_id, metrics={"accuracy": 0.5})
            except IllegalMoveError:
                return False
            return True
    raise AssertionError(to)


LEGAL = {
    (Status.QUEUED, Status.RUNNING),
    (Status.QUEUED, Status.FAILED),
    (Status.QUEUED, Status.CANCELLED),
    (Status.RUNNING, Status.QUEUED),
    (Status.RUNNING, Status.COMPLETED),
    (Status.RUNNING, Status.FAILED),
    (Status.RUNNING, Status.CANCELLED),
    (Status.FAILED, Status.QUEUED),
    (Status.CANCELLED, Status.QUEUED),
}
PAIRS = list(product(Status, Status))


@pytest.mark.parametrize(("origin", "to"), PAIRS)
def test_only_the_legal_moves_happen_and_an_illegal_one_changes_nothing(
    origin: Status, to: Status
) -> None:
    made = session(origin)
    before = Session.objects.filter(pk=made.pk).values().get()
    assert move(made.pk, to) is ((origin, to) in LEGAL)
    after = Session.objects.filter(pk=made.pk).values().get()
    if (origin, to) in LEGAL:
        assert after["status"] == to
    else:
        assert after == before


def test_a_finished_session_moves_only_where_somebody_asks_for_another_try() -> None:
    assert {(origin, to) for origin, to in LEGAL if origin in FINAL} == {
        (Status.FAILED, Status.QUEUED),
        (Status.CANCELLED, Status.QUEUED),
    }
    assert not any(lifecycle.interrupt(Session.objects.all(), session(state).pk) for state in FINAL)


def test_a_move_of_one_session_leaves_the_others_alone() -> None:
    made, other = session(), session()
    assert lifecycle.claim(Session.objects.all(), made.pk)
    assert Session.objects.get(pk=other.pk).status == Status.QUEUED


@pytest.mark.parametrize("to", [status for status in Status if status != Status.QUEUED])
def test_a_session_that_does_not_exist_does_not_move(to: Status) -> None:
    assert move(uuid4(), to) is False


def test_a_claim_notes_when_the_session_began_and_counts_the_attempt() -> None:
    made = session()
    lifecycle.claim(Session.objects.all(), made.pk)
    claimed = Session.objects.get(pk=made.pk)
    assert claimed.started_at is not None
    assert claimed.started_at >= claimed.created_at
    assert (claimed.attempts, claimed.finished_at) == (1, None)


def test_completing_writes_the_result_with_the_status() -> None:
    made = session(Status.RUNNING)
    lifecycle.complete(Session.objects.all(), made.pk, metrics={"accuracy": 0.75})
    done = Session.objects.get(pk=made.pk)
    assert (done.status, done.metrics, done.error) == ("completed", {"accuracy": 0.75}, "")
    assert done.finished_at is not None


def test_failing_keeps_a_sentence_for_the_user_and_a_traceback_for_operators() -> None:
    made = session(Status.RUNNING)
    lifecycle.fail(Session.objects.all(), made.pk, error="It broke.", traceback="line 1")
    failed = Session.objects.get(pk=made.pk)
    assert (failed.status, failed.error, failed.traceback) == ("failed", "It broke.", "line 1")
    assert failed.finished_at is not None


def test_a_cancelled_session_says_that_it_was_cancelled() -> None:
    made = session(Status.RUNNING)
    lifecycle.cancel(Session.objects.all(), made.pk)
    cancelled = Session.objects.get(pk=made.pk)
    assert cancelled.error == "The session was cancelled."
    assert cancelled.finished_at is not None


def test_completing_what_does_not_run_raises_and_names_the_session() -> None:
    made = session(Status.CANCELLED)
    with pytest.raises(IllegalMoveError, match=str(made.pk)):
        lifecycle.complete(Session.objects.all(), made.pk)


# Attempts


def history(made: Session) -> list[tuple[int, str, str]]:
    attempts = Attempt.objects.filter(session_id=made.pk).order_by("number")
    assert all((attempt.ended_at is None) is (attempt.ending == "") for attempt in attempts)
    return list(attempts.values_list("number", "ending", "error"))


def interrupt(made: Session) -> Status | None:
    return lifecycle.interrupt(Session.objects.all(), made.pk)


INTERRUPTED = "The attempt was interrupted before it was done."


def test_a_claim_begins_an_attempt_that_names_its_worker() -> None:
    made = session()
    assert lifecycle.claim(Session.objects.all(), made.pk, worker="ada, process 7") == 1
    attempt = Attempt.objects.get(session_id=made.pk)
    assert (attempt.number, attempt.worker, attempt.ending) == (1, "ada, process 7", "")
    assert attempt.started_at == Session.objects.get(pk=made.pk).started_at


@pytest.mark.parametrize("to", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_the_end_of_a_session_is_the_end_of_its_attempt(to: Status) -> None:
    made = session()
    move(made.pk, Status.RUNNING)
    move(made.pk, to)
    error = Session.objects.get(pk=made.pk).error
    assert history(made) == [(1, str(to), error)]


def test_an_attempt_keeps_what_it_used_and_why_it_failed() -> None:
    made = session()
    move(made.pk, Status.RUNNING)
    lifecycle.fail(
        Session.objects.all(),
        made.pk,
        error="It broke.",
        traceback="line 1",
        peak_memory_bytes=10**9,
        cpu_seconds=2.5,
    )
    attempt = Attempt.objects.get(session_id=made.pk)
    assert (attempt.error, attempt.traceback) == ("It broke.", "line 1")
    assert (attempt.peak_memory_bytes, attempt.cpu_seconds) == (10**9, 2.5)


def test_a_session_that_ends_before_it_began_has_no_attempt() -> None:
    made = session()
    move(made.pk, Status.CANCELLED)
    assert history(made) == []


def test_an_interrupted_session_is_begun_again_three_times_and_then_fails_in_words() -> None:
    made = session()
    for _ in range(MOST_ATTEMPTS - 1):
        move(made.pk, Status.RUNNING)
        assert interrupt(made) == Status.QUEUED
        assert Session.objects.get(pk=made.pk).started_at is None
    move(made.pk, Status.RUNNING)
    assert interrupt(made) == Status.FAILED
    ended = Session.objects.get(pk=made.pk)
    assert ended.error == "The session was interrupted 3 times and given up."
    assert ended.finished_at is not None
    assert history(made) == [(n, AttemptEnding.INTERRUPTED, INTERRUPTED) for n in (1, 2, 3)]


def test_a_retry_keeps_the_old_attempts_clears_the_old_end_and_gives_as_many_tries_again() -> None:
    made = session()
    for _ in range(MOST_ATTEMPTS):
        move(made.pk, Status.RUNNING)
        interrupt(made)
    assert lifecycle.retry(Session.objects.all(), made.pk)
    again = Session.objects.get(pk=made.pk)
    assert (again.status, again.error, again.traceback) == ("queued", "", "")
    assert (again.started_at, again.finished_at) == (None, None)
    assert lifecycle.claim(Session.objects.all(), made.pk) == MOST_ATTEMPTS + 1
    assert interrupt(made) == Status.QUEUED
    assert [number for number, _, _ in history(made)] == [1, 2, 3, 4]


def test_a_worker_that_was_given_up_for_dead_cannot_end_what_another_one_runs() -> None:
    made = session()
    first = lifecycle.claim(Session.objects.all(), made.pk)
    interrupt(made)
    lifecycle.claim(Session.objects.all(), made.pk)
    of_the_first = Session.objects.filter(attempts=first)
    with pytest.raises(IllegalMoveError):
        lifecycle.complete(of_the_first, made.pk, metrics={"accuracy": 1})
    assert not lifecycle.fail(of_the_first, made.pk, error="It broke.")
    assert lifecycle.interrupt(of_the_first, made.pk) is None
    assert history(made) == [(1, "interrupted", INTERRUPTED), (2, "", "")]


def test_a_move_that_is_rolled_back_leaves_the_attempt_as_it_was() -> None:
    made = session()
    move(made.pk, Status.RUNNING)
    with transaction.atomic():
        move(made.pk, Status.COMPLETED)
        transaction.set_rollback(True)
    assert history(made) == [(1, "", "")]


# Side by side


def at_once(*attempts: Callable[[], bool]) -> list[bool]:
    """Run each attempt in a thread with a connection of its own, all from the same moment."""
    start = threading.Barrier(len(attempts))
    outcomes: list[bool] = []

    def run(attempt: Callable[[], bool]) -> None:
        try:
            connection.ensure_connection()
            start.wait(10)
            outcomes.append(attempt())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_exactly_one_wins() -> None:
    for _ in range(5):
        made = session()
        won = at_once(*[lambda: move(made.pk, Status.RUNNING)] * 6)  # noqa: B023
        assert sorted(won) == [False] * 5 + [True]
        assert Session.objects.get(pk=made.pk).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_of_completing_and_cancelling_at_once_exactly_one_wins() -> None:
    for _ in range(5):
        made = session(Status.RUNNING)
        won = at_once(
            lambda: move(made.pk, Status.COMPLETED),  # noqa: B023
            lambda: move(made.pk, Status.CANCELLED),  # noqa: B023
        )
        assert sorted(won) == [False, True]
        ended = Session.objects.get(pk=made.pk)
        assert (ended.metrics is None) is (ended.status == Status.CANCELLED)


@pytest.mark.django_db(transaction=True)
def test_a_claim_waits_for_an_open_claim_and_then_finds_nothing() -> None:
    made = session()
    begun, result = threading.Event(), []

    def second() -> None:
        try:
            begun.set()
            result.append(move(made.pk, Status.RUNNING))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        assert move(made.pk, Status.RUNNING)
        thread.start()
        begun.wait(10)
        thread.join(0.2)
        assert result == []
    thread.join(10)
    assert result == [False]
