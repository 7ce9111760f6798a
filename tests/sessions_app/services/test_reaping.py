from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from sessions_app import lifecycle, selectors, services
from sessions_app.execution import worker
from sessions_app.files import disk, storage
from sessions_app.lifecycle import MOST_ATTEMPTS, Status
from sessions_app.models import Attempt, Session, TrainingSession
from sessions_app.queue import session_lock
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import ArchiveData
from sessions_app.services.reaping import take_up_interrupted
from tests.sessions_app.results import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

NOTHING = ((), ())


def session(status: Status, *, attempts: int = 1) -> TrainingSession:
    made = TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )
    for number in range(attempts):
        if number:
            lifecycle.interrupt(Session.objects.all(), made.pk)
        lifecycle.claim(Session.objects.all(), made.pk)
    # Nobody is about to begin with one that is as old as this.
    Session.objects.filter(pk=made.pk).update(
        status=status, created_at=timezone.now() - timedelta(minutes=1)
    )
    return made


def take_up() -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    taken = take_up_interrupted()
    return taken.queued_again, taken.given_up


def status_of(session_id: UUID) -> str:
    return Session.objects.get(pk=session_id).status


@pytest.fixture
def run_elsewhere() -> Iterator[Callable[[UUID], None]]:
    """Hold sessions' locks, as the worker does that runs them."""
    done = threading.Event()
    threads = []

    def run(session_id: UUID) -> None:
        begun = threading.Event()

        def hold() -> None:
            with session_lock.held(session_id) as lock:
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


def test_a_session_that_nothing_runs_is_queued_again() -> None:
    interrupted = session(Status.RUNNING)
    assert take_up() == ((interrupted.pk,), ())
    assert status_of(interrupted.pk) == Status.QUEUED
    assert next_in_turn() == interrupted.pk
    assert [attempt.ending for attempt in Attempt.objects.all()] == ["interrupted"]
    standing = selectors.standing(interrupted.pk)
    assert standing is not None
    assert (standing.percent, standing.step) == (0, "Interrupted, and waiting for a worker again")
    assert take_up() == NOTHING


def test_a_session_that_is_run_is_left_alone(run_elsewhere: Callable[[UUID], None]) -> None:
    running, interrupted = session(Status.RUNNING), session(Status.RUNNING)
    run_elsewhere(running.pk)
    assert take_up() == ((interrupted.pk,), ())
    assert status_of(running.pk) == Status.RUNNING


def test_a_session_that_was_interrupted_too_often_is_given_up_in_words() -> None:
    unlucky = session(Status.RUNNING, attempts=MOST_ATTEMPTS)
    assert take_up() == ((), (unlucky.pk,))
    unlucky.refresh_from_db()
    assert unlucky.status == Status.FAILED
    assert unlucky.error == "The session was interrupted 3 times and given up."
    assert next_in_turn() is None


def test_what_a_dead_worker_wrote_goes_with_its_attempt(media: Path) -> None:
    dead, done = session(Status.RUNNING), session(Status.COMPLETED)
    for row in (dead, done):
        storage.artifact_folder(row.pk).mkdir(parents=True)
        # As a worker leaves it that is killed.
        folder = storage.work_folder(row.pk)
        (folder.__enter__() / "predictions").write_bytes(b"half")
    take_up()
    assert list((media / "incoming").iterdir()) == []
    assert [path.name for path in (media / "artifacts").iterdir()] == [str(done.pk)]


def test_what_was_measured_of_single_stars_waits_for_the_next_attempt() -> None:
    interrupted = session(Status.RUNNING)
    folder = storage.measuring_folder(interrupted.pk)
    folder.mkdir(parents=True)
    assert take_up() == ((interrupted.pk,), ())
    assert folder.is_dir()


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
        session(case) for case in (Status.RUNNING, Status.FAILED, Status.RUNNING)
    )
    folders = {
        case.pk: media / "incoming" / f"session_{case.pk}_x" for case in (stuck, ended, other)
    }
    for folder in folders.values():
        folder.mkdir(parents=True)
    remove = disk.remove

    def fail_for_two(path: Path) -> None:
        if path in {folders[stuck.pk], folders[ended.pk]}:
            raise PermissionError(1, "Operation not permitted")
        remove(path)

    monkeypatch.setattr(disk, "remove", fail_for_two)
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
    made = [session(Status.RUNNING) for _ in range(10)]
    start, taken = threading.Barrier(4), []

    def reap() -> None:
        start.wait(10)
        taken.extend(take_up()[0])
        connection.close()

    threads = [threading.Thread(target=reap) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(taken) == sorted(row.pk for row in made)
    assert {status_of(row.pk) for row in made} == {Status.QUEUED}


# Sessions that wait


def test_a_session_that_waits_is_left_to_the_workers() -> None:
    waiting = session(Status.QUEUED, attempts=0)
    assert take_up() == NOTHING
    assert status_of(waiting.pk) == Status.QUEUED
    assert next_in_turn() == waiting.pk


# The command, and the result


def test_the_command_says_what_it_took_up(capsys: pytest.CaptureFixture[str]) -> None:
    interrupted = session(Status.RUNNING)
    unlucky = session(Status.RUNNING, attempts=MOST_ATTEMPTS)
    call_command("reap_sessions")
    assert capsys.readouterr().out == (
        f"Session {interrupted.pk} was interrupted and is queued again.\n"
        f"Session {unlucky.pk} was interrupted too often and is given up.\n"
    )


@pytest.mark.long
def test_an_interrupted_session_runs_to_the_same_end(kepler: Any, jobs: None) -> None:
    def trained() -> TrainingSession:
        return services.start_training(
            model_type="decision_tree", hyperparameters={}, data=ArchiveData(mission="kepler")
        )

    whole, interrupted = trained(), trained()
    lifecycle.claim(Session.objects.all(), interrupted.pk)
    take_up()
    for row in (whole, interrupted):
        worker.execute(row.pk)
        assert status_of(row.pk) == Status.COMPLETED
    first, second = (objects(row) for row in (whole, interrupted))
    assert first == second
    endings = Attempt.objects.filter(session=interrupted.pk).values_list("ending", flat=True)
    assert list(endings) == ["interrupted", "completed"]
