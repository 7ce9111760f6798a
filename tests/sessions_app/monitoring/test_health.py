from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from sessions_app import lifecycle, selectors, services
from sessions_app.models import Host, Session, TrainingSession
from sessions_app.monitoring.health import Health
from sessions_app.queue import presence, session_lock
from sessions_app.queue.status import QueueFacts
from sessions_app.queue.turns import enqueue
from tests.faults.playground import await_some

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db(transaction=True)

NO_WORKER = "No worker is running, so that sessions only wait."
NO_REAPER = "No reaper is running, so that interrupted sessions stay as they are."
MUCH = {"media": 10**12, "state": 10**12}


def facts(**changes: Any) -> QueueFacts:
    well = {
        "workers": 2,
        "reapers": 1,
        "busy": 0,
        "waiting": 0,
        "oldest_seconds": 0.0,
        "newest_attempt": 0,
    }
    return QueueFacts(**well | changes)


def waiting() -> TrainingSession:
    made = TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )
    enqueue(made.pk)
    return made


def cut_off() -> None:
    """End this thread's connection from another one, as Postgres' restart does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

    def cut() -> None:
        with connection.cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        connection.close()

    thread = threading.Thread(target=cut)
    thread.start()
    thread.join(10)


# What is well and what is not


def test_with_workers_room_and_a_reaper_nothing_is_wrong() -> None:
    health = Health(queue=facts(), free_bytes=MUCH)
    assert (health.problems, health.warnings) == ((), ())


def test_without_a_worker_sessions_only_wait() -> None:
    health = selectors.health()
    assert (health.database, health.workers) == (True, 0)
    assert (health.problems, health.warnings) == ((NO_WORKER,), (NO_REAPER,))


def test_a_disk_with_less_room_than_is_needed_is_named(settings: SettingsWrapper) -> None:
    settings.EXOPLANET_FREE_DISK_MB = 200
    health = Health(queue=facts(), free_bytes={"media": 199 * 10**6, "state": 200 * 10**6})
    assert health.problems == (
        "The disk of the media folder has 199 MB left, less than the 200 MB that are needed.",
    )


def test_the_room_that_is_left_is_the_disks() -> None:
    free_bytes = selectors.health().free_bytes
    assert set(free_bytes) == {"media", "state"}
    assert all(free > 0 for free in free_bytes.values())


def test_a_long_wait_is_a_warning_and_no_problem(settings: SettingsWrapper) -> None:
    settings.EXOPLANET_QUEUE_WARNING_SECONDS = 600
    health = Health(queue=facts(waiting=3, oldest_seconds=601.0), free_bytes=MUCH)
    assert health.problems == ()
    assert health.warnings == ("The session that waits longest has waited for 10 minutes.",)


def test_evidence_that_nobody_gathers_is_a_warning_and_no_problem() -> None:
    health = Health(queue=facts(evidence_waiting=2, evidence_workers=0), free_bytes=MUCH)
    assert health.problems == ()
    (warning,) = health.warnings
    assert warning == (
        "No worker gathers evidence, so that first answers are not deepened: run manage.py work"
        " --evidence."
    )
    assert Health(queue=facts(evidence_workers=0), free_bytes=MUCH).warnings == ()


def test_health_without_the_database_says_so_instead_of_raising() -> None:
    cut_off()
    try:
        health = selectors.health()
    finally:
        connection.close()
    assert (health.database, health.workers) == (False, 0)
    assert health.problems == ("The database does not answer.",)


def test_the_facts_are_those_of_the_queue() -> None:
    made = [waiting() for _ in range(2)]
    with session_lock.held(made[1].pk):
        lifecycle.claim(Session.objects.all(), made[1].pk)
        queue = selectors.health().queue
        assert queue is not None
        assert (queue.workers, queue.reapers, queue.busy, queue.waiting) == (0, 0, 1, 1)
        assert queue.newest_attempt > 0

    def busy() -> int | None:
        queue = selectors.health().queue
        return queue and queue.busy

    # The server lets go of the lock when it has seen that the connection is closed.
    await_some(lambda: busy() == 0)


def longest_wait() -> float:
    queue = selectors.health().queue
    assert queue is not None
    return queue.oldest_seconds


def test_a_session_has_waited_since_it_was_accepted() -> None:
    session, _ = waiting(), waiting()
    long_ago = timezone.now() - timedelta(seconds=1000)
    Session.objects.filter(pk=session.pk).update(created_at=long_ago, queued_at=long_ago)
    services.take_up_interrupted()
    assert 1000 <= longest_wait() < 1100


def test_a_session_that_ran_has_waited_since_it_ran() -> None:
    session, sessions = waiting(), Session.objects.all()

    def moved(move: Callable[..., object], **details: str) -> None:
        long_ago = timezone.now() - timedelta(seconds=1000)
        sessions.update(created_at=long_ago, queued_at=long_ago)
        move(sessions, session.pk, **details)

    moved(lifecycle.claim)
    assert longest_wait() == 0
    moved(lifecycle.interrupt)
    assert 0 < longest_wait() < 100
    lifecycle.fail(sessions, session.pk, error="It broke.")
    moved(lifecycle.retry)
    assert 0 < longest_wait() < 100


# How it is asked for


def test_readiness_without_a_worker_is_503_with_each_fact(client: Client) -> None:
    waiting()
    answer = client.get("/api/v1/ready")
    assert answer.status_code == 503
    body = answer.json()
    assert 0 <= body.pop("oldest_wait_seconds") < 10
    assert set(body.pop("free_bytes")) == {"media", "state"}
    assert body == {
        "ready": False,
        "problems": [NO_WORKER],
        "warnings": [NO_REAPER],
        "database": True,
        "workers": 0,
        "busy_workers": 0,
        "reapers": 0,
        "waiting": 1,
        "machines": [],
    }


def test_readiness_without_the_database_is_503_and_no_page(client: Client) -> None:
    cut_off()
    try:
        answer = client.get("/api/v1/ready")
    finally:
        connection.close()
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["The database does not answer."]


def test_readiness_with_workers_is_200(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    well = Health(queue=facts(), free_bytes=MUCH)
    monkeypatch.setattr(selectors, "health", lambda: well)
    answer = client.get("/api/v1/ready")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


def metrics(client: Client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_metrics_count_sessions_attempts_and_what_waits(client: Client) -> None:
    waiting()
    failed, again = waiting(), waiting()
    sessions = Session.objects.all()
    for made in (failed, again):
        lifecycle.claim(sessions, made.pk)
    lifecycle.fail(sessions, failed.pk, error="It broke.")
    lifecycle.interrupt(sessions, again.pk)
    samples = metrics(client)
    assert samples['exoplanet_sessions{kind="training",status="queued"}'] == 2
    assert samples['exoplanet_sessions{kind="training",status="failed"}'] == 1
    assert samples['exoplanet_sessions{kind="prediction",status="failed"}'] == 0
    assert samples['exoplanet_attempts{ending="failed"}'] == 1
    assert samples['exoplanet_attempts{ending="interrupted"}'] == 1
    assert samples['exoplanet_job_seconds_count{kind="training"}'] == 2
    assert 0 < samples['exoplanet_job_seconds_sum{kind="training"}'] < 10
    assert samples["exoplanet_queue_length"] == 2
    assert samples["exoplanet_up"] == 1
    assert samples["exoplanet_workers"] == 0
    assert samples['exoplanet_disk_free_bytes{folder="media"}'] > 0


def test_metrics_tell_the_workers_of_each_host(client: Client, settings: SettingsWrapper) -> None:
    settings.EXOPLANET_HOST_NAME = "a"
    number = presence.host_number()
    Host.objects.create(number=number, name="a", version="1", started_at=timezone.now())
    holder = connection.copy()
    try:
        presence.share(holder, presence.Role.WORKER)
        presence.share(holder, presence.Role.BUSY)
        samples = metrics(client)
    finally:
        holder.close()
    assert samples['exoplanet_host_up{host="a"}'] == 0
    assert samples['exoplanet_host_workers{host="a",lane="first_answers"}'] == 1
    assert samples['exoplanet_host_workers_busy{host="a",lane="first_answers"}'] == 1
    assert samples['exoplanet_host_workers{host="a",lane="evidence"}'] == 0


def test_metrics_without_the_database_say_that_it_is_down(client: Client) -> None:
    cut_off()
    try:
        samples = metrics(client)
    finally:
        connection.close()
    assert samples["exoplanet_up"] == 0
    assert "exoplanet_workers" not in samples
