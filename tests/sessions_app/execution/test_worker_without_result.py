"""A session that is cancelled, refused or killed ends in words and leaves nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from sessions_app import lifecycle
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.models import Session, TrainingSession
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import ArchiveData, UploadedData
from tests.sessions_app.execution.running import (
    LONG,
    Meanwhile,
    assert_nothing_half,
    created,
    is_gone,
    predicted,
    rows_of,
    running_jobs,
    trained,
)
from tests.sessions_app.services.uploads import upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import SettingsWrapper

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]


# No result


def test_a_session_that_is_cancelled_while_it_runs_ends_cancelled_and_leaves_nothing(
    kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile], kept: Callable[[], list[str]]
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


def test_what_a_job_leaves_in_temporary_files_goes_with_its_attempt(
    kepler: DatasetSnapshot, kept: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = "tests.sessions_app.isolation.targets:leaves_a_temporary_file"
    monkeypatch.setattr(worker, "job_of", lambda _session, _folder: (target, {}))
    session = trained()
    # It said where its file was.
    assert Path(session.error).is_relative_to(storage.media_path("incoming"))
    assert_nothing_half(session, kept)


@pytest.mark.long
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
        "The file is not a table;"
        " expected CSV or another table of text, XLSX, ODS, Parquet, JSON, VOTable or FITS."
    )
    assert "NotATableError" in session.traceback
    assert session.peak_memory_bytes > 0


@pytest.mark.long
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


@pytest.mark.long
def test_a_job_that_is_killed_from_outside_is_queued_again_and_runs_to_the_same_result(
    kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile], kept: Callable[[], list[str]]
) -> None:
    forest = LONG | {"hyperparameters": {"n_estimators": 150}}
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
    assert [entry.ending for entry in session.history.all()] == ["interrupted", "completed"]


@pytest.mark.long
@pytest.mark.fault(
    "kill -9 of a session's job, each time", "given up after three attempts, in words"
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


@pytest.mark.long
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
