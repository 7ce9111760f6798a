"""Jobs that a request waits for: a few at once, of one caller fewer, and the others wait a while.

The web process computes nothing and opens no user's file: whatever that takes or breaks, it takes
and breaks in a process that serves nobody.
"""

from __future__ import annotations

import atexit
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from sessions_app.exceptions import RefusedError
from sessions_app.isolation.host import JobHost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessions_app.isolation.outcome import Outcome
    from sessions_app.isolation.protocol import JSON

__all__ = ["JobsOnRequest"]

_WAITING_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What jobs of one kind may take, and what is said where there is no room."""

    at_once: int
    """In each process of the server: they bound its memory."""
    of_one_caller: int
    busy: str
    """What is told when others have all turns."""
    own_busy: str
    """What is told when the caller's own have them."""
    waiting: int = 5
    """How many requests wait until it is their turn: each of them holds a thread."""
    waiting_of_one_caller: int | None = None
    """How many of these may be one caller's, of those who are known; None: all."""


class Turns:
    """Who may have a job run now."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._changed = threading.Condition()
        self._running: list[str] = []
        self._waiting: list[str] = []

    @contextmanager
    def turn(self, who: str) -> Iterator[None]:
        """Wait for a turn, hold it and give it back.

        Refused with 503, when too many wait already or it takes too long; with 429 when that is the
        caller's own doing.
        """
        with self._changed:
            if not self._may_begin(who):
                self._wait(who)
            self._running.append(who)
        try:
            yield
        finally:
            with self._changed:
                self._running.remove(who)
                self._changed.notify_all()

    def _wait(self, who: str) -> None:
        most = self._allowance.waiting_of_one_caller
        own = bool(who) and most is not None and self._waiting.count(who) >= most
        in_vain = own or len(self._waiting) >= self._allowance.waiting
        if not in_vain:
            self._waiting.append(who)
            in_vain = not self._changed.wait_for(
                lambda: self._may_begin(who), timeout=_WAITING_SECONDS
            )
            self._waiting.remove(who)
        if in_vain:
            own = own or self._running.count(who) >= self._allowance.of_one_caller
            raise RefusedError(
                self._allowance.own_busy if own else self._allowance.busy,
                status=HTTPStatus.TOO_MANY_REQUESTS if own else HTTPStatus.SERVICE_UNAVAILABLE,
                retry_after=5,
            )

    def _may_begin(self, who: str) -> bool:
        allowance = self._allowance
        return (
            len(self._running) < allowance.at_once
            and self._running.count(who) < allowance.of_one_caller
        )


class JobsOnRequest:
    """Runs jobs of one kind for requests, each in a process of its own.

    Parameters
    ----------
    modules
        What the processes import ahead that jobs are forked from.
    allowance
        How many there may be.
    """

    def __init__(self, modules: tuple[str, ...], allowance: Allowance) -> None:
        self._modules, self._allowance = modules, allowance
        self._turns = Turns(allowance)
        self._lock = threading.Lock()
        self._threads: _Threads | None = None
        atexit.register(self.close)

    def run(
        self,
        target: str,
        argument: Mapping[str, JSON],
        *,
        seconds: float,
        memory_bytes: int,
        who: str = "",
    ) -> Outcome:
        """Run a job to its end, whichever that is, when it is its turn; see `JobHost.run`.

        Refused when too many others run or wait: one caller may not have all turns.
        """
        with self._turns.turn(who):
            return self._running().run(
                target=target,
                argument=argument,
                deadline_seconds=seconds,
                memory_limit_bytes=memory_bytes,
            )

    def close(self) -> None:
        """End the processes that jobs are forked from; the next job starts another one."""
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.close()

    def _running(self) -> _Threads:
        with self._lock:
            self._threads = self._threads or _Threads(self._modules, self._allowance.at_once)
            return self._threads


class _Threads:
    """Threads that last, each with a process that its jobs are forked from.

    Such a process dies with the thread that started it, and the threads that serve requests come
    and go. As many are made as there ever were jobs at the same time.
    """

    def __init__(self, modules: tuple[str, ...], count: int) -> None:
        self._modules = modules
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="job")
        self._own = threading.local()
        self._hosts: list[JobHost] = []

    def run(self, **job: object) -> Outcome:
        # With what the log notes of the request that the job is for.
        about = contextvars.copy_context()
        return self._threads.submit(about.run, self._run, job).result()

    def close(self) -> None:
        self._threads.shutdown()
        for host in self._hosts:
            host.close()

    def _run(self, job: dict[str, object]) -> Outcome:
        host = getattr(self._own, "host", None)
        if host is None:
            host = self._own.host = JobHost(modules=self._modules)
            self._hosts.append(host)
        return host.run(on_event=lambda _: None, should_stop=lambda: False, **job)
