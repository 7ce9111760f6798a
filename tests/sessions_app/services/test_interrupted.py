from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django_q.models import OrmQ

from sessions_app import presence, services
from sessions_app.lifecycle import Status
from sessions_app.models import Session, TrainingSession
from sessions_app.services.interrupted import MOST_ATTEMPTS, take_up_interrupted
from sessions_app.services.queue import enqueue

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db


def session(status: Status, *, attempts: int = 1, queued: bool = False) -> TrainingSession:
    made = TrainingSession.objects.create(
        kind="training",
        status=status,
        attempts=attempts,
        mission="kepler",
        data_source="nasa",
        model_type="svm",
    )
    if queued:
        enqueue(made)
    return made


def queue() -> list[str]:
    return [task.name() for task in OrmQ.objects.order_by("id")]


def status_of(session_id: UUID) -> str:
    return Session.objects.get(pk=session_id).status


def test_a_session_whose_worker_is_gone_is_queued_again_with_one_task() -> None:
    interrupted = session(Status.RUNNING, queued=True)
    taken = OrmQ.objects.get().pk
    assert take_up_interrupted().queued_again == (interrupted.pk,)
    assert status_of(interrupted.pk) == Status.QUEUED
    assert queue() == [str(interrupted.pk)]
    assert not OrmQ.objects.filter(pk=taken).exists()


def test_a_queued_session_without_a_task_gets_one() -> None:
    forgotten = session(Status.QUEUED, attempts=0)
    assert take_up_interrupted().queued_again == (forgotten.pk,)
    assert queue() == [str(forgotten.pk)]


def test_a_session_that_waits_keeps_its_task() -> None:
    waiting = session(Status.QUEUED, attempts=0, queued=True)
    task = OrmQ.objects.get().pk
    found = take_up_interrupted()
    assert (found.queued_again, found.given_up) == ((), ())
    assert OrmQ.objects.get().pk == task
    assert status_of(waiting.pk) == Status.QUEUED


def test_a_session_that_was_interrupted_too_often_is_given_up_in_words() -> None:
    unlucky = session(Status.RUNNING, attempts=MOST_ATTEMPTS, queued=True)
    assert take_up_interrupted().given_up == (unlucky.pk,)
    unlucky.refresh_from_db()
    assert unlucky.status == Status.FAILED
    assert unlucky.error == "The session was interrupted 3 times and given up."
    assert queue() == []


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_session_that_has_ended_stays_ended(status: Status) -> None:
    ended = session(status)
    found = take_up_interrupted()
    assert (found.queued_again, found.given_up) == ((), ())
    assert status_of(ended.pk) == status


def test_nothing_is_taken_from_a_worker_that_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    running = session(Status.RUNNING)
    monkeypatch.setattr("sessions_app.services.interrupted.workers_present", lambda: 1)
    assert take_up_interrupted().queued_again == ()
    assert status_of(running.pk) == Status.RUNNING
    assert presence.workers_present() == 0


def test_the_command_says_what_it_took_up(capsys: pytest.CaptureFixture[str]) -> None:
    interrupted = session(Status.RUNNING)
    call_command("reap_sessions")
    expected = f"Session {interrupted.pk} was interrupted and is queued again.\n"
    assert capsys.readouterr().out == expected


def test_an_interrupted_session_runs_to_the_same_end(kepler: Any, jobs: None) -> None:
    from sessions_app import execution
    from sessions_app.services import ArchiveData

    def trained() -> TrainingSession:
        return services.start_training(
            model_type="decision_tree", hyperparameters={}, data=ArchiveData(mission="kepler")
        )

    whole, interrupted = trained(), trained()
    Session.objects.filter(pk=interrupted.pk).update(status=Status.RUNNING, attempts=1)
    take_up_interrupted()
    for each in (whole, interrupted):
        execution.execute(each.pk)
        assert status_of(each.pk) == Status.COMPLETED
    first, second = (
        list(each.predictions.values_list("name", "probabilities", "contributions"))
        for each in (whole, interrupted)
    )
    assert first == second
    interrupted.refresh_from_db()
    assert interrupted.attempts == 2
