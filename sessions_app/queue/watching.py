"""Waiting until a session changes: one thread looks for all who wait, and few may wait at once.

Who waits holds a thread of the web server. So the places are few, and fewer for each caller; who
gets none is answered at once. The thread that looks asks the database once for all of them, however
many they are, and asks nothing while nobody waits.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import Error, connection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from uuid import UUID

__all__ = ["WAITED_FOR", "Waiter", "Watch"]

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2
"""How often it is looked [s]: so much later than the change an answer may come."""
_IDLE_SECONDS = 60.0
"""How long the connection is kept while nobody waits [s]."""
_ASK = """
    SELECT session.id, session.status, newest.id
    FROM sessions_app_session AS session
    LEFT JOIN LATERAL (
        SELECT id FROM sessions_app_progressentry
        WHERE session_id = session.id ORDER BY id DESC LIMIT 1
    ) AS newest ON true
    WHERE session.id = ANY(%s)
"""


@dataclass(kw_only=True, eq=False, slots=True)
class Waiter:
    """Somebody who waits for a change of sessions."""

    who: str
    until: float
    """How long they wait at most, on the monotonic clock [s]."""
    _sessions: frozenset[UUID] = frozenset()
    _seen: dict[UUID, tuple[Any, ...] | None] | None = None
    """How the sessions were when it was last looked; None: not yet."""
    _changed: threading.Event = field(default_factory=threading.Event)

    def wait_for_change(self, sessions: Collection[UUID]) -> bool:
        """Wait until any of the sessions has changed; tell whether there is time left.

        It returns once without a change too: what changed before the first look is seen by nobody
        else than who looks again now.
        """
        self._sessions = frozenset(sessions)
        self._changed.wait(self.until - time.monotonic())
        self._changed.clear()
        return time.monotonic() < self.until

    def look(self, facts: dict[UUID, tuple[Any, ...]]) -> None:
        """Wake whoever waits if the sessions are not as they were."""
        seen = {session: facts.get(session) for session in self._sessions}
        if seen != self._seen:
            self._seen = seen
            self._changed.set()

    @property
    def sessions(self) -> frozenset[UUID]:
        """What is waited for."""
        return self._sessions

    def end(self) -> None:
        """Let them wait no longer."""
        self.until = 0.0
        self._changed.set()


class Watch:
    """All who wait in this process.

    Parameters
    ----------
    places
        How many may wait at the same time.
    of_one
        How many of one caller.
    """

    def __init__(self, *, places: int, of_one: int) -> None:
        self._places, self._of_one = places, of_one
        self._waiters: set[Waiter] = set()
        self._come = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def place(self, who: str, *, seconds: float) -> Iterator[Waiter | None]:
        """Give a place to wait in, or None where there is none for this caller."""
        waiter = Waiter(who=who, until=time.monotonic() + seconds)
        if not self._is_taken_in(waiter):
            yield None
            return
        try:
            yield waiter
        finally:
            with self._come:
                self._waiters.discard(waiter)

    def _is_taken_in(self, waiter: Waiter) -> bool:
        with self._come:
            theirs = sum(other.who == waiter.who for other in self._waiters)
            if len(self._waiters) >= self._places or theirs >= self._of_one:
                return False
            self._waiters.add(waiter)
            self._begin()
            self._come.notify()
        return True

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiters)

    def end(self) -> None:
        """Let nobody wait any longer, and nobody else: the server stops."""
        with self._come:
            self._places = 0
            for waiter in self._waiters:
                waiter.end()

    def _begin(self) -> None:
        # In the process that serves, and not in one that it was forked from.
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._watch, name="waiting", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while True:
            with self._come:
                while not self._waiters:
                    if not self._come.wait(_IDLE_SECONDS):
                        connection.close()
                waiters = list(self._waiters)
            sessions = frozenset[Any]().union(*(waiter.sessions for waiter in waiters))
            if sessions:
                try:
                    facts = _facts(sessions)
                except Error:
                    # Who waits asks for themselves when their time is up, and is told then.
                    _log.warning("the database does not answer whoever waits for a session")
                    connection.close()
                else:
                    for waiter in waiters:
                        waiter.look(facts)
            time.sleep(_LOOK_SECONDS)


def _facts(sessions: Collection[UUID]) -> dict[UUID, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [list(sessions)])
        return {session: (status, newest) for session, status, newest in cursor.fetchall()}


WAITED_FOR = Watch(places=4, of_one=2)
"""All who wait for progress: each holds one of the web server's threads."""
