"""The worker's side: run a job, follow it, end it."""

from __future__ import annotations

import selectors
import signal
import threading
import time
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from sessions_app.isolation.job_record import JobRecord
from sessions_app.isolation.outcome import SENT_FROM_OUTSIDE, Ending, Outcome, sentence_for
from sessions_app.isolation.protocol import JSON, OnEvent, encode
from sessions_app.isolation.server_process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

JOB_MODULES = (
    # It looks for hundreds of names in all modules that are there: later in three times as many.
    "skops.io",
    "mlcore.jobs.run",
    "mlcore.jobs.analyse",
    "mlcore.jobs.evidence",
    # The libraries that load only when they are first needed.
    "mlcore.features.period_pairs",
    "mlcore.models.estimators",
    "pandas",
    "pyarrow.parquet",
    "sklearn.svm",
    "xgboost",
)
"""What a server imports ahead of the first job."""

_LOOK_SECONDS = 0.2
_GRACE_SECONDS = 3.0
"""How long after the deadline a host that is itself kept waiting no longer holds it."""


class JobHost(AbstractContextManager["JobHost"]):
    """Runs jobs one after the other, each in a process of its own.

    One for each worker process, for one thread at a time. On Linux the server dies with the thread
    that started it (`warm` or `run`), so that should be one that lasts, such as the main thread.

    The server imports `modules` ahead; none of them may start a thread at import or import Django.
    """

    def __init__(self, *, modules: tuple[str, ...] = JOB_MODULES) -> None:
        self._modules = modules
        self._server: ServerProcess | None = None

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> ServerProcess:
        """Return a living server, which may still be at its imports."""
        if self._server is None or not self._server.is_ours_and_alive:
            self.close()
            self._server = ServerProcess(self._modules)
        return self._server

    def close(self) -> None:
        """Kill the server and whatever job it runs; the next `run` starts another one."""
        server, self._server = self._server, None
        if server is not None:
            server.end()

    def run(
        self,
        *,
        target: str,
        argument: Mapping[str, JSON],
        on_event: OnEvent,
        should_stop: Callable[[], bool],
        deadline_seconds: float,
        memory_limit_bytes: int | None,
        temporary: Path | None = None,
        requests: int | None = None,
    ) -> Outcome:
        """Run one job to its end, whichever that is.

        What `on_event` and `should_stop` raise gets out; the job is dead by then.

        Parameters
        ----------
        target
            The function to call, as "package.module:function"; it is called with `argument` and a
            function that takes an event, and returns what JSON can hold.
        argument
            What JSON can hold; else this is a ValueError or a TypeError.
        on_event
            Called with each event, in order, before `run` returns.
        should_stop
            Asked five times a second; when it says yes, the job is killed.
        deadline_seconds
            How long the call may take [s], a cold start included. No job lives longer, even while
            `on_event` or `should_stop` waits for something else, such as a database.
        memory_limit_bytes
            How large the job's resident size may grow [bytes], the imported libraries included.
        temporary
            Folder for the job's temporary files, which a job that is killed leaves there: whoever
            made the folder removes it. None: where the system has them.
        requests
            Descriptor that becomes the job's standard input, for one that is asked while it runs;
            it stays the caller's to close. None: the job has none.
        """
        began = time.monotonic()
        order = encode(
            {
                "target": target,
                "argument": argument,
                "memory_limit_bytes": memory_limit_bytes,
                "temporary": None if temporary is None else str(temporary),
            }
        )
        patience = _Patience(should_stop, until=began + deadline_seconds)
        job = JobRecord(on_event, requests)
        try:
            halt, report = self._follow(order, job, patience)
            if halt is None and report is None and not job.has_started:
                # The server died idle, between two jobs; that is no fault of this one.
                halt, report = self._follow(order, job, patience)
            if halt is None:
                job.read_what_is_left()
            if report is not None and report["kind"] == "broken":
                self.close()
        except BaseException:
            self.close()
            raise
        finally:
            job.close()
        ending, traceback = _judge(halt, report, job)
        figures = report or {}
        limit_broken = memory_limit_bytes if figures.get("over_limit") else None
        return Outcome(
            ending=ending,
            value=job.verdict.get("value") if ending is Ending.COMPLETED else None,
            sentence=job.verdict["sentence"]
            if ending is Ending.REFUSED
            else sentence_for(
                ending, deadline_seconds=deadline_seconds, memory_limit_bytes=limit_broken
            ),
            traceback=traceback,
            peak_memory_bytes=figures.get("peak_memory_bytes"),
            cpu_seconds=figures.get("cpu_seconds"),
            wall_seconds=time.monotonic() - began,
        )

    def _follow(
        self, order: bytes, job: JobRecord, patience: _Patience
    ) -> tuple[Ending | None, dict[str, Any] | None]:
        """See the job through: why the host ended it, if it did, and the server's last report."""
        server = self.warm()
        with (
            _killed_at(patience.until + _GRACE_SECONDS, server),
            selectors.DefaultSelector() as selector,
        ):
            selector.register(server.control, selectors.EVENT_READ)
            if server.is_ready:
                job.send(order, server, selector)
            while True:
                halt = patience.exhausted()
                if halt is not None:
                    report = server.stop_job()
                    # A server that says what became of its job, or has none, can go on; not one
                    # that is itself too slow.
                    if report is None and (job.was_sent or halt is Ending.OVERRAN):
                        self.close()
                    return halt, report
                for key, _ in selector.select(patience.seconds_to_next_look()):
                    if key.fileobj is not server.control:
                        if job.read(key.fileobj) == b"":
                            selector.unregister(key.fileobj)
                        continue
                    messages = server.receive()
                    if messages is None:
                        return self._gone(server, job, patience), None
                    for message in messages:
                        match message["kind"]:
                            case "ready":
                                server.is_ready = True
                                job.send(order, server, selector)
                            case "started":
                                job.has_started = True
                            case "exited" | "broken":
                                return None, message

    def _gone(self, server: ServerProcess, job: JobRecord, patience: _Patience) -> Ending | None:
        self._server = None
        status = server.end()
        if patience.is_over:
            return Ending.OVERRAN
        job.fault = _status_in_words("The server", status)
        return None


class _Patience:
    """When to look again whether the job may go on, and whether it may."""

    def __init__(self, should_stop: Callable[[], bool], *, until: float) -> None:
        self._should_stop = should_stop
        self.until = until
        self._next_look = 0.0

    def seconds_to_next_look(self) -> float:
        return max(0.0, min(self.until, self._next_look) - time.monotonic())

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until

    def exhausted(self) -> Ending | None:
        now = time.monotonic()
        if now >= self.until:
            return Ending.OVERRAN
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            if self._should_stop():
                return Ending.STOPPED
        return None


@contextmanager
def _killed_at(until: float, server: ServerProcess) -> Iterator[None]:
    """Kill the server and its job then, from a thread that waits for nothing else."""
    timer = threading.Timer(max(0.0, until - time.monotonic()), server.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _judge(
    halt: Ending | None, report: dict[str, Any] | None, job: JobRecord
) -> tuple[Ending, str]:
    """Tell how the job ended, and what the operators are told about it."""
    if halt is not None:
        return halt, job.with_stderr("The host ended the job.")
    if report is not None and report["kind"] == "broken":
        return Ending.CRASHED, report["traceback"]
    if report is not None and report["over_limit"]:
        return Ending.OUT_OF_MEMORY, job.with_stderr("The server killed the job at its limit.")
    if job.verdict:
        ending = Ending(job.verdict["verdict"])
        text = job.verdict.get("traceback", "")
        quiet = ending in {Ending.COMPLETED, Ending.REFUSED}
        return ending, text if quiet else job.with_stderr(text)
    if report is None:
        # With its server gone the job is dead too: the kernel kills it, or its pipe breaks.
        return (Ending.KILLED if job.has_started else Ending.CRASHED), job.with_stderr(job.fault)
    status = report["status"]
    ending = Ending.KILLED if -status in SENT_FROM_OUTSIDE else Ending.CRASHED
    return ending, job.with_stderr(_status_in_words("The job", status))


def _status_in_words(who: str, status: int | None) -> str:
    if status is not None and status < 0:
        names = {member.value: member.name for member in signal.Signals}
        return f"{who} was ended by {names.get(-status, f'signal {-status}')}."
    return f"{who} ended with exit status {status} and no result."
