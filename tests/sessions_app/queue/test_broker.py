from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from sessions_app import lifecycle
from sessions_app.lifecycle import Status
from sessions_app.models import Session, TrainingSession
from sessions_app.queue import broker as broker_module
from sessions_app.queue import presence, session_lock
from sessions_app.queue.broker import WakingBroker
from sessions_app.queue.lanes import Lane
from sessions_app.queue.notices import Notice, notify
from sessions_app.queue.presence import Role
from sessions_app.queue.status import queue_facts
from sessions_app.queue.turns import enqueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 2
"""Far less than the time until the next look that no notice asks for [s]."""


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[WakingBroker]:
    """A broker as the process of a cluster has it that takes tasks."""
    monkeypatch.setattr(Conf, "POLL", 0.05)
    broker = WakingBroker()
    yield broker
    broker._ear.close()


@pytest.fixture
def two_workers() -> Iterator[None]:
    """Two workers live, as far as anybody can see."""
    holders = [connection.copy() for _ in range(2)]
    for holder in holders:
        presence.share(holder, Role.WORKER)
    yield
    for holder in holders:
        holder.close()


def waiting() -> UUID:
    session = TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )
    enqueue(session.pk)
    return session.pk


def woken(broker: WakingBroker) -> bool:
    """Whether a worker is woken now."""
    tasks = broker.dequeue()
    if not tasks:
        return False
    ((acknowledged, payload),) = tasks
    task = SignedPackage.loads(payload)
    assert (task["func"], task["args"], task["kwargs"]) == ("sessions_app.tasks.run_next", (), {})
    # What is never acknowledged needs no row.
    assert acknowledged == 0
    return True


def test_a_task_carries_nothing_and_is_no_row(broker: WakingBroker, two_workers: None) -> None:
    waiting()
    assert woken(broker)
    assert not OrmQ.objects.exists()


def test_nobody_is_woken_while_nothing_waits(broker: WakingBroker, two_workers: None) -> None:
    lifecycle.cancel(Session.objects.all(), waiting())
    assert not woken(broker)


def test_nobody_is_woken_before_a_worker_is_free(broker: WakingBroker, two_workers: None) -> None:
    running = [waiting() for _ in range(2)]
    with session_lock.held(running[0]):
        with session_lock.held(running[1]):
            Session.objects.update(status=Status.RUNNING)
            waiting()
            assert not woken(broker)
        # Postgres lets go of a lock a moment after its connection is closed.
        assert woken_within(broker, looks=20)


def test_each_lane_is_woken_for_its_own_sessions_alone(
    broker: WakingBroker, two_workers: None, settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_LANE = Lane.EVIDENCE
    of_evidence, gathers = WakingBroker(), connection.copy()
    presence.share(gathers, Role.EVIDENCE_WORKER)
    answered, evidence = waiting(), waiting()
    Session.objects.filter(pk=evidence).update(in_background=True)
    Session.objects.filter(pk=answered).update(status=Status.CANCELLED)
    assert not woken(broker)
    assert woken(of_evidence)
    # Whoever gathers evidence is busy with it, and nobody else is.
    with session_lock.held(evidence, Lane.EVIDENCE):
        facts = queue_facts()
        assert (facts.busy, facts.evidence_busy) == (0, 1)
        assert not facts.waits_for_a_worker(Lane.EVIDENCE)
    Session.objects.filter(pk=evidence).update(in_background=False)
    assert woken(broker)
    assert not queue_facts().waits_for_a_worker(Lane.EVIDENCE)
    of_evidence._ear.close()
    gathers.close()


def test_nobody_is_woken_for_the_free_workers_of_another_host(
    broker: WakingBroker, two_workers: None, settings: SettingsWrapper
) -> None:
    waiting()
    settings.EXOPLANET_HOST_NAME = "another host"
    assert not woken(broker)
    assert queue_facts().waits_for_a_worker(Lane.FIRST_ANSWERS)


def test_nobody_is_woken_where_no_worker_lives(broker: WakingBroker) -> None:
    waiting()
    assert not woken(broker)


def test_one_worker_is_woken_at_a_time(broker: WakingBroker, two_workers: None) -> None:
    first, _ = waiting(), waiting()
    assert woken(broker)
    # It is on its way, whatever else begins to wait.
    waiting()
    assert not woken(broker)
    with session_lock.held(first):
        lifecycle.claim(Session.objects.all(), first)
        notify(Notice.WORKER)
        assert woken_within(broker, looks=3)


def woken_within(broker: WakingBroker, *, looks: int) -> bool:
    return any(woken(broker) for _ in range(looks))


@pytest.mark.fault(
    "a worker that dies between being woken and beginning",
    "another one is woken for the session within seconds",
)
def test_a_worker_that_was_woken_and_never_began_is_replaced(
    broker: WakingBroker, two_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "_ARRIVES_SECONDS", 0.5)
    waiting()
    assert woken(broker)
    assert not woken(broker)
    time.sleep(0.5)
    assert woken(broker)


def woken_after(broker: WakingBroker, act: Callable[[], object]) -> float:
    """Return how long the broker, which waits, needs to wake a worker after something happened."""
    acted_at: list[float] = []

    def act_soon() -> None:
        time.sleep(0.3)
        acted_at.append(time.monotonic())
        act()
        connection.close()

    thread = threading.Thread(target=act_soon)
    thread.start()
    while not broker.dequeue():
        pass
    woken_at = time.monotonic()
    thread.join(10)
    return woken_at - acted_at[0]


def test_a_new_session_wakes_a_worker_at_once(
    broker: WakingBroker, two_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "POLL", 20)
    assert woken_after(broker, waiting) < AT_ONCE


def test_a_session_that_is_asked_for_again_wakes_a_worker_at_once(
    broker: WakingBroker, two_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "POLL", 20)
    session_id = waiting()
    lifecycle.fail(Session.objects.all(), session_id, error="It failed.")

    def retry() -> None:
        with transaction.atomic():
            lifecycle.retry(Session.objects.all(), session_id)
            enqueue(session_id)

    assert woken_after(broker, retry) < AT_ONCE


def test_a_worker_that_becomes_free_is_woken_at_once(
    broker: WakingBroker, two_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "POLL", 20)
    first, second = waiting(), waiting()
    Session.objects.update(status=Status.RUNNING)
    with session_lock.held(first), session_lock.held(second) as lock:
        waiting()
        assert lock is not None

        def become_free() -> None:
            lock._holder.close()
            await_gone(second)
            notify(Notice.WORKER)

        # The lock's connection is another thread's to close only here.
        lock._holder.inc_thread_sharing()
        assert woken_after(broker, become_free) < AT_ONCE


def await_gone(session_id: UUID) -> None:
    """Wait until the server has seen that the lock's connection is closed."""
    until = time.monotonic() + 10
    while True:
        with transaction.atomic():
            if session_lock.taken_until_commit(session_id):
                return
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.fault(
    "a notice of a session that is lost",
    "the session is seen at the next look, half a second later",
)
def test_a_missed_notice_only_costs_until_the_next_look(
    broker: WakingBroker, two_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions_app.queue.turns.notify", lambda _: None)
    assert not woken(broker)
    assert woken_after(broker, waiting) < AT_ONCE


def test_a_session_whose_transaction_is_rolled_back_wakes_nobody(
    broker: WakingBroker, two_workers: None
) -> None:
    with transaction.atomic():
        waiting()
        transaction.set_rollback(True)
    assert not woken(broker)


def test_a_broker_whose_connections_are_cut_goes_on(
    broker: WakingBroker, monkeypatch: pytest.MonkeyPatch, two_workers: None
) -> None:
    assert not woken(broker)
    waiting()
    thread = threading.Thread(target=_cut_the_brokers_connections)
    thread.start()
    thread.join(10)
    assert woken_within(broker, looks=3)


def _cut_the_brokers_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
        )
    connection.close()


def test_a_task_that_is_no_sessions_is_taken_and_delivered_again_until_it_is_acknowledged(
    broker: WakingBroker,
) -> None:
    async_task("math.sqrt", 4, task_name="the cleaning")
    ((number, payload),) = broker.dequeue()
    assert SignedPackage.loads(payload)["func"] == "math.sqrt"
    assert (broker.lock_size(), broker.queue_size()) == (1, 0)
    assert not broker.dequeue()
    OrmQ.objects.update(lock=timezone.now() - timedelta(seconds=1))
    ((again, _),) = broker.dequeue()
    assert again == number
    broker.acknowledge(number)
    assert not OrmQ.objects.exists()
