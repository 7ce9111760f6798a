from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import DatabaseError

from exoplanet.supervisor.watch_queue import QueueWatch
from sessions_app.queue.status import HostFacts, QueueFacts

WELL = QueueFacts(workers=2, reapers=1, busy=0, waiting=0, oldest_seconds=0.0, newest_attempt=7)
WEDGED = replace(WELL, waiting=3)
EMPTY = replace(WELL, workers=0)
NO_WORK = "takes no work although sessions wait"


class Watched:
    """A queue of which the facts are given, and a clock that is set."""

    def __init__(self) -> None:
        self.facts: QueueFacts | None = WELL
        self.now = 0.0
        self.watch = QueueWatch(patience=10, ask=self.ask, clock=lambda: self.now)

    def ask(self) -> QueueFacts:
        if self.facts is None:
            raise DatabaseError
        return self.facts

    def after(self, seconds: int, facts: QueueFacts | None) -> list[tuple[float, str]]:
        """Return the complaints while the queue is like this for so long."""
        self.facts = facts
        complaints = []
        for _ in range(seconds):
            self.now += 1
            if complaint := self.watch.complaint():
                complaints.append((self.now, complaint))
        return complaints


@pytest.fixture
def queue() -> Watched:
    return Watched()


@pytest.mark.parametrize(
    "facts",
    [
        WELL,
        replace(WELL, waiting=50, busy=2),
        replace(WELL, busy=1),
    ],
    ids=["idle", "busy with a long queue", "half busy"],
)
def test_a_queue_that_works_is_left_alone(queue: Watched, facts: QueueFacts) -> None:
    assert queue.after(1000, facts) == []


@pytest.mark.parametrize(("facts", "complaint"), [(WEDGED, NO_WORK), (EMPTY, "has no worker")])
def test_a_queue_that_does_nothing_is_complained_of_after_its_time(
    queue: Watched, facts: QueueFacts, complaint: str
) -> None:
    assert queue.after(11, facts) == [(11, complaint)]


def test_a_queue_that_is_only_slow_is_left_alone(queue: Watched) -> None:
    for attempt in range(50):
        assert queue.after(9, replace(WEDGED, newest_attempt=attempt)) == []


def test_a_queue_that_is_slow_to_start_is_given_twice_the_time_each_time(queue: Watched) -> None:
    times = [at for at, _ in queue.after(160, EMPTY)]
    # A look more each time: the one that begins the time.
    assert times == [11, 11 + 21, 11 + 21 + 41, 11 + 21 + 41 + 81]
    queue.after(1, WELL)
    assert len(queue.after(11, WEDGED)) == 1


def test_without_the_database_nothing_is_said_and_the_time_begins_anew(queue: Watched) -> None:
    assert queue.after(9, WEDGED) == []
    assert queue.after(100, None) == []
    assert queue.after(10, WEDGED) == []
    assert queue.after(1, WEDGED) == [(120, NO_WORK)]


def test_after_a_start_the_time_begins_anew(queue: Watched) -> None:
    assert queue.after(9, EMPTY) == []
    queue.watch.reset()
    assert queue.after(10, EMPTY) == []


def test_the_database_is_asked_once_a_second_at_most(queue: Watched) -> None:
    query_times = []
    watch = QueueWatch(
        patience=1, ask=lambda: query_times.append(queue.now) or WELL, clock=lambda: queue.now
    )
    for _ in range(30):
        queue.now += 0.2
        watch.complaint()
    assert 5 <= len(query_times) <= 7


def on_two_hosts(own: HostFacts, neighbour: HostFacts, **changes: int) -> QueueFacts:
    """Return what the queue is like as the host with the number 1 sees its own part of it."""
    hosts = (own, neighbour)
    totals = {name: sum(getattr(host, name) for host in hosts) for name in ("workers", "busy")}
    return replace(WELL, **totals | changes, hosts=hosts).of_host(1)


FREE, BUSY = HostFacts(number=1, workers=2), HostFacts(number=1, workers=2, busy=2, begun=(70, 71))
FREE_NEIGHBOUR, BUSY_NEIGHBOUR = replace(FREE, number=2), replace(BUSY, number=2)


def test_a_host_whose_workers_are_busy_is_left_alone_while_its_neighbours_are_free(
    queue: Watched,
) -> None:
    assert queue.after(1000, on_two_hosts(BUSY, FREE_NEIGHBOUR, waiting=5)) == []


def test_a_host_that_does_nothing_is_complained_of_although_its_neighbour_works(
    queue: Watched,
) -> None:
    for attempt in range(10):
        # The neighbour begins with one session after the other.
        busy = replace(BUSY_NEIGHBOUR, begun=(attempt,))
        facts = on_two_hosts(FREE, busy, waiting=5, newest_attempt=attempt)
        assert queue.after(1, facts) == []
    assert queue.after(1, facts) == [(11, NO_WORK)]


def test_a_host_without_workers_is_complained_of_although_its_neighbour_has_some(
    queue: Watched,
) -> None:
    gone = replace(FREE, workers=0)
    assert queue.after(11, on_two_hosts(gone, FREE_NEIGHBOUR)) == [(11, "has no worker")]


def test_a_host_that_begins_with_sessions_is_left_alone(queue: Watched) -> None:
    for attempt in range(50):
        own = replace(FREE, busy=1, begun=(attempt,))
        assert queue.after(9, on_two_hosts(own, BUSY_NEIGHBOUR, waiting=5)) == []
    # Where it works alone, sessions that no look has met count, too.
    alone = replace(FREE_NEIGHBOUR, workers=0, evidence_workers=0)
    for attempt in range(50):
        facts = on_two_hosts(replace(FREE, evidence_workers=1), alone, newest_attempt=attempt)
        assert queue.after(9, replace(facts, waiting=5)) == []
