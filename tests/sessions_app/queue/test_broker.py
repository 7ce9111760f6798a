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
from sessions_app.models import Session, TrainingSession
from sessions_app.queue.broker import FairBroker
from sessions_app.queue.tasks import enqueue, withdraw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def new_broker() -> Iterator[Callable[[], FairBroker]]:
    """A broker as each process of a cluster has one."""
    made: list[FairBroker] = []

    def make() -> FairBroker:
        made.append(FairBroker())
        return made[-1]

    yield make
    for each in made:
        each._ear.close()


@pytest.fixture
def broker(new_broker: Callable[[], FairBroker], monkeypatch: pytest.MonkeyPatch) -> FairBroker:
    monkeypatch.setattr(Conf, "WORKERS", 2)
    monkeypatch.setattr(Conf, "POLL", 0.05)
    return new_broker()


def waiting(owner: str = "", *, address: str = "") -> str:
    made = TrainingSession.objects.create(
        kind="training",
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        counted_as=owner,
        address_key=address,
    )
    enqueue(made.pk)
    return str(made.pk)


def take(broker: FairBroker) -> tuple[int, str] | None:
    """Take the next task as a worker begins with it; the task's number and the session's id."""
    found = broker.dequeue()
    if not found:
        return None
    ((number, payload),) = found
    name = SignedPackage.loads(payload)["name"]
    lifecycle.claim(Session.objects.all(), name)
    return number, name


def names(broker: FairBroker, count: int) -> list[str]:
    """Take and finish one task after the other."""
    found = []
    for _ in range(count):
        number, name = take(broker)
        found.append(name)
        broker.acknowledge(number)
    return found


def test_the_oldest_session_comes_first(broker: FairBroker) -> None:
    made = [waiting() for _ in range(5)]
    assert names(broker, 5) == made
    assert broker.dequeue() is None


def test_a_session_that_waits_longer_comes_first_though_its_task_is_newer(
    broker: FairBroker,
) -> None:
    interrupted, newer = waiting(), waiting()
    withdraw(interrupted)
    enqueue(interrupted)
    assert names(broker, 2) == [interrupted, newer]


@pytest.mark.fault(
    "fifty sessions of one user, then one of another",
    "the other one is next",
)
def test_fifty_sessions_of_one_owner_do_not_keep_another_owner_waiting(broker: FairBroker) -> None:
    many = [waiting("user:1") for _ in range(50)]
    (first, begun), (_, also) = take(broker), take(broker)
    assert [begun, also] == many[:2]
    one = waiting("user:2")
    broker.acknowledge(first)
    assert take(broker)[1] == one


def test_with_one_worker_the_owners_take_turns(
    broker: FairBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "WORKERS", 1)
    first = [waiting("user:1") for _ in range(3)]
    second = [waiting("anonymous:a") for _ in range(2)]
    assert names(broker, 5) == [first[0], second[0], first[1], second[1], first[2]]


def test_a_new_cookie_for_each_session_brings_nobody_forward(
    broker: FairBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "WORKERS", 1)
    many = [waiting(f"anonymous:{each}", address="address:1") for each in range(4)]
    assert names(broker, 1) == many[:1]
    known = [waiting("user:2") for _ in range(2)]
    assert names(broker, 5) == [known[0], many[1], known[1], many[2], many[3]]


def test_behind_one_address_the_cookies_take_turns(
    broker: FairBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "WORKERS", 1)
    first = [waiting("anonymous:a", address="address:1") for _ in range(3)]
    second = waiting("anonymous:b", address="address:1")
    assert names(broker, 4) == [first[0], second, first[1], first[2]]


def test_the_owner_with_the_fewest_running_sessions_comes_first(
    broker: FairBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "WORKERS", 9)
    busy = [waiting("user:1") for _ in range(3)]
    assert [take(broker)[1] for _ in range(2)] == busy[:2]
    less = [waiting("user:2") for _ in range(2)]
    assert [take(broker)[1] for _ in range(3)] == [*less, busy[2]]


def test_no_task_is_taken_before_a_worker_is_free_for_it(broker: FairBroker) -> None:
    for _ in range(3):
        waiting()
    first, _ = take(broker), take(broker)
    assert take(broker) is None
    broker.acknowledge(first[0])
    assert take(broker) is not None


def test_a_task_that_is_taken_is_not_delivered_again_before_its_time(
    broker: FairBroker, new_broker: Callable[[], FairBroker]
) -> None:
    waiting()
    number, name = take(broker)
    assert new_broker().dequeue() is None
    OrmQ.objects.update(lock=timezone.now() - timedelta(seconds=1))
    ((again, payload),) = new_broker().dequeue()
    assert (again, SignedPackage.loads(payload)["name"]) == (number, name)
    redelivery = OrmQ.objects.get().lock - timezone.now()
    assert abs(redelivery.total_seconds() - Conf.RETRY) < 60


def test_two_clusters_never_take_the_same_task(
    new_broker: Callable[[], FairBroker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "WORKERS", 40)
    monkeypatch.setattr(Conf, "POLL", 0.05)
    for _ in range(40):
        waiting()
    brokers, start, found = [new_broker() for _ in range(4)], threading.Barrier(4), []

    def take_all(broker: FairBroker) -> None:
        start.wait(10)
        misses = 0
        while misses < 3:
            taken = broker.dequeue()
            found.extend(number for number, _ in taken or ())
            misses += not taken
        connection.close()

    threads = [threading.Thread(target=take_all, args=(each,)) for each in brokers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == len(set(found)) == 40


def woken_after(broker: FairBroker, act: Callable[[], object]) -> float:
    """Return how long the broker, which waits, needs to find a task after something happened."""
    acted: list[float] = []

    def act_soon() -> None:
        time.sleep(0.3)
        acted.append(time.monotonic())
        act()
        connection.close()

    thread = threading.Thread(target=act_soon)
    thread.start()
    while not broker.dequeue():
        pass
    found_at = time.monotonic()
    thread.join(10)
    return found_at - acted[0]


def test_a_new_task_wakes_the_cluster(broker: FairBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "POLL", 20)
    assert woken_after(broker, waiting) < 2


def test_a_worker_that_becomes_free_wakes_the_cluster(
    broker: FairBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "POLL", 20)
    for _ in range(3):
        waiting()
    (number, _), _ = take(broker), take(broker)
    assert woken_after(broker, lambda: broker.acknowledge(number)) < 2


def test_a_missed_notification_only_costs_until_the_next_look(broker: FairBroker) -> None:
    assert broker.dequeue() is None
    broker._ear.close()
    assert woken_after(broker, waiting) < 2


def test_a_task_whose_transaction_is_rolled_back_was_never_there(broker: FairBroker) -> None:
    with transaction.atomic():
        waiting()
        transaction.set_rollback(True)
    assert (OrmQ.objects.count(), Session.objects.count()) == (0, 0)
    assert broker.dequeue() is None


def test_a_broker_whose_connections_are_cut_goes_on(broker: FairBroker) -> None:
    assert broker.dequeue() is None
    made = waiting()
    threads = threading.Thread(target=_cut_all_connections_but_my_own)
    threads.start()
    threads.join(10)
    found = [broker.dequeue() for _ in range(3)]
    assert [SignedPackage.loads(each[0][1])["name"] for each in found if each] == [made]


def _cut_all_connections_but_my_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()


def test_a_task_that_is_no_sessions_is_taken_too(broker: FairBroker) -> None:
    async_task("math.sqrt", 4, task_name="the cleaning")
    ((_, payload),) = broker.dequeue()
    assert SignedPackage.loads(payload)["func"] == "math.sqrt"
    assert broker.lock_size() == 1
    assert broker.queue_size() == 0
