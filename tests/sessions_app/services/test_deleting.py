"""What a deleted session takes with it, and which session is not deleted."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.db import connection

from sessions_app.exceptions import RefusedError
from sessions_app.lifecycle import Status
from sessions_app.models import (
    AnalysisSession,
    ProgressEntry,
    Session,
    TrainingSession,
    UploadedFile,
)
from sessions_app.queue.session_lock import held
from sessions_app.services import delete_session
from tests.sessions_app.services.ended_sessions import analysis_of, ended, files, prediction_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def test_a_deleted_session_leaves_no_row_and_no_file(kept: Callable[[], list[str]]) -> None:
    stays, goes = ended(), ended()
    delete_session(goes)
    assert list(Session.objects.all()) == [stays.session_ptr]
    for model in (TrainingSession, ProgressEntry, UploadedFile):
        assert model.objects.count() == 1
    assert kept() == files(stays)


def test_the_files_of_a_deletion_that_is_rolled_back_stay(kept: Callable[[], list[str]]) -> None:
    from django.db import transaction

    session = ended()
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        delete_session(session)
        raise RuntimeError
    assert Session.objects.count() == 1
    assert kept() == files(session)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_a_session_that_has_not_ended_is_not_deleted(status: Status) -> None:
    session = ended(status=status)
    with pytest.raises(RefusedError) as refused:
        delete_session(session)
    assert refused.value.status == 409
    assert refused.value.sentence == (
        f"The session is {status}: only one that has ended can be deleted; cancel it first."
    )
    assert Session.objects.filter(pk=session.pk).exists()


def test_a_published_model_and_one_in_use_are_not_deleted(kept: Callable[[], list[str]]) -> None:
    published, used = ended(published=True), ended()
    prediction_with(used)
    for session, why in (
        (published, "The session's model is published, so that it cannot be deleted."),
        (used, "Another session uses the session's model; delete that one first."),
    ):
        with pytest.raises(RefusedError) as refused:
            delete_session(session)
        assert refused.value.sentence == why
    assert len(kept()) == 9


def test_a_session_takes_its_analyses_with_it_once_they_have_ended() -> None:
    session = ended()
    analysis = analysis_of(session, 0, Status.RUNNING)
    with pytest.raises(RefusedError, match=r"^An analysis of the session is running: "):
        delete_session(session)
    AnalysisSession.objects.filter(pk=analysis.pk).update(status=Status.COMPLETED)
    delete_session(session)
    assert Session.objects.count() == 0


def test_a_session_that_is_deleted_already_is_no_error() -> None:
    session = ended()
    delete_session(session)
    session.pk = uuid.uuid4()
    delete_session(session)


def test_a_cancelled_session_is_deleted_when_its_worker_has_let_go_of_it() -> None:
    session = ended(status=Status.CANCELLED)
    holding, let_go = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with held(session.pk):
                holding.set()
                let_go.wait(10)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert holding.wait(10)
    threading.Timer(0.5, let_go.set).start()
    began = time.monotonic()
    delete_session(session)
    assert time.monotonic() - began >= 0.4
    assert Session.objects.count() == 0
    worker.join()


def test_who_deleted_a_session_stands_in_the_record(django_user_model: type[User]) -> None:
    user, session = django_user_model.objects.create_user("ada"), ended()
    delete_session(ended())
    assert not LogEntry.objects.exists()
    delete_session(session, by=user.pk)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.action_flag) == (user, str(session.pk), DELETION)
    assert entry.object_repr == str(session)
