"""Reading a user's file in a process of its own, limited in memory and time.

The web process never opens it: whatever a parser does with a file that was made to harm it, it
does to a process that serves nobody.
"""

from __future__ import annotations

import atexit
import contextvars
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings

from mlcore.jobs.check_upload import UploadVerdict
from sessions_app.exceptions import RefusedError
from sessions_app.isolation import Ending, JobHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.jobs.check_upload import UploadCheck
    from sessions_app.isolation import Outcome

__all__ = ["MEMORY_MB", "SECONDS", "close", "read_apart"]

_log = logging.getLogger(__name__)

MEMORY_MB = 1500
"""How much memory reading a file may take [10⁶ bytes], the imported libraries included, where a job
may take as much."""
SECONDS = 30
"""How long reading a file may take [s]."""
_AT_ONCE, _OF_ONE_CALLER = 3, 2
"""How many files are read at the same time, in each process of the server: all, and one caller's.
They bound its memory."""
_MOST_WAITING = 5
"""How many requests wait until theirs is read: each of them holds a thread."""
_WAITING_SECONDS = 15.0

_TARGET = "mlcore.jobs.check_upload:check_upload"
_MODULES = ("mlcore.jobs.check_upload", "pandas", "pyarrow.parquet", "openpyxl")


class _Readers:
    """Threads that last, each with a process that its readings are forked from.

    Such a process dies with the thread that started it, and the threads that serve requests come
    and go. As many are made as there ever were readings at the same time.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="reader")
        self._own = threading.local()
        self._hosts: list[JobHost] = []

    def read(self, check: UploadCheck) -> Outcome:
        # With what the log notes of the request that the file came with.
        about = contextvars.copy_context()
        return self._threads.submit(about.run, self._read, check).result()

    def close(self) -> None:
        self._threads.shutdown()
        for host in self._hosts:
            host.close()

    def _read(self, check: UploadCheck) -> Outcome:
        host = getattr(self._own, "host", None)
        if host is None:
            host = self._own.host = JobHost(modules=_MODULES)
            self._hosts.append(host)
        return host.run(
            target=_TARGET,
            argument=asdict(check),
            on_event=lambda _: None,
            should_stop=lambda: False,
            deadline_seconds=SECONDS,
            memory_limit_bytes=_memory_mb() * 10**6,
        )


class _Turns:
    """Who may have a file read now."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reading: list[str] = []
        self._waiting = 0

    @contextmanager
    def turn(self, who: str) -> Iterator[None]:
        """Wait for a turn, hold it and give it back.

        Refused with 503, when too many wait already or it takes too long; with 429 when that is the
        caller's own doing.
        """
        with self._changed:
            if not self._may_begin(who):
                self._wait(who)
            self._reading.append(who)
        try:
            yield
        finally:
            with self._changed:
                self._reading.remove(who)
                self._changed.notify_all()

    def _wait(self, who: str) -> None:
        in_vain = self._waiting >= _MOST_WAITING
        if not in_vain:
            self._waiting += 1
            in_vain = not self._changed.wait_for(
                lambda: self._may_begin(who), timeout=_WAITING_SECONDS
            )
            self._waiting -= 1
        if in_vain:
            raise _busy(own=self._reading.count(who) >= _OF_ONE_CALLER)

    def _may_begin(self, who: str) -> bool:
        return len(self._reading) < _AT_ONCE and self._reading.count(who) < _OF_ONE_CALLER


def _busy(*, own: bool) -> RefusedError:
    return RefusedError(
        "Other files of yours are being read: send this one when they have been."
        if own
        else "The server is reading other files at the moment; send this one again in a moment.",
        status=HTTPStatus.TOO_MANY_REQUESTS if own else HTTPStatus.SERVICE_UNAVAILABLE,
        retry_after=5,
    )


_lock = threading.Lock()
_readers: _Readers | None = None
_turns = _Turns()


def read_apart(check: UploadCheck, *, field: str, who: str = "") -> UploadVerdict:
    """Read the file that a request's field brought, and return what it has.

    Refused when it cannot be used, when reading it took too much or ended in a crash, or when too
    many others are read: one caller may not have all readers at the same time.
    """
    with _turns.turn(who):
        outcome = _all_readers().read(check)
    if outcome.ending is not Ending.COMPLETED:
        _log.warning("%s could not be read (%s): %s", field, outcome.ending, outcome.traceback)
        raise _failed(outcome.ending, field)
    verdict = UploadVerdict(**outcome.value)
    if verdict.about:
        raise RefusedError(verdict.refusal, field=verdict.about)
    if verdict.refusal:
        raise RefusedError(
            f"{field}: {verdict.refusal}",
            field=field,
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE
            if verdict.unreadable
            else HTTPStatus.BAD_REQUEST,
        )
    return verdict


def close() -> None:
    """End the processes that readings are forked from; the next reading starts another one."""
    global _readers
    with _lock:
        readers, _readers = _readers, None
    if readers is not None:
        readers.close()


atexit.register(close)


def _all_readers() -> _Readers:
    global _readers  # noqa: PLW0603
    with _lock:
        _readers = _readers or _Readers()
        return _readers


def _memory_mb() -> int:
    return min(MEMORY_MB, settings.EXOPLANET_JOB_MEMORY_MB)


def _failed(ending: Ending, field: str) -> RefusedError:
    status, retry_after = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 0
    match ending:
        case Ending.OUT_OF_MEMORY:
            sentence = (
                f"Reading the file needs more memory than the {_memory_mb()} MB that it may take:"
                " send fewer rows, or only the columns that are needed."
            )
        case Ending.OVERRAN:
            sentence = (
                f"Reading the file takes longer than the {SECONDS} seconds that it may take: send"
                " it as CSV or Parquet, or fewer rows of it."
            )
        case Ending.KILLED:
            sentence = "Reading the file was interrupted on the server; send it again."
            status, retry_after = HTTPStatus.SERVICE_UNAVAILABLE, 1
        case _:
            sentence = "The file cannot be read: it is damaged, or not made as its format demands."
            status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return RefusedError(f"{field}: {sentence}", field=field, status=status, retry_after=retry_after)
