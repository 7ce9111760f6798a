"""What is deleted, what stays, and that a dry run tells exactly the first."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as Login
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import Failure

from exoplanet.environment import BASE_DIR
from sessions_app.files import storage
from sessions_app.files.orphans import YOUNG_SECONDS
from sessions_app.lifecycle import Status
from sessions_app.models import (
    DatasetSnapshot,
    IdempotencyKey,
    ProgressEntry,
    Session,
    TrainingSession,
    UploadedFile,
)
from sessions_app.services import clean_up, delete_session
from sessions_app.services.deleting import files_of
from sessions_app.services.recording import CLEANUP
from tests.sessions_app.services.ended_sessions import (
    MODEL,
    OBJECTS,
    ROWS,
    analysis_of,
    common,
    ended,
    files,
    prediction_with,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def age(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was written just now be old: the kernel's own clock for files cannot be set."""
    assert path.exists()
    assert YOUNG_SECONDS == 3600
    monkeypatch.setattr("sessions_app.files.orphans.YOUNG_SECONDS", -1)


def test_only_what_ended_long_enough_ago_expires(kept: Callable[[], list[str]]) -> None:
    stays, goes = ended(29), ended(31)
    waiting = ended(status=Status.QUEUED)
    Session.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(days=99))
    cleaned = clean_up()
    assert [session.id for session in cleaned.sessions] == [goes.pk]
    assert cleaned.sessions[0].size == cleaned.size == len(MODEL + ROWS + OBJECTS)
    assert set(Session.objects.values_list("pk", flat=True)) == {stays.pk, waiting.pk}
    assert set(files(stays)) < set(kept())
    assert not set(files(goes)) & set(kept())


def test_what_the_cleanup_deletes_is_in_the_record_as_nobodys_deed() -> None:
    goes = ended(31)
    clean_up(dry_run=True)
    assert not LogEntry.objects.exists()
    clean_up()
    (entry,) = LogEntry.objects.all()
    assert (entry.object_id, entry.object_repr) == (str(goes.pk), str(goes))
    assert (entry.is_deletion(), entry.content_type.model) == (True, "trainingsession")
    assert entry.change_message.startswith("Deleted with its files: it had ended before ")
    account = entry.user
    assert (account.username, account.is_active) == (CLEANUP, False)
    assert not account.has_usable_password()
    clean_up()
    assert LogEntry.objects.count() == User.objects.count() == 1


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_every_end_expires(status: Status) -> None:
    ended(31, status=status)
    assert len(clean_up().sessions) == 1
    assert Session.objects.count() == UploadedFile.objects.count() == 0


def test_how_long_sessions_are_kept_is_configured(settings: Any) -> None:
    settings.EXOPLANET_RETENTION_DAYS = 2
    ended(3)
    assert len(clean_up().sessions) == 1
    ended(1)
    assert clean_up().sessions == ()
    assert len(clean_up(older_than=timedelta(hours=23)).sessions) == 1


def test_older_than_nothing_is_every_session_that_has_ended() -> None:
    ended(), ended(status=Status.RUNNING)
    call_command("cleanup_sessions", "--older-than", "0")
    assert [session.status for session in Session.objects.all()] == [Status.RUNNING]


def test_published_models_and_what_younger_sessions_use_stay(kept: Callable[[], list[str]]) -> None:
    published, used, analysed, unused = ended(99, published=True), ended(99), ended(99), ended(99)
    young = prediction_with(used, 1)
    analysis_of(analysed, 1, Status.COMPLETED)
    assert [session.id for session in clean_up().sessions] == [unused.pk]
    assert {published.pk, used.pk, analysed.pk} < set(Session.objects.values_list("pk", flat=True))
    Session.objects.filter(pk=young.pk).update(finished_at=timezone.now() - timedelta(days=50))
    # What used it goes in the same run, and first.
    assert [session.id for session in clean_up().sessions] == [young.pk, used.pk]
    assert not set(files(used)) & set(kept())


def test_a_dry_run_tells_what_a_real_one_does_and_does_nothing(
    kept: Callable[[], list[str]], media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        prediction_with(ended(40 + number), 40)
    ended(1)
    for session in Session.objects.all():
        # Another row of the same step: those of sessions that go are not counted beside them.
        ProgressEntry.objects.create(session=session, percent=100.0, step="Completed")
    Session.objects.filter(finished_at__gt=timezone.now() - timedelta(days=30)).update(
        finished_at=timezone.now() - timedelta(days=2)
    )
    (media / "uploads" / "nobody's").write_bytes(b"123")
    age(media / "uploads" / "nobody's", monkeypatch)
    before = kept()
    planned = clean_up(dry_run=True)
    assert kept() == before
    assert Session.objects.count() == 7
    assert planned == clean_up()
    assert len(planned.sessions) == 6
    assert planned.size == 6 * len(MODEL + ROWS + OBJECTS) + 3
    assert planned.progress_rows == 1
    assert Session.objects.count() == 1


def test_files_that_no_row_names_go_when_they_are_old(
    kept: Callable[[], list[str]], media: Path, monkeypatch: pytest.MonkeyPatch, kepler: Any
) -> None:
    stays, failed = ended(), ended(status=Status.FAILED)
    left = [
        f"artifacts/{uuid.uuid4()}/model",
        # A model that was put in place by an attempt whose commit failed.
        f"artifacts/{failed.pk}/model",
        "datasets/kepler-0.parquet",
        "incoming/tmpabc.upload",
        f"uploads/{uuid.uuid4()}-training_file",
    ]
    named = kept()
    for name in left:
        (media / name).parent.mkdir(parents=True, exist_ok=True)
        (media / name).write_bytes(b"1234")
    # Not the server's own folders, and thus none of its business.
    (media / "README").write_bytes(b"mine")
    assert clean_up().orphans == ()
    age(media / left[0], monkeypatch)
    orphans = clean_up().orphans
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {
        orphan.name for orphan in orphans
    }
    assert {orphan.name for orphan in orphans} == {name.removesuffix("/model") for name in left}
    assert {orphan.size for orphan in orphans} == {4}
    assert kept() == sorted(["README", *named])
    assert stays.files.count() == 1


def test_an_upload_under_way_and_a_job_at_work_are_no_orphans(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = ended(status=Status.RUNNING)
    (media / "incoming").mkdir(exist_ok=True)
    path = media / "incoming" / "tmpslow.upload"
    with path.open("wb") as upload, storage.work_folder(running.pk) as folder:
        storage.mark_in_use(upload)
        upload.write(b"half")
        age(path, monkeypatch)
        assert clean_up().orphans == ()
        assert path.exists()
        assert folder.is_dir()
    assert [orphan.name for orphan in clean_up().orphans] == ["incoming/tmpslow.upload"]


def test_what_was_measured_of_stars_of_a_session_that_has_a_result_is_an_orphan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    completed, failed = ended(), ended(status=Status.FAILED)
    folders = [storage.measuring_folder(pk) for pk in (completed.pk, failed.pk, uuid.UUID(int=1))]
    for folder in folders:
        folder.mkdir(parents=True)
        age(folder, monkeypatch)
    assert {orphan.path for orphan in clean_up().orphans} == {folders[0], folders[2]}
    # One that failed may be asked for again; what was measured goes with it.
    delete_session(failed)
    assert [folder for folder in folders if folder.exists()] == []


def test_an_upload_whose_process_was_killed_is_an_orphan(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (media / "incoming").mkdir(exist_ok=True)
    path = media / "incoming" / "tmpkilled.upload"
    code = (
        "import sys, time; from sessions_app.files import storage; file = open(sys.argv[1], 'wb');"
        " storage.mark_in_use(file); print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, cwd=BASE_DIR
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        age(path, monkeypatch)
        assert storage.is_in_use(path)
        assert clean_up().orphans == ()
        process.kill()
        process.wait()
    assert len(clean_up().orphans) == 1
    assert not path.exists()


def test_rows_whose_file_is_gone_are_told_and_kept(kepler: DatasetSnapshot) -> None:
    session = ended()
    for path in files_of([session.pk])[session.pk]:
        storage.remove(path)
    storage.remove(storage.media_path(kepler.file.name))
    assert clean_up().missing == (
        f"artifacts/{session.pk}",
        kepler.file.name,
        f"results/{session.pk}",
        f"uploads/{session.pk}-training_file",
    )
    assert Session.objects.count() == DatasetSnapshot.objects.count() == 1


def test_of_old_progress_the_last_row_of_each_step_stays() -> None:
    old, young = ended(2), ended(0.5)
    ProgressEntry.objects.all().delete()
    steps = ["Reading", "Fitting: 1 of 9", "Fitting: 5 of 9", "Fitting: 9 of 9", "Completed"]
    for session in (old, young):
        for step in steps:
            ProgressEntry.objects.create(session=session, percent=1.0, step=step)
    assert clean_up(dry_run=True).progress_rows == 2
    assert clean_up().progress_rows == 2
    left = ProgressEntry.objects.filter(session=old).values_list("step", flat=True)
    assert list(left) == ["Reading", "Fitting: 9 of 9", "Completed"]
    assert ProgressEntry.objects.filter(session=young).count() == len(steps)
    assert clean_up().progress_rows == 0


def test_answers_and_logins_that_have_expired_are_forgotten() -> None:
    for name, hours in (("old", 25), ("new", 23)):
        key = IdempotencyKey.objects.create(owner_key="", key=name, target="", status=202, body={})
        IdempotencyKey.objects.filter(pk=key.pk).update(
            created_at=timezone.now() - timedelta(hours=hours)
        )
        expiry = timezone.now() + timedelta(hours=24 - hours)
        Login.objects.create(session_key=name, session_data="", expire_date=expiry)
    planned = clean_up(dry_run=True)
    assert (planned.keys, planned.logins) == (1, 1)
    assert planned == clean_up()
    assert IdempotencyKey.objects.get().key == Login.objects.get().session_key == "new"


def test_what_the_queue_notes_of_failed_tasks_is_kept_as_long_as_sessions_are() -> None:
    for name, days in (("old", 31), ("new", 29)):
        stopped = timezone.now() - timedelta(days=days)
        Failure.objects.create(id=name, name=name, started=stopped, stopped=stopped, success=False)
    planned = clean_up(dry_run=True)
    assert planned.failures == Failure.objects.count() - 1 == 1
    assert planned == clean_up()
    assert Failure.objects.get().name == "new"


def test_two_that_clean_up_at_the_same_time_delete_each_session_once() -> None:
    for _ in range(12):
        prediction_with(ended(40), 40)
    counts: list[int] = []

    def run() -> None:
        try:
            counts.append(len(clean_up().sessions))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) >= 24
    assert Session.objects.count() == 0


def test_a_session_that_is_run_again_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    session = ended(40, status=Status.FAILED)
    from sessions_app.services import retention

    before = timezone.now() - timedelta(days=30)
    expired = retention._expired(before)
    assert [one.id for one in expired] == [session.pk]
    Session.objects.filter(pk=session.pk).update(status=Status.QUEUED)
    assert retention._deleted(expired, before) == []
    assert Session.objects.filter(pk=session.pk).exists()


def test_what_is_needed_is_not_looked_through_for_each_session_that_has_expired() -> None:
    from sessions_app.services import retention

    asked = f"EXPLAIN {retention._EXPIRED}"
    with connection.cursor() as cursor:
        cursor.execute(asked, [timezone.now(), [str(Status.COMPLETED)]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Anti Join" in plan
    # A subplan that is hashed is run once; any other for each row.
    assert not [line for line in plan.splitlines() if "(SubPlan" in line]


@pytest.mark.long
def test_hundreds_of_expired_sessions_are_as_many_questions_as_ten() -> None:
    # The first run of an installation makes the account in whose name it writes its record.
    _queries_of_a_run(1)
    assert _queries_of_a_run(200) == _queries_of_a_run(10)


def _queries_of_a_run(sessions: int) -> int:
    now = timezone.now() - timedelta(days=40)
    for _ in range(sessions):
        session = TrainingSession(
            **common(40, Status.FAILED), kind="training", model_type="svm", created_at=now
        )
        session.save()
    with CaptureQueriesContext(connection) as queries:
        assert len(clean_up().sessions) == sessions
    return len(queries)


def test_the_command_tells_each_thing_with_its_size(
    capsys: pytest.CaptureFixture[str], media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ended(40)
    lost = ended()
    storage.remove(storage.artifact_folder(lost.pk))
    (media / "uploads" / "left").write_bytes(bytes(1500))
    age(media / "uploads" / "left", monkeypatch)
    call_command("cleanup_sessions", "--dry-run")
    planned = capsys.readouterr().out
    call_command("cleanup_sessions", "--older-than", "39.5")
    done = capsys.readouterr().out
    assert planned == done.replace("deleted", "would be deleted")
    assert done.splitlines() == [
        f"Session {session.pk}, {session}: deleted, 23 bytes.",
        "uploads/left, which nothing names: deleted, 1.5 kB.",
        f"artifacts/{lost.pk} is missing, and a row names it.",
        "1.52 kB in all.",
    ]


@pytest.mark.parametrize("days", ["-1", "soon", "nan", "99999"])
def test_the_command_refuses_what_is_no_number_of_days(days: str) -> None:
    with pytest.raises(CommandError, match=r"it must be a number of days from 0 to 36500, and not"):
        call_command("cleanup_sessions", f"--older-than={days}")


def test_a_process_that_dies_between_commit_and_removal_leaves_only_orphans(
    monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[str]]
) -> None:
    session = ended()
    with monkeypatch.context() as dying:
        dying.setattr(storage, "remove", lambda _path: None)
        delete_session(session)
    age(storage.artifact_folder(session.pk), monkeypatch)
    assert {orphan.name for orphan in clean_up().orphans} == {
        f"artifacts/{session.pk}",
        f"results/{session.pk}",
        f"uploads/{session.pk}-training_file",
    }
    assert kept() == []
