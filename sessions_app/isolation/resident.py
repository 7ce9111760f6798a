"""A process that stays and answers one question after the other, for whoever waits for an answer.

It is a job as any other, forked from a clean process and killed at its limits, which is asked on
its standard input while it runs. It serves one question at a time, so that its libraries run as in
a batch job, with one thread and nothing beside them. Whatever becomes of it costs the web process
nothing but a refusal, and the next question starts another one.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sessions_app.exceptions import RefusedError
from sessions_app.isolation.host import JobHost
from sessions_app.isolation.on_request import Turns
from sessions_app.isolation.outcome import Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sessions_app.isolation.on_request import Allowance
    from sessions_app.isolation.outcome import Outcome

__all__ = ["Resident", "Stay"]

_log = logging.getLogger(__name__)

_TARGET = "sessions_app.isolation.resident_job:serve"
_STARTING_SECONDS = 60.0
"""How long a process may take to import its libraries [s]."""
_LONGEST_SECONDS = 6 * 3600.0
_CLOSING_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """What a process that stays may take."""

    memory_bytes: int
    """At which size it is killed [bytes], the imported libraries included."""
    enough_memory_bytes: int
    """From which size on it keeps nothing, or ends after its answer [bytes]."""
    idle_seconds: float = 300.0
    """After how long without a question it ends [s]."""


class Resident:
    """Asks a process that stays, one question at a time.

    Parameters
    ----------
    answers
        What answers, as "package.module:name"; see `sessions_app.isolation.resident_job.Answers`.
    modules
        What the process imports ahead that it is forked from.
    allowance
        Who may ask, and how many wait.
    stay
        Says what it may take, each time that one is started.
    """

    def __init__(
        self,
        answers: str,
        modules: tuple[str, ...],
        allowance: Allowance,
        stay: Callable[[], Stay],
    ) -> None:
        self._answers, self._modules, self._stay = answers, modules, stay
        self._turns = Turns(allowance)
        self._lock = threading.Lock()
        self._thread: _LastingThread | None = None
        self._life: _Life | None = None
        atexit.register(self.close)

    def warm(self) -> None:
        """Start the process where there is none, without waiting for it."""
        self._living()

    def ask(self, question: Mapping[str, Any], *, seconds: float, who: str = "") -> Any:
        """Return the answer to a question when it is its turn.

        Refused in the words of what answers; and with 503 when too many others ask or wait, when
        the answer takes longer than `seconds`, or when the process ended over it.
        """
        with self._turns.turn(who):
            reply = self._living().ask(question, seconds)
            if reply is None:
                # It had ended of its own accord before it read the question.
                reply = self._living().ask(question, seconds)
        if reply is None or "failed" in reply:
            if reply is not None:
                _log.error("a question could not be answered: %s", reply["failed"])
            raise RefusedError(
                "This cannot be worked out at the moment; ask again in a moment.",
                status=HTTPStatus.SERVICE_UNAVAILABLE,
                retry_after=5,
            )
        if "refused" in reply:
            refused = reply["refused"]
            raise RefusedError(
                refused["sentence"], field=refused["field"], allowed=refused["allowed"]
            )
        return reply["value"]

    def close(self) -> None:
        """End the process, and the one that it is forked from; the next question starts others."""
        with self._lock:
            life, thread, self._life, self._thread = self._life, self._thread, None, None
        if life is not None:
            life.end()
        if thread is not None:
            thread.close()

    def _living(self) -> _Life:
        with self._lock:
            if self._thread is None or self._thread.owner != os.getpid():
                self._thread, self._life = _LastingThread(self._modules), None
            if self._life is None or not self._life.goes_on:
                stay = self._stay()
                argument = {
                    "answers": self._answers,
                    "enough_memory_bytes": stay.enough_memory_bytes,
                    "idle_seconds": stay.idle_seconds,
                    "longest_seconds": _LONGEST_SECONDS,
                }
                self._life = _Life(argument, memory_bytes=stay.memory_bytes)
                self._thread.run(self._life)
            return self._life


class _LastingThread:
    """A thread that runs one life after the other, with the process that they are forked from.

    That process dies with the thread that started it, and the threads that serve requests come and
    go. At the interpreter's end it is not waited for.
    """

    def __init__(self, modules: tuple[str, ...]) -> None:
        self.owner = os.getpid()
        self._host = JobHost(modules=modules)
        self._lives: queue.SimpleQueue[_Life | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run_all, name="resident", daemon=True)
        self._thread.start()

    def run(self, life: _Life) -> None:
        self._lives.put(life)

    def close(self) -> None:
        self._lives.put(None)
        self._thread.join(_CLOSING_SECONDS)

    def _run_all(self) -> None:
        with self._host:
            while (life := self._lives.get()) is not None:
                life.run(self._host)


class _Life:
    """One process from its start to its end: what it is asked, and what it says."""

    def __init__(self, argument: Mapping[str, Any], *, memory_bytes: int) -> None:
        self._argument, self._memory_bytes = argument, memory_bytes
        self._read, self._write = os.pipe()
        self._changed = threading.Condition()
        self._is_ready = self._has_to_end = self.is_over = False
        self._asked = 0
        self._reply: dict[str, Any] | None = None
        self._outcome: Outcome | None = None

    def ask(self, question: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """Return what comes of a question; None when the process had ended before it.

        Refused with 503 when the process ends over it or takes too long.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_ready or self.is_over, _STARTING_SECONDS)
            if self._is_ready and not self.is_over:
                self._asked += 1
                self._reply = None
                line = json.dumps({"id": self._asked, "question": question}, allow_nan=False)
                until = time.monotonic() + seconds
                self._send(line.encode() + b"\n", until)
                self._changed.wait_for(
                    lambda: self._reply is not None or self.is_over,
                    max(0.0, until - time.monotonic()),
                )
            if self._reply is not None:
                return self._reply
            if self.is_over and self._outcome and self._outcome.ending is Ending.COMPLETED:
                return None
            # Late, or dead: either way nobody is to wait for it any more.
            self._has_to_end = True
            outcome = self._outcome
        _log.warning(
            "a question was not answered in %s s (%s): %s",
            *(seconds, outcome and outcome.ending, outcome and outcome.traceback),
        )
        raise RefusedError(
            "This cannot be worked out at the moment; ask again in a moment.",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            retry_after=5,
        )

    @property
    def goes_on(self) -> bool:
        """Whether it is there, or will be, for another question."""
        return not (self.is_over or self._has_to_end)

    def end(self) -> None:
        """Have the process killed, soon."""
        with self._changed:
            self._has_to_end = True

    def run(self, host: JobHost) -> None:
        """See the process through, in the thread that lasts."""
        outcome: Outcome | None = None
        try:
            outcome = host.run(
                target=_TARGET,
                argument=self._argument,
                on_event=self._heard,
                should_stop=lambda: self._has_to_end,
                deadline_seconds=2 * _LONGEST_SECONDS,
                memory_limit_bytes=self._memory_bytes,
                requests=self._read,
            )
        except Exception:  # noqa: BLE001 - whoever waits is told that it is over
            _log.exception("a process that stays could not be run")
        finally:
            with self._changed:
                self._outcome, self.is_over = outcome, True
                os.close(self._read)
                os.close(self._write)
                self._changed.notify_all()

    def _heard(self, event: Mapping[str, Any]) -> None:
        with self._changed:
            if "ready" in event:
                self._is_ready = True
            elif event["id"] == self._asked:
                self._reply = dict(event)
            self._changed.notify_all()

    def _send(self, line: bytes, until: float) -> None:
        """Write a question, which may be longer than the pipe holds, for as long as it may take."""
        os.set_blocking(self._write, False)
        while line and time.monotonic() < until:
            try:
                line = line[os.write(self._write, line) :]
            except BlockingIOError:
                self._changed.wait(0.01)
                if self.is_over:
                    return
