from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from sessions_app import lifecycle, selectors, services
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.lifecycle import MOST_ATTEMPTS, Status
from sessions_app.models import Attempt, Session, TrainingSession
from sessions_app.queue import session_lock
from sessions_app.queue.tasks import enqueue
from sessions_app.services import ArchiveData
from sessions_app.services.reaping import take_up_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

NOTHING = ((), ())


def session(status: Status, *, attempts: int = 1, queued: bool = False) -> TrainingSession:
    made = TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )
    if queued:
        enqueue(made.pk)
    for number in range(attempts):
        if number:
            lifecycle.interrupt(Session.objects.all(), made.pk)
        lifecycle.claim(Session.objects.all(), made.pk)
    # Nobody is about to begin with one that is as old as this.
    Session.objects.filter(pk=made.pk).update(
        status=status, created_at=timezone.now() - timedelta(minutes=1)
    )
    return made


def taken(seconds_ago: float) -> None:
    """Let every task be one that a cluster took so long ago."""
    left = settings.Q_CLUSTER["retry"] - seconds_ago
    OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=left))


def take_up() -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    found = take_up_interrupted()
    return found.queued_again, found.given_up


def queue() -> list[str]:
    return [task.name() for task in OrmQ.objects.order_by("id")]


def status_of(session_id: UUID) -> str:
    return Session.objects.get(pk=session_id).status


@pytest.fixture
def a_worker_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessions_app.services.reaping.workers_present", lambda: 1)


@pytest.fixture
def run_elsewhere() -> Iterator[Callable[[UUID], None]]:
    """Hold sessions' locks, as the worker does that runs them."""
    done = threading.Event()
    threads = []

    def run(session_id: UUID) -> None:
        begun = threading.Event()

        def hold() -> None:
            with session_lock.held(session_id, patience_seconds=5) as lock:
                assert lock is not None
                begun.set()
                done.wait(30)
            connection.close()

        threads.append(threading.Thread(target=hold))
        threads[-1].start()
        assert begun.wait(10)

    yield run
    done.set()
    for thread in threads:
        thread.join(10)


# Sessions that are marked as running


@pytest.mark.usefixtures("a_worker_lives")
def test_a_session_that_nothing_runs_is_queued_again_though_workers_live() -> None:
    interrupted = session(Status.RUNNING, queued=True)
    taken(0)
    task = OrmQ.objects.get().pk
    assert take_up() == ((interrupted.pk,), ())
    assert status_of(interrupted.pk) == Status.QUEUED
    assert queue() == [str(interrupted.pk)]
    assert not OrmQ.objects.filter(pk=task).exists()
    assert [each.ending for each in Attempt.objects.all()] == ["interrupted"]
    found = selectors.standing(interrupted.pk)
    assert found is not None
    assert (found.percent, found.step) == (0, "Interrupted, and waiting for a worker again")
    assert take_up() == NOTHING


def test_a_session_that_is_run_is_left_alone(run_elsewhere: Callable[[UUID], None]) -> None:
    running, interrupted = session(Status.RUNNING), session(Status.RUNNING)
    run_elsewhere(running.pk)
    assert take_up() == ((interrupted.pk,), ())
    assert status_of(running.pk) == Status.RUNNING


def test_a_session_that_was_interrupted_too_often_is_given_up_in_words() -> None:
    unlucky = session(Status.RUNNING, attempts=MOST_ATTEMPTS, queued=True)
    assert take_up() == ((), (unlucky.pk,))
    unlucky.refresh_from_db()
    assert unlucky.status == Status.FAILED
    assert unlucky.error == "The session was interrupted 3 times and given up."
    assert queue() == []


def test_what_a_dead_worker_wrote_goes_with_its_attempt(media: Path) -> None:
    dead, done = session(Status.RUNNING), session(Status.COMPLETED)
    for each in (dead, done):
        storage.artifact_folder(each.pk).mkdir(parents=True)
        # As a worker leaves it that is killed.
        folder = storage.work_folder(each.pk)
        (folder.__enter__() / "predictions").write_bytes(b"half")
    take_up()
    assert list((media / "incoming").iterdir()) == []
    assert [path.name for path in (media / "artifacts").iterdir()] == [str(done.pk)]


def test_the_work_folder_of_a_session_that_is_run_stays(
    run_elsewhere: Callable[[UUID], None],
) -> None:
    running = session(Status.RUNNING)
    run_elsewhere(running.pk)
    with storage.work_folder(running.pk) as folder:
        take_up()
        assert folder.is_dir()


@pytest.mark.fault(
    "files of an interrupted session that cannot be removed",
    "it is queued again all the same, and so are the others",
)
def test_files_that_cannot_be_removed_keep_no_session_waiting(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, ended, other = (
        session(each) for each in (Status.RUNNING, Status.FAILED, Status.RUNNING)
    )
    folders = {
        each.pk: media / "incoming" / f"session_{each.pk}_x" for each in (stuck, ended, other)
    }
    for folder in folders.values():
        folder.mkdir(parents=True)
    remove = storage.remove

    def fail_for_two(path: Path) -> None:
        if path in {folders[stuck.pk], folders[ended.pk]}:
            raise PermissionError(1, "Operation not permitted")
        remove(path)

    monkeypatch.setattr(storage, "remove", fail_for_two)
    assert take_up() == ((stuck.pk, other.pk), ())
    assert status_of(stuck.pk) == status_of(other.pk) == Status.QUEUED
    assert [path.exists() for path in folders.values()] == [True, True, False]


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_session_that_has_ended_stays_ended(status: Status) -> None:
    ended = session(status)
    assert take_up() == NOTHING
    assert status_of(ended.pk) == status


@pytest.mark.fault(
    "four reapers at once",
    "each session is taken up once",
)
def test_of_several_reapers_at_once_one_takes_a_session_up() -> None:
    made = [session(Status.RUNNING) for _ in range(5)]
    made += [session(Status.QUEUED, attempts=0) for _ in range(5)]
    start, found = threading.Barrier(4), []

    def reap() -> None:
        start.wait(10)
        found.extend(take_up()[0])
        connection.close()

    threads = [threading.Thread(target=reap) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == sorted(each.pk for each in made)
    assert sorted(queue()) == sorted(str(each.pk) for each in made)


# Sessions that wait, and tasks


def test_a_queued_session_without_a_task_gets_one() -> None:
    forgotten = session(Status.QUEUED, attempts=0)
    assert take_up() == ((forgotten.pk,), ())
    assert queue() == [str(forgotten.pk)]


def test_a_session_that_a_command_has_just_made_is_the_commands_to_run() -> None:
    TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )
    assert take_up() == NOTHING


@pytest.mark.usefixtures("a_worker_lives")
@pytest.mark.parametrize("on_its_way", [False, True])
def test_a_session_that_waits_keeps_its_task(on_its_way: bool) -> None:
    waiting = session(Status.QUEUED, attempts=0, queued=True)
    if on_its_way:
        taken(1)
    task = OrmQ.objects.get().pk
    assert take_up() == NOTHING
    assert OrmQ.objects.get().pk == task
    assert status_of(waiting.pk) == Status.QUEUED


@pytest.mark.usefixtures("a_worker_lives")
def test_a_task_that_was_taken_and_came_to_no_worker_is_put_in_again() -> None:
    lost = session(Status.QUEUED, attempts=0, queued=True)
    taken(60)
    assert take_up() == ((lost.pk,), ())
    assert queue() == [str(lost.pk)]
    assert OrmQ.objects.get().lock <= timezone.now()


def test_without_workers_no_task_is_on_its_way() -> None:
    lost = session(Status.QUEUED, attempts=0, queued=True)
    taken(0)
    assert take_up() == ((lost.pk,), ())


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED, None])
def test_a_task_of_a_session_that_has_ended_or_is_gone_is_removed(status: Status | None) -> None:
    made = session(status or Status.COMPLETED, queued=True)
    if status is None:
        made.delete()
    assert take_up() == NOTHING
    assert queue() == []


@pytest.mark.usefixtures("a_worker_lives")
def test_a_task_that_is_about_to_be_acknowledged_stays() -> None:
    session(Status.COMPLETED, queued=True)
    taken(1)
    take_up()
    assert len(queue()) == 1


# The command, and the result


def test_the_command_says_what_it_took_up(capsys: pytest.CaptureFixture[str]) -> None:
    interrupted = session(Status.RUNNING)
    unlucky = session(Status.RUNNING, attempts=MOST_ATTEMPTS)
    call_command("reap_sessions")
    assert capsys.readouterr().out == (
        f"Session {interrupted.pk} was interrupted and is queued again.\n"
        f"Session {unlucky.pk} was interrupted too often and is given up.\n"
    )


def test_an_interrupted_session_runs_to_the_same_end(kepler: Any, jobs: None) -> None:
    def trained() -> TrainingSession:
        return services.start_training(
            model_type="decision_tree", hyperparameters={}, data=ArchiveData(mission="kepler")
        )

    whole, interrupted = trained(), trained()
    lifecycle.claim(Session.objects.all(), interrupted.pk)
    take_up()
    for each in (whole, interrupted):
        worker.execute(each.pk)
        assert status_of(each.pk) == Status.COMPLETED
    first, second = (
        list(each.predictions.values_list("name", "probabilities", "contributions"))
        for each in (whole, interrupted)
    )
    assert first == second
    endings = Attempt.objects.filter(session=interrupted.pk).values_list("ending", flat=True)
    assert list(endings) == ["interrupted", "completed"]
