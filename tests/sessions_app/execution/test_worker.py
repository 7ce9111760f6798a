from __future__ import annotations

import errno
import hashlib
import json
import math
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil
import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, connection

from mlcore import load_artifact
from sessions_app import lifecycle, services
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import (
    ObjectPrediction,
    PredictionSession,
    ProgressEntry,
    Session,
    TrainingSession,
)
from sessions_app.queue import session_lock
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import ArchiveData, UploadedData
from tests.sessions_app.real_rows import drawn
from tests.sessions_app.services.uploads import upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]

LONG = {"model_type": "random_forest", "hyperparameters": {"n_estimators": 2000}}
"""A fit that goes on for long enough to be looked at, and to be ended."""
FAULT = "The session was ended by a fault on the server; nothing of it was kept."


def trained(**changes: Any) -> TrainingSession:
    """Create a small training session and run it to its end."""
    session = created(**changes)
    worker.execute(session.pk)
    session.refresh_from_db()
    return session


def created(**changes: Any) -> TrainingSession:
    request = {
        "model_type": "decision_tree",
        "hyperparameters": {},
        "data": ArchiveData(mission="kepler"),
    }
    return services.start_training(**request | changes)


def predicted(data: ArchiveData | UploadedData) -> PredictionSession:
    session = services.start_prediction(data=data)
    worker.execute(session.pk)
    session.refresh_from_db()
    return session


def rows_of(session: Session) -> list[dict[str, Any]]:
    rows = list(ObjectPrediction.objects.filter(session_id=session.pk).values())
    for row in rows:
        del row["id"], row["session_id"]
    return rows


def assert_nothing_half(session: Session, kept: Callable[[], list[str]]) -> None:
    """A session without a result has no part of one, neither in rows nor in files."""
    session.refresh_from_db()
    assert (session.finished_at is None) is (session.status in {Status.QUEUED, Status.RUNNING})
    assert (session.metrics, session.model) == (None, None)
    assert rows_of(session) == []
    assert not session.progress.filter(percent=100).exists()
    assert not storage.artifact_folder(session.pk).exists()
    assert [name for name in kept() if name.startswith("incoming")] == []
    assert list(storage.media_path("incoming").iterdir()) == []


@dataclass
class Meanwhile:
    """What a thread does once a session has come to its fit."""

    thread: threading.Thread
    jobs: list[psutil.Process]


@pytest.fixture
def meanwhile() -> Iterator[Callable[..., Meanwhile]]:
    """Do something, from another connection, in the middle of a session's fit."""
    begun: list[Meanwhile] = []

    def begin(session: Session, act: Callable[[], object]) -> Meanwhile:
        def wait_and_act() -> None:
            try:
                until = time.monotonic() + 30
                fits = session.progress.filter(step__startswith="Fitting the model: ")
                while not fits.exists():
                    assert time.monotonic() < until
                    time.sleep(0.02)
                found.jobs.extend(running_jobs())
                act()
            finally:
                connection.close()

        found = Meanwhile(thread=threading.Thread(target=wait_and_act), jobs=[])
        begun.append(found)
        found.thread.start()
        return found

    yield begin
    for each in begun:
        each.thread.join(30)


def running_jobs() -> list[psutil.Process]:
    """Return the processes that a server of ours has forked."""
    servers = [
        process
        for process in psutil.Process().children()
        if "sessions_app.isolation.server" in " ".join(process.cmdline())
    ]
    return [job for server in servers for job in server.children()]


def is_gone(process: psutil.Process) -> bool:
    until = time.monotonic() + 2
    while time.monotonic() < until:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.01)
    return False


# A result


def test_a_training_session_completes_with_rows_figures_and_a_model(
    kepler: DatasetSnapshot, kept: Callable[[], list[str]]
) -> None:
    session = trained()
    assert (session.status, session.error, session.traceback) == ("completed", "", "")
    assert session.attempts == 1
    assert session.created_at < session.started_at < session.finished_at
    assert session.peak_memory_bytes > 10**7
    assert session.cpu_seconds > 0
    assert session.model["model_type"] == "decision_tree"
    assert session.model["test_rows"] == kepler.test_rows == session.metrics["rows"]
    assert session.model["train_rows"] == kepler.rows - kepler.test_rows
    folder = storage.artifact_folder(session.pk)
    assert list(load_artifact(folder).classifier.columns) == session.model["columns"]
    assert {name.split("/")[0] for name in kept()} == {"artifacts", "datasets"}


def test_the_rows_and_the_figures_of_a_completed_session_agree(kepler: DatasetSnapshot) -> None:
    session = trained()
    rows = rows_of(session)
    columns, classes = session.model["columns"], session.metrics["classes"]
    assert [row["number"] for row in rows] == list(range(1, kepler.test_rows + 1))
    right = sum(row["label"] == row["actual"] for row in rows)
    assert session.metrics["accuracy"] == right / len(rows)
    confusion = [
        [sum((row["actual"], row["label"]) == (one, other) for row in rows) for other in classes]
        for one in classes
    ]
    assert session.metrics["confusion_matrix"] == confusion
    for row in rows:
        probable = row["probabilities"]
        assert classes[probable.index(max(probable))] == row["label"]
        assert sum(probable) == pytest.approx(1)
        assert len(row["values"]) == len(row["contributions"]) == len(columns)
        assert row["base"] + sum(row["contributions"]) == pytest.approx(row["output"])
        assert 3 <= len(row["reasons"]) <= 5


def test_the_values_of_a_row_are_those_of_its_object_missing_ones_included(
    media: Path, tmp_path: Path
) -> None:
    frame = drawn("a").copy()
    frame.loc[::2, "koi_depth"] = math.nan
    frame.to_csv(tmp_path / "gaps.csv", index=False)
    services.load_dataset("kepler", file=tmp_path / "gaps.csv", folder=None)
    session = trained()
    objects, missing = frame.set_index("kepoi_name"), 0
    # What is derived from the columns is no column of the file.
    measured = [name for name in session.model["columns"] if name in objects]
    places = [session.model["columns"].index(name) for name in measured]
    assert len(measured) >= 30
    for row in rows_of(session):
        found = objects.loc[row["name"]]
        values = [None if math.isnan(value) else value for value in found[measured]]
        assert (row["host"], [row["values"][place] for place in places]) == (found["kepid"], values)
        missing += values.count(None)
    assert missing >= 20


def test_the_same_request_twice_gives_identical_predictions(kepler: DatasetSnapshot) -> None:
    forest = {"model_type": "random_forest", "hyperparameters": {"n_estimators": 15}}
    one, same, other = trained(**forest), trained(**forest), trained(**forest, seed=1)
    assert rows_of(one) == rows_of(same)
    assert one.metrics == same.metrics
    assert rows_of(one) != rows_of(other)


def test_progress_moves_during_the_fit_never_goes_back_and_ends_with_completed(
    kepler: DatasetSnapshot,
) -> None:
    session = trained(model_type="random_forest", hyperparameters={"n_estimators": 600})
    entries = list(session.progress.order_by("id"))
    percents = [entry.percent for entry in entries]
    assert all(earlier <= later for earlier, later in pairwise(percents))
    assert (percents[-1], entries[-1].step) == (100, "Completed")
    assert percents[-2] <= 99
    fits = [entry for entry in entries if entry.step.startswith("Fitting the model")]
    assert len({entry.percent for entry in fits}) >= 3
    assert any("600 trees" in entry.step for entry in fits)


def test_a_poll_from_another_connection_sees_the_fit_move(
    kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile]
) -> None:
    session = created(**LONG | {"hyperparameters": {"n_estimators": 500}})
    seen: list[float] = []

    def poll() -> None:
        newest = session.progress.order_by("-id").values_list("percent", flat=True)
        while not seen or seen[-1] < 100:
            seen.append(newest[0])
            time.sleep(0.05)

    polling = meanwhile(session, poll)
    worker.execute(session.pk)
    polling.thread.join(30)
    assert len(set(seen)) >= 4
    assert seen == sorted(seen)


def test_a_fit_reports_no_oftener_than_anybody_looks(kepler: DatasetSnapshot) -> None:
    session = trained(model_type="random_forest", hyperparameters={"n_estimators": 600})
    seconds = (session.finished_at - session.started_at).total_seconds()
    # Five a second, and one more for each step that begins.
    assert session.progress.count() <= 5 * seconds + 12


def test_warnings_of_the_request_and_of_the_job_are_kept_once_each(
    media: Path, tmp_path: Path
) -> None:
    data = UploadedData(mission="kepler", training=upload(tmp_path), testing=upload(tmp_path, "b"))
    session = trained(model_type="decision_tree", hyperparameters={"n_estimators": 5}, data=data)
    assert (
        session.warnings[0] == "n_estimators is no hyperparameter of decision_tree and was ignored."
    )
    assert len(session.warnings) == len(set(session.warnings)) > 1


def test_a_model_trained_on_uploads_predicts_the_rows_of_the_testing_file(
    media: Path, tmp_path: Path
) -> None:
    data = UploadedData(mission="kepler", training=upload(tmp_path), testing=upload(tmp_path, "b"))
    session = trained(data=data)
    assert session.status == "completed"
    assert session.model["train_rows"] == len(drawn("a"))
    names = [row["name"] for row in rows_of(session)]
    assert names == list(drawn("b")["kepoi_name"])


def test_without_labels_there_are_predictions_and_no_figures(media: Path, tmp_path: Path) -> None:
    testing = upload(tmp_path, "b")
    drawn("b").drop(columns="koi_disposition").to_csv(testing.path, index=False)
    data = UploadedData(mission="kepler", training=upload(tmp_path), testing=testing)
    session = trained(data=data)
    assert (session.status, session.metrics) == ("completed", None)
    assert {row["actual"] for row in rows_of(session)} == {None}


def test_a_prediction_session_predicts_the_missions_test_split(
    kepler: DatasetSnapshot, published: TrainingSession
) -> None:
    session = predicted(ArchiveData(mission="kepler"))
    assert (session.status, session.error, session.attempts) == ("completed", "", 1)
    assert session.metrics == published.metrics
    assert session.metrics_before is None
    assert session.model["fine_tuned"] is False
    assert rows_of(session) == rows_of(published)
    assert storage.artifact_folder(session.pk).is_dir()


def test_a_fine_tuned_session_keeps_the_figures_from_before_and_after(
    published: TrainingSession, tmp_path: Path
) -> None:
    artifact = storage.artifact_folder(published.pk)
    before = {path.name: path.read_bytes() for path in artifact.iterdir()}
    session = predicted(
        UploadedData(
            mission="kepler", training=upload(tmp_path, "b"), testing=upload(tmp_path, "c")
        )
    )
    assert session.status == "completed"
    assert session.metrics["rows"] == session.metrics_before["rows"] == len(drawn("c"))
    assert session.metrics != session.metrics_before
    assert session.model["fine_tuned"] is True
    assert session.model["fine_tuning_rows"] == len(drawn("b"))
    # The published model itself stays as it is.
    assert {path.name: path.read_bytes() for path in artifact.iterdir()} == before


# Nothing to do


@pytest.mark.parametrize("status", [status for status in Status if status != Status.QUEUED])
def test_a_task_for_a_session_that_is_not_queued_does_nothing(
    status: Status, kepler: DatasetSnapshot, kept: Callable[[], list[str]]
) -> None:
    session = created()
    Session.objects.filter(pk=session.pk).update(status=status)
    before, files = Session.objects.filter(pk=session.pk).values().get(), kept()
    worker.execute(session.pk)
    assert Session.objects.filter(pk=session.pk).values().get() == before
    assert not ProgressEntry.objects.exists()
    assert kept() == files


def test_a_task_that_is_delivered_again_after_the_end_changes_nothing(
    kepler: DatasetSnapshot,
) -> None:
    session = trained()
    before, rows = Session.objects.filter(pk=session.pk).values().get(), rows_of(session)
    worker.execute(session.pk)
    assert Session.objects.filter(pk=session.pk).values().get() == before
    assert rows_of(session) == rows


def test_a_task_for_an_unknown_session_does_nothing(media: Path) -> None:
    worker.execute(uuid4())
    assert not Session.objects.exists()
    assert list(media.iterdir()) == []


def test_a_task_that_is_delivered_while_the_session_runs_does_nothing(
    kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile]
) -> None:
    session = created(**LONG | {"hyperparameters": {"n_estimators": 400}})
    meanwhile(session, lambda: worker.execute(session.pk))
    worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("completed", 1)


# No result


def test_a_session_that_is_cancelled_while_it_runs_ends_cancelled_and_leaves_nothing(
    kepler: DatasetSnapshot,
    meanwhile: Callable[..., Meanwhile],
    kept: Callable[[], list[str]],
) -> None:
    session, ended_at = created(**LONG), []

    def cancel() -> None:
        assert lifecycle.cancel(Session.objects.all(), session.pk)
        ended_at.append(time.monotonic())

    other = meanwhile(session, cancel)
    worker.execute(session.pk)
    assert time.monotonic() - ended_at[0] < 5
    assert_nothing_half(session, kept)
    assert (session.status, session.error) == ("cancelled", "The session was cancelled.")
    assert session.traceback == ""
    assert len(other.jobs) == 1
    assert is_gone(other.jobs[0])


def test_after_a_cancellation_the_next_session_runs_as_ever(
    kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile]
) -> None:
    session = created(**LONG)
    meanwhile(session, lambda: lifecycle.cancel(Session.objects.all(), session.pk))
    worker.execute(session.pk)
    assert trained().status == "completed"


def test_a_session_that_is_cancelled_before_it_runs_never_runs(
    kepler: DatasetSnapshot, kept: Callable[[], list[str]]
) -> None:
    session = created()
    files = kept()
    lifecycle.cancel(Session.objects.all(), session.pk)
    worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("cancelled", 0)
    assert kept() == files


def test_a_job_that_refuses_its_file_fails_with_a_sentence_for_the_user(
    media: Path, tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    data = UploadedData(mission="kepler", training=upload(tmp_path), testing=upload(tmp_path, "b"))
    session = created(data=data)
    kept_file = session.files.get(purpose="testing_file").file.name
    (media / kept_file).write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    worker.execute(session.pk)
    assert_nothing_half(session, kept)
    assert session.status == "failed"
    assert session.error == (
        "The file is not a table; expected CSV, an IPAC table, XLSX or Parquet."
    )
    assert "NotATableError" in session.traceback
    assert session.peak_memory_bytes > 0


def test_a_job_whose_model_is_damaged_fails_with_a_sentence_for_the_user(
    published: TrainingSession, kept: Callable[[], list[str]]
) -> None:
    for path in storage.artifact_folder(published.pk).glob("estimator.*"):
        path.write_bytes(b"rubbish")
    session = predicted(ArchiveData(mission="kepler"))
    assert_nothing_half(session, kept)
    assert session.status == "failed"
    assert session.error == "The saved model is damaged: one of its files was changed or lost."


def test_a_job_that_crashes_tells_the_user_so_and_the_operators_where(
    kepler: DatasetSnapshot, media: Path, kept: Callable[[], list[str]]
) -> None:
    path = media / kepler.file.name
    whole = path.read_bytes()
    pq.write_table(pq.read_table(path).drop_columns("in_test_split"), path)
    session = trained()
    assert_nothing_half(session, kept)
    assert session.status == "failed"
    assert session.error == "The job stopped unexpectedly because of an internal error."
    assert session.traceback.startswith("Traceback (most recent call last):")
    assert "in read_snapshot" in session.traceback
    # A job that crashed takes nothing down with it.
    path.write_bytes(whole)
    assert trained().status == "completed"


def test_a_job_that_is_killed_from_outside_is_queued_again_and_runs_to_the_same_result(
    kepler: DatasetSnapshot,
    meanwhile: Callable[..., Meanwhile],
    kept: Callable[[], list[str]],
) -> None:
    forest = LONG | {"hyperparameters": {"n_estimators": 400}}
    session, undisturbed = created(**forest), trained(**forest)
    meanwhile(session, lambda: [job.kill() for job in running_jobs()])
    worker.execute(session.pk)
    assert_nothing_half(session, kept)
    assert (session.status, session.error) == ("queued", "")
    assert next_in_turn() == session.pk
    attempt = session.history.get()
    assert (attempt.number, attempt.ending) == (1, "interrupted")
    assert "SIGKILL" in attempt.traceback
    worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("completed", 2)
    assert rows_of(session) == rows_of(undisturbed)
    assert [each.ending for each in session.history.all()] == ["interrupted", "completed"]


@pytest.mark.fault(
    "kill -9 of a session's job, each time",
    "given up after three attempts, in words",
)
def test_a_job_that_is_killed_each_time_is_given_up_in_words(
    kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile], kept: Callable[[], list[str]]
) -> None:
    session = created(**LONG)
    for _ in range(3):
        session.progress.all().delete()
        meanwhile(session, lambda: [job.kill() for job in running_jobs()])
        worker.execute(session.pk)
    assert_nothing_half(session, kept)
    assert session.status == "failed"
    assert session.error == "The session was interrupted 3 times and given up."
    assert next_in_turn() is None


def test_a_job_ends_at_its_deadline(
    kepler: DatasetSnapshot, settings: SettingsWrapper, kept: Callable[[], list[str]]
) -> None:
    trained()
    settings.EXOPLANET_JOB_DEADLINE_SECONDS = 1
    session = trained(**LONG)
    assert_nothing_half(session, kept)
    assert session.status == "failed"
    assert session.error == "The job was not done after the 1 second it may take."
    assert running_jobs() == []


def test_a_job_ends_at_its_memory_limit(
    kepler: DatasetSnapshot, settings: SettingsWrapper, kept: Callable[[], list[str]]
) -> None:
    settings.EXOPLANET_JOB_MEMORY_MB = 50
    session = trained(**LONG)
    assert_nothing_half(session, kept)
    assert session.status == "failed"
    assert session.error == "The job needed more memory than the 50 MB it may use."
    settings.EXOPLANET_JOB_MEMORY_MB = 4000
    assert trained().status == "completed"


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


def test_a_fault_while_the_rows_are_written_fails_the_session_and_leaves_nothing(
    kepler: DatasetSnapshot, sql: Callable[[str, str], None], kept: Callable[[], list[str]]
) -> None:
    table = "ALTER TABLE sessions_app_objectprediction"
    sql(f"{table} ADD CONSTRAINT few CHECK (number < 20)", f"{table} DROP CONSTRAINT few")
    session = created()
    with pytest.raises(DatabaseError):
        worker.execute(session.pk)
    assert_failed_by_a_fault(session, kept)
    assert "few" in session.traceback


def test_a_fault_while_the_model_is_put_into_place_fails_the_session_and_leaves_nothing(
    kepler: DatasetSnapshot, media: Path, kept: Callable[[], list[str]]
) -> None:
    (media / "artifacts").write_text("in the way")
    session = created()
    with pytest.raises(OSError, match="artifacts"):
        worker.execute(session.pk)
    (media / "artifacts").unlink()
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
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON sessions_app_objectprediction"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
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
        "true",
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
    assert [each.ending for each in session.history.all()] == ["interrupted"]


@pytest.mark.fault(
    "a worker that lives on after its session was given to another one",
    "cannot end it",
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
    assert [each.ending for each in session.history.all()] == ["interrupted", ""]


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


def test_a_session_whose_lock_somebody_holds_is_not_begun(
    kepler: DatasetSnapshot,
) -> None:
    session = created()
    with session_lock.held(session.pk):
        assert not worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("queued", 0)


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
