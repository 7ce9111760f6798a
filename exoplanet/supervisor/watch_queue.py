"""Whether the job queue really takes work: a process that lives may do nothing all the same.

An idle worker that is killed dies with the lock of the pipe on which all of them wait; from then on
every one of them waits for ever, and so would every session.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.db import DatabaseError

from sessions_app.queue.lanes import Lane

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessions_app.queue.status import QueueFacts

_LOOK_SECONDS = 1.0
_MOST_DOUBLINGS = 5


class QueueWatch:
    """Looks at the queue from outside, once a second.

    The patience [s] with a queue that does nothing although it should doubles with every complaint
    until the queue works: on a machine that is slow to start it, to start it again helps nobody.
    """

    def __init__(
        self,
        *,
        patience: float,
        ask: Callable[[], QueueFacts],
        lane: Lane = Lane.FIRST_ANSWERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._ask = ask
        self._lane = lane
        self._clock = clock
        self._next_look = 0.0
        self._since: float | None = None
        self._begun: tuple[int, ...] | None = None
        self._doublings = 0

    def reset(self) -> None:
        """Forget what was seen: the queue has just been started."""
        self._since = None

    def complaint(self) -> str:
        """Return why the queue has to be started again, as the end of a sentence; "" if it has not.

        Asked as often as one likes.
        """
        now = self._clock()
        if now < self._next_look:
            return ""
        self._next_look = now + _LOOK_SECONDS
        try:
            facts = self._ask()
        except DatabaseError:
            # Without the database nothing can be said, and no queue could work.
            self._since = None
            return ""
        fault = _fault(facts, self._lane)
        if not fault:
            self._since, self._doublings = None, 0
        elif self._since is None or facts.latest_begin != self._begun:
            self._since = now
        self._begun = facts.latest_begin
        if self._since is None or now - self._since < self._patience * 2**self._doublings:
            return ""
        self._since, self._doublings = None, min(self._doublings + 1, _MOST_DOUBLINGS)
        return fault


def _fault(facts: QueueFacts, lane: Lane) -> str:
    if facts.workers_of(lane) == 0:
        return "has no worker"
    if facts.waits_for_a_worker(lane):
        return "takes no work although sessions wait"
    return ""
