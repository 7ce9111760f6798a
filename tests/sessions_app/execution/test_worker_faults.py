"""A fault on the server fails its session in words, or leaves it to another worker."""

from __future__ import annotations

import errno
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection

from sessions_app import lifecycle, services
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.models import Session
from sessions_app.queue import session_lock
from tests.sessions_app.execution.running import (
    LONG,
    Meanwhile,
    assert_nothing_half,
    created,
    is_gone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]
FAULT = "The session was ended by a fault on the server; nothing of it was kept."


# Faults on the server


@pytest.fixture
def sql() -> Iterator[Callable[[str, str], None]]:
    """Change the database for one test: a statement, and the one that undoes it."""
    undoing: list[str] = []

    def run(do: str, undo: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(do)
        undoing.append(undo)

    yield run
    connection.close()
    with connection.cursor() as cursor:
        for undo in undoing:
            cursor.execute(undo)


def assert_failed_by_a_fault(session: Session, kept: Callable[[], list[str]]) -> None:
    assert_nothing_half(session, kept)
    assert (session.status, session.error) == ("failed", FAULT)
    assert session.traceback.startswith("Traceback (most recent call last):")


@pytest.mark.long
def test_a_fault_while_the_rows_are_written_fails_the_session_and_leaves_nothing(
    kepler: DatasetSnapshot, sql: Callable[[str, str], None], kept: Callable[[], list[str]]
) -> None:
    table = "ALTER TABLE sessions_app_progressentry"
    sql(f"{table} ADD CONSTRAINT few CHECK (percent < 100)", f"{table} DROP CONSTRAINT few")
    session = created()
    with pytest.raises(DatabaseError):
        worker.execute(session.pk)
    assert_failed_by_a_fault(session, kept)
    assert "few" in session.traceback


@pytest.mark.long
@pytest.mark.parametrize("folder", [pytest.param("artifacts", marks=pytest.mark.long), "results"])
def test_a_fault_while_files_are_put_into_place_fails_the_session_and_leaves_nothing(
    folder: str, kepler: DatasetSnapshot, media: Path, kept: Callable[[], list[str]]
) -> None:
    (media / folder).write_text("in the way")
    session = created()
    with pytest.raises(OSError, match=folder):
        worker.execute(session.pk)
    (media / folder).unlink()
    assert_failed_by_a_fault(session, kept)


def test_a_fault_at_the_very_commit_fails_the_session_and_leaves_nothing(
    kepler: DatasetSnapshot, sql: Callable[[str, str], None], kept: Callable[[], list[str]]
) -> None:
    sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'refused at the commit'; END $$",
        "DROP FUNCTION refuse CASCADE",
    )
    sql(
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON sessions_app_progressentry"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.percent = 100)"
        " EXECUTE FUNCTION refuse()",
        "SELECT 1",
    )
    session = created()
    with pytest.raises(DatabaseError, match="refused at the commit"):
        worker.execute(session.pk)
    assert_failed_by_a_fault(session, kept)


def test_a_fault_before_the_job_begins_fails_the_session(
    kepler: DatasetSnapshot, media: Path, kept: Callable[[], list[str]]
) -> None:
    session = created()
    storage.remove(media / "incoming")
    (media / "incoming").write_text("in the way")
    with pytest.raises(OSError, match="incoming"):
        worker.execute(session.pk)
    (media / "incoming").unlink()
    (media / "incoming").mkdir()
    assert_failed_by_a_fault(session, kept)


def ended_connections(where: str) -> None:
    """End the connections of other processes, and of other threads, as Postgres' restart does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
            f" datname = current_database() AND pid <> pg_backend_pid() AND {where}"
        )


@pytest.mark.fault(
    "the worker's database connections are cut during a fit, or the lock's alone",
    "the job is stopped, the session taken up",
)
@pytest.mark.parametrize(
    "where",
    [
        pytest.param("true", marks=pytest.mark.long),
        # The one that holds the session's lock, alone.
        "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1)",
    ],
    ids=["all connections", "the lock's connection"],
)
def test_a_worker_that_loses_the_database_during_a_job_leaves_the_session_to_be_taken_up(
    kepler: DatasetSnapshot,
    meanwhile: Callable[..., Meanwhile],
    kept: Callable[[], list[str]],
    where: str,
) -> None:
    session = created(**LONG)
    other = meanwhile(session, lambda: ended_connections(where))
    worker.execute(session.pk)
    assert is_gone(other.jobs[0])
    assert services.take_up_interrupted().queued_again == (session.pk,)
    assert_nothing_half(session, kept)
    assert session.status == "queued"
    assert [attempt.ending for attempt in session.history.all()] == ["interrupted"]


@pytest.mark.long
@pytest.mark.fault(
    "a worker that lives on after its session was given to another one", "cannot end it"
)
def test_a_worker_that_is_cut_off_cannot_end_what_another_one_runs_by_then(
    kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile], jobs: None
) -> None:
    session = created(**LONG)

    def take_over() -> None:
        # Its lock is gone; before it looks, the session is another worker's.
        ended_connections("pid IN (SELECT pid FROM pg_locks WHERE objsubid = 1)")
        lifecycle.interrupt(Session.objects.all(), session.pk)
        lifecycle.claim(Session.objects.all(), session.pk, worker="another one")

    meanwhile(session, take_over)
    worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts, session.error) == ("running", 2, "")
    assert [attempt.ending for attempt in session.history.all()] == ["interrupted", ""]


@pytest.mark.long
def test_a_disk_without_room_fails_the_session_in_words(
    kepler: DatasetSnapshot, monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[str]]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "keep_folder", full)
    session = created()
    with pytest.raises(OSError, match="No space left"):
        worker.execute(session.pk)
    assert_nothing_half(session, kept)
    assert session.status == "failed"
    assert session.error == "The server's disk has no room left for the session's files."


def test_a_session_whose_lock_somebody_holds_is_not_begun(kepler: DatasetSnapshot) -> None:
    session = created()
    with session_lock.held(session.pk):
        assert not worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("queued", 0)


@pytest.mark.long
def test_what_a_dead_attempt_left_in_the_models_place_is_replaced(
    kepler: DatasetSnapshot, media: Path
) -> None:
    session = created()
    folder = storage.artifact_folder(session.pk)
    folder.mkdir(parents=True)
    (folder / "left behind").write_text("half")
    worker.execute(session.pk)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {path.name for path in folder.iterdir()} == {"manifest.json", *manifest["sha256"]}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
