"""Places for those whom a thread may have to wait for: how many in all, how many slow ones each."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http import HTTPStatus

from sessions_app.exceptions import RefusedError

_SLOW_SECONDS = 2.0
"""Who has kept a thread waiting for longer [s] is slow; so long a place is waited for."""
BYTES_PER_SECOND = 10_000
"""The slowest rate at which somebody may send or read, after a time of grace."""

_YOURS = "Too many of your requests are slow; end one, or wait until one has ended."
_OTHERS = "The server has too many slow requests at the moment; send this again in a moment."


@dataclass(kw_only=True, eq=False, slots=True)
class Place:
    """Somebody whom a thread may have to wait for."""

    who: str
    """The key of their address."""
    peer: str = ""
    """The address of their connection itself."""
    patience: float
    """How much longer they may keep a thread waiting [s]."""
    waited_for_since: float | None = None
    """When the thread began to wait, on the monotonic clock [s]; None while it works."""

    def wait(self) -> None:
        """Note that the thread waits from now on."""
        self.waited_for_since = time.monotonic()

    def work(self, moved: int) -> None:
        """Note that it waits no longer, and how many bytes were moved for it."""
        # Only what was waited counts: the server's own slowness is nobody's fault.
        self.patience -= self.waited(time.monotonic())
        self.patience += moved / BYTES_PER_SECOND
        self.waited_for_since = None

    def waited(self, now: float) -> float:
        """Return how long the thread has been waiting [s]."""
        return 0.0 if self.waited_for_since is None else now - self.waited_for_since


class Places:
    """A total of places, and no more for an address that has so many slow ones already.

    Some may wait for a place when all are taken; each holds a thread, too, but soon has a place
    when those who have one are many and not slow.
    """

    def __init__(self, *, total: int, slow: int, waiting: int) -> None:
        self._total, self._slow, self._may_wait = total, slow, waiting
        self.waiting = 0
        """How many wait for a place now."""
        self._left = threading.Condition()
        self._taken: set[Place] = set()

    def take(self, place: Place) -> Place:
        """Take a place, to be left again; refuse where none becomes free soon for this address."""
        now = time.monotonic()
        with self._left:
            theirs = [taken for taken in self._taken if taken.who == place.who]
            if sum(taken.waited(now) > _SLOW_SECONDS for taken in theirs) >= self._slow:
                raise RefusedError(_YOURS, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=5)
            while len(self._taken) >= self._total:
                seconds = now + _SLOW_SECONDS - time.monotonic()
                if seconds <= 0 or self.waiting >= self._may_wait:
                    raise RefusedError(
                        _OTHERS, status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after=1
                    )
                self.waiting += 1
                self._left.wait(seconds)
                self.waiting -= 1
            self._taken.add(place)
            return place

    def leave(self, place: Place) -> None:
        """Give a place back, however often."""
        with self._left:
            if place in self._taken:
                self._taken.remove(place)
                self._left.notify()

    def overdue(self) -> list[Place]:
        """Return whom a thread waits for in vain."""
        with self._left:
            now = time.monotonic()
            return [taken for taken in self._taken if taken.waited(now) > taken.patience]
