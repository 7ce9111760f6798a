from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import psutil
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection

from sessions_app import selectors, services
from sessions_app.exceptions import RefusedError
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import Session
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import ArchiveData

if TYPE_CHECKING:
    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def started(**changes: object) -> TrainingSession:
    request = {
        "model_type": "decision_tree",
        "hyperparameters": {},
        "data": ArchiveData(mission="kepler"),
    }
    return services.start_training(**request | changes)


def of_status(status: Status) -> TrainingSession:
    session = started()
    Session.objects.filter(pk=session.pk).update(status=status)
    return session


def test_a_session_that_waits_is_cancelled_and_never_run(kepler: DatasetSnapshot) -> None:
    session, other = started(), started()
    services.cancel_session(session.pk)
    session.refresh_from_db()
    assert (session.status, session.error) == ("cancelled", "The session was cancelled.")
    assert next_in_turn() == other.pk
    assert next_in_turn([other.pk]) is None
    assert not worker.execute(session.pk)


def test_who_has_an_account_and_cancels_or_runs_again_is_in_the_record(
    kepler: DatasetSnapshot,
) -> None:
    session, other = started(), started()
    ada = User.objects.create_user("ada")
    services.cancel_session(session.pk, by=ada.pk)
    with pytest.raises(RefusedError):
        services.cancel_session(session.pk, by=ada.pk)
    services.retry_session(session.pk, by=ada.pk)
    services.cancel_session(other.pk)
    entries = LogEntry.objects.order_by("pk")
    assert [entry.change_message for entry in entries] == ["Cancelled.", "Queued again."]
    assert {(entry.user_id, entry.object_id, entry.content_type.model) for entry in entries} == {
        (ada.pk, str(session.pk), "trainingsession")
    }


def test_a_running_job_is_gone_soon_and_its_files_too(kepler: DatasetSnapshot, jobs: None) -> None:
    forest = {"model_type": "random_forest", "hyperparameters": {"n_estimators": 2000}}
    session = started(**forest)
    took: list[float] = []

    def cancel() -> None:
        fits = session.progress.filter(step__startswith="Fitting the model: ")
        until = time.monotonic() + 60
        while not fits.exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        (job,) = [
            job
            for server in psutil.Process().children()
            if "sessions_app.isolation.server" in server.cmdline()
            for job in server.children()
        ]
        began = time.monotonic()
        services.cancel_session(session.pk)
        while job.is_running() or storage.sessions_with_work_folders():
            assert time.monotonic() < began + 10
            time.sleep(0.01)
        took.append(time.monotonic() - began)
        connection.close()

    thread = threading.Thread(target=cancel)
    thread.start()
    worker.execute(session.pk)
    thread.join(60)
    # Long before it would have ended.
    assert took[0] < 10
    session.refresh_from_db()
    assert session.status == "cancelled"
    assert [attempt.ending for attempt in session.history.all()] == ["cancelled"]
    assert not storage.artifact_folder(session.pk).exists()


def test_the_files_of_a_cancelled_session_that_nothing_runs_go_at_once(
    kepler: DatasetSnapshot,
) -> None:
    session = of_status(Status.RUNNING)
    # As a worker leaves it that is killed.
    storage.work_folder(session.pk).__enter__()
    folders = [storage.artifact_folder(session.pk), storage.measuring_folder(session.pk)]
    for folder in folders:
        folder.mkdir(parents=True)
    services.cancel_session(session.pk)
    assert storage.sessions_with_work_folders() == set()
    assert [folder for folder in folders if folder.exists()] == []


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_cancelling_what_has_ended_is_refused_in_one_sentence(
    kepler: DatasetSnapshot, status: Status
) -> None:
    session = of_status(status)
    with pytest.raises(RefusedError) as refused:
        services.cancel_session(session.pk)
    assert (refused.value.status, refused.value.sentence) == (
        409,
        f"The session has ended and cannot be cancelled: it is {status}.",
    )
    assert Session.objects.get(pk=session.pk).status == status


@pytest.mark.long
def test_a_failed_session_runs_again_and_keeps_its_old_attempt(
    kepler: DatasetSnapshot, jobs: None
) -> None:
    session = started()
    table = storage.media_path(kepler.file.name)
    whole = table.read_bytes()
    table.write_bytes(b"rubbish")
    worker.execute(session.pk)
    table.write_bytes(whole)
    failed = Session.objects.get(pk=session.pk)
    assert failed.status == "failed"
    assert failed.error != ""
    services.retry_session(session.pk)
    standing = selectors.standing(session.pk)
    assert standing is not None
    assert (standing.status, standing.percent, standing.step) == (
        "queued",
        0,
        "Waiting for a worker again",
    )
    assert next_in_turn() == session.pk
    worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.error, session.attempts) == ("completed", "", 2)
    attempts = list(session.history.values_list("number", "ending"))
    assert attempts == [(1, "failed"), (2, "completed")]
    assert session.history.first().error == failed.error


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.COMPLETED])
def test_running_again_what_has_not_failed_is_refused_in_one_sentence(
    kepler: DatasetSnapshot, status: Status
) -> None:
    session = of_status(status)
    with pytest.raises(RefusedError) as refused:
        services.retry_session(session.pk)
    assert (refused.value.status, refused.value.sentence) == (
        409,
        f"Only a failed or cancelled session can be run again; this one is {status}.",
    )
    assert Session.objects.get(pk=session.pk).status == status


@pytest.mark.parametrize("act", [services.cancel_session, services.retry_session])
def test_an_unknown_session_is_no_session(act: object) -> None:
    unknown = uuid4()
    with pytest.raises(RefusedError, match=f"There is no session {unknown}.") as refused:
        act(unknown)
    assert refused.value.status == 404


def test_a_session_that_is_asked_for_twice_at_once_is_queued_once(kepler: DatasetSnapshot) -> None:
    session = of_status(Status.FAILED)
    start, outcomes = threading.Barrier(4), []

    def ask() -> None:
        start.wait(10)
        try:
            services.retry_session(session.pk)
            outcomes.append("queued")
        except RefusedError:
            outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["queued", "refused", "refused", "refused"]
    assert next_in_turn() == session.pk


def test_all_that_an_attempt_had_kept_goes_with_a_session_that_is_cancelled(
    kepler: DatasetSnapshot,
) -> None:
    session = started()
    places = (storage.artifact_folder(session.pk), storage.results_folder(session.pk))
    for place in places:
        place.mkdir(parents=True)
    services.cancel_session(session.pk)
    assert [place.exists() for place in places] == [False, False]
