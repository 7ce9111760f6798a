"""Whether the database answers, asked so that nobody has to wait for it.

A server that is stopped, and not ended, takes questions and never answers them, and no limit that
it holds itself can end them. They are asked in a thread of their own, on a new connection each
time, as a request or a worker that has just begun needs one.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from django.db import DatabaseError, Error, connection
from psycopg.errors import ConnectionTimeout

from sessions_app.queue.status import queue_facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessions_app.queue.status import QueueFacts

_PAUSE_SECONDS = 0.5
_LONGEST_LOOK_SECONDS = 1.0
_FRESH_SECONDS = 5.0


class DatabaseWatch:
    """Asks the database over and over what the queue is like."""

    def __init__(
        self,
        *,
        ask: Callable[[], QueueFacts] = queue_facts,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._facts: QueueFacts | None = None
        self._answers = self._answers_seen = 0
        self._silence = 0.0
        self._looked = clock()

    def start(self) -> None:
        """Begin to ask, until the process ends."""
        threading.Thread(target=self._go_on_asking, name="database watch", daemon=True).start()

    def silence(self) -> float:
        """Return how long the database has given no answer, not even an error [s].

        To be asked several times a second: time in which this process itself was stopped, or busy
        with something else, does not count.
        """
        now = self._clock()
        passed, self._looked = min(now - self._looked, _LONGEST_LOOK_SECONDS), now
        answers = self._answers
        self._silence = 0.0 if answers != self._answers_seen else self._silence + passed
        self._answers_seen = answers
        return self._silence

    def latest(self) -> QueueFacts:
        """Return the latest answer; a DatabaseError if it was one, or is too old."""
        facts = self._facts
        if facts is None or self._silence > _FRESH_SECONDS:
            raise DatabaseError("the database cannot be asked")
        return facts

    def has_own_worker(self) -> bool:
        """Tell whether the latest answer has a worker of this host."""
        return self._facts is not None and self._facts.here().workers > 0

    def ask_once(self) -> None:
        """Ask, and wait for the answer for as long as it takes."""
        try:
            self._facts = self._ask()
            self._answers += 1
        except Error as error:
            self._facts = None
            self._answers += not isinstance(error.__cause__, ConnectionTimeout)
        finally:
            connection.close()

    def _go_on_asking(self) -> None:
        while True:
            self.ask_once()
            time.sleep(_PAUSE_SECONDS)
