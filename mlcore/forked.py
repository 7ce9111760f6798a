"""Calls in processes that are forked from this one, and how far they are."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import uuid
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import joblib
from joblib.parallel import ParallelBackendBase, SequentialBackend
from threadpoolctl import threadpool_limits

from mlcore._lifeline import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlcore.progress import ProgressCallback

__all__ = ["Told", "forked", "told_of"]

_Result = TypeVar("_Result")


class _ForkedBackend(ParallelBackendBase):  # type: ignore[misc]  # joblib has no types
    """Processes that are forked from this one, so that no library is imported again.

    joblib's own processes either import everything anew, which takes longer than most fits, or wait
    for ever for one that was killed.
    """

    supports_retrieve_callback = True

    def effective_n_jobs(self, n_jobs: int) -> int:
        return n_jobs

    def configure(self, n_jobs: int = 1, parallel: Any = None, **_options: Any) -> int:
        self.parallel = parallel
        forked = multiprocessing.get_context("fork")
        self._executor = ProcessPoolExecutor(
            self.backend_kwargs["processes"],
            mp_context=forked,
            initializer=_begin,
            initargs=(os.getpid(),),
        )
        return n_jobs

    def submit(self, func: Any, callback: Any = None) -> Any:
        with warnings.catch_warnings():
            # Of threads of libraries, which these survive: jobs run their libraries on one.
            warnings.filterwarnings("ignore", "This process .* is multi-threaded")
            future = self._executor.submit(func)
        future.add_done_callback(callback)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        return out.result()

    def terminate(self) -> None:
        self._executor.shutdown(cancel_futures=True)

    def abort_everything(self, ensure_ready: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - joblib's
        for process in list((self._executor._processes or {}).values()):  # noqa: SLF001 - it has no public way to stop what runs
            with suppress(OSError):
                process.kill()
        self.terminate()

    def get_nested_backend(self) -> tuple[Any, int | None]:
        return SequentialBackend(nesting_level=(self.nesting_level or 0) + 1), None


def _begin(parent: int) -> None:
    # It would wait for ever for the next call of one that was killed.
    die_with_parent(parent)
    # And for threads of OpenMP's that were this one's before it was forked, and are not there.
    threadpool_limits(1)


_inherited: dict[str, Sequence[Callable[[ProgressCallback], Any]]] = {}
"""The calls of those processes that are forked while they stand here: so they need not be sent."""


def forked(
    calls: Sequence[Callable[[ProgressCallback], _Result]], processes: int, channel: int = -1
) -> Iterator[_Result]:
    """Begin calls in processes of their own, and return what yields their results in order."""
    parallel = joblib.Parallel(
        # What joblib takes for one job it does itself, when the result is asked for.
        n_jobs=max(processes, 2),
        backend=_ForkedBackend(processes=processes),
        batch_size=1,
        pre_dispatch="all",
        return_as="generator",
    )
    name = uuid.uuid4().hex
    _inherited[name] = calls
    try:
        # It forks as it is told of the first call.
        results: Iterator[_Result] = parallel(
            joblib.delayed(_telling)(name, place, channel) for place in range(len(calls))
        )
    finally:
        del _inherited[name]
    return results


@contextmanager
def told_of(steps: Sequence[str], progress: ProgressCallback) -> Iterator[int]:
    """Provide a descriptor that processes write to how far their calls are; see `_telling`."""
    reading, writing = os.pipe()
    listener = threading.Thread(target=_listen, args=(reading, steps, progress), daemon=True)
    listener.start()
    try:
        yield writing
    finally:
        os.write(writing, b"\n")
        listener.join()
        os.close(writing)


class Told:
    """How far each of some calls is, as it is told."""

    def __init__(self, steps: Sequence[str], progress: ProgressCallback) -> None:
        self._steps, self._progress = steps, progress
        self._done, self._details = [0.0] * len(steps), [""] * len(steps)

    def hear(self, place: int, fraction: float, detail: str) -> None:
        """Take note of a call, and tell how far all of them are."""
        done, details = self._done, self._details
        done[place], details[place] = fraction, detail
        first = next((i for i, part in enumerate(done) if part < 1.0), len(done) - 1)
        step = self._steps[first]
        words = f"{step}: {details[first]}" if details[first] else step
        self._progress(sum(done) / len(done), words)


def _listen(reading: int, steps: Sequence[str], progress: ProgressCallback) -> None:
    told = Told(steps, progress)
    with open(reading, encoding="utf-8") as lines:
        # An empty line is the end: other processes may have the pipe open for longer.
        for line in iter(lines.readline, "\n"):
            told.hear(*json.loads(line))


def _telling(name: str, place: int, channel: int) -> Any:
    """Make a call in another process, and tell the first one how far it is."""

    def tell(fraction: float, detail: str = "") -> None:
        if channel >= 0:
            # Short enough to be written whole, whoever else writes.
            os.write(channel, f"{json.dumps([place, fraction, detail[:200]])}\n".encode())

    result = _inherited[name][place](tell)
    tell(1.0)
    return result
