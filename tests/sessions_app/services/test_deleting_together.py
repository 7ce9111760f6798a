"""Many sessions deleted at once: no more than may go, and nothing is lost by a kill."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import Attempt, ProgressEntry, Session, TrainingSession, UploadedFile
from sessions_app.queue import session_lock
from sessions_app.services import clean_up, retention
from sessions_app.services.deleting_together import delete_together
from tests.sessions_app.services.ended_sessions import analysis_of, ended, files, prediction_with

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def deleted(*sessions: Session) -> set[Any]:
    return delete_together([session.pk for session in sessions], ended_before=timezone.now())


def test_what_uses_another_goes_with_it_and_nothing_of_either_is_left(
    kept: Callable[[], list[str]],
) -> None:
    trained = ended(3)
    predicted = prediction_with(trained, 2)
    analysed = analysis_of(predicted, 1, Status.COMPLETED)
    Attempt.objects.create(
        session=trained, number=1, started_at=timezone.now(), ending=Status.COMPLETED
    )
    assert deleted(trained, predicted, analysed) == {trained.pk, predicted.pk, analysed.pk}
    for model in (Session, Attempt, ProgressEntry, UploadedFile):
        assert model.objects.count() == 0
    assert kept() == []


def test_what_is_used_published_held_or_run_again_stays() -> None:
    used, published, held, again, goes = (ended(3, published=n == 1) for n in range(5))
    user = prediction_with(used, 2)
    TrainingSession.objects.filter(pk=again.pk).update(status=Status.QUEUED)
    with session_lock.held(held.pk):
        assert deleted(used, published, held, again, goes) == {goes.pk}
    assert set(Session.objects.values_list("pk", flat=True)) == {
        *(session.pk for session in (used, published, held, again, user)),
    }


def test_a_batch_is_as_many_statements_as_one_session() -> None:
    def statements(count: int) -> int:
        sessions = [ended(3) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert len(deleted(*sessions)) == count
        return len(queries)

    assert statements(1) == statements(12)


def test_no_report_is_loaded_to_delete_what_has_it() -> None:
    session = ended(40)
    with CaptureQueriesContext(connection) as queries:
        assert [gone.id for gone in clean_up().sessions] == [session.pk]
    assert not [query["sql"] for query in queries if '"report"' in query["sql"]]


def test_a_cleanup_that_is_killed_between_rows_and_files_is_finished_by_the_next(
    monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 2)
    young, *stay, third, fourth = (ended(days) for days in (1, 40, 41, 42, 43))
    before = kept()
    _killed_at_the_first_file(monkeypatch)
    # The newest two went in one transaction; the others, and every file, are as they were.
    left = {young.pk, *(session.pk for session in stay)}
    assert set(Session.objects.values_list("pk", flat=True)) == left
    assert kept() == before
    monkeypatch.setattr("sessions_app.files.orphans.YOUNG_SECONDS", -1)
    cleaned = clean_up()
    assert [gone.id for gone in cleaned.sessions] == [session.pk for session in stay[::-1]]
    assert {orphan.name for orphan in cleaned.orphans} == {
        name
        for session in (third, fourth)
        for name in (
            f"artifacts/{session.pk}",
            f"results/{session.pk}",
            f"uploads/{session.pk}-training_file",
        )
    }
    assert kept() == sorted(files(young))
    assert cleaned.missing == ()
    assert set(Session.objects.values_list("pk", flat=True)) == {young.pk}


def _killed_at_the_first_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clean up in a process of its own that is killed when it is about to remove a file."""
    child = os.fork()
    if child == 0:
        # The parent's connection is the parent's; here a new one is made.
        connection.connection = None
        monkeypatch.setattr(storage, "remove", lambda _path: os.kill(os.getpid(), signal.SIGKILL))
        try:
            clean_up(older_than=timedelta(days=30))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
