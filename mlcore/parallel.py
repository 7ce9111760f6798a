"""Independent work through one seam: on the cores that no other session needs, or a Dask cluster's.

A machine's cores are tokens, files that are locked: each job holds one for itself, and takes those
that are free for as long as it has work for them. The kernel lets go of a lock with the process
that held it, however it ended. The result is the same to the bit however many processes there are:
each call is given its own seed, and runs on one thread.
"""

from __future__ import annotations

import fcntl
import json
import logging
import multiprocessing
import os
import resource
import sys
import threading
import uuid
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import joblib
from joblib.parallel import ParallelBackendBase, SequentialBackend

from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mlcore.progress import ProgressCallback

__all__ = ["ONE_CORE", "Cores", "beside", "run_all", "run_in_processes"]

_Result = TypeVar("_Result")

_log = logging.getLogger(__name__)

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Cores:
    """Cores that may be used, beside the one that a job runs on.

    Examples
    --------
    >>> from mlcore.parallel import ONE_CORE
    >>> with ONE_CORE.taken(3) as more:
    ...     more
    0
    """

    folder: Path | None = None
    """Holds the tokens, which all jobs of a machine share; None: there is one core."""
    count: int = 1
    """How many cores the machine has for jobs."""
    memory_bytes: int | None = None
    """How much a job may hold with the processes that it starts [bytes]; None: no limit."""
    dask: str | None = None
    """Address of the scheduler whose workers make independent calls, such as
    ``tcp://127.0.0.1:8786``; without it, and where they cannot, this machine makes them."""

    @contextmanager
    def taken(self, most: int) -> Iterator[int]:
        """Take cores that are free, without waiting for any, and give them back at the end.

        Parameters
        ----------
        most
            How many there is work for.

        Yields
        ------
        int
            How many were taken.
        """
        tokens = self._free(min(most, self._affordable()))
        try:
            yield len(tokens)
        finally:
            _give_back(tokens)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a core for a job's own process; where none is free, it runs all the same."""
        tokens = self._free(1)
        try:
            yield
        finally:
            _give_back(tokens)

    def _free(self, most: int) -> list[int]:
        tokens: list[int] = []
        if self.folder is None or most < 1:
            return tokens
        for place in range(self.count):
            if len(tokens) == most:
                break
            token = os.open(self.folder / f"core-{place}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(token, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                # Somebody holds it; or the file system has no locks, and nobody can take any.
                os.close(token)
            else:
                tokens.append(token)
        return tokens

    def _affordable(self) -> int:
        """Return how many copies of this process fit into its memory limit beside it."""
        if self.memory_bytes is None:
            return self.count
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES
        # What a copy computes takes room of its own, about as much again.
        return max(int(self.memory_bytes / (2 * held)) - 1, 0)


def _give_back(tokens: Sequence[int]) -> None:
    for token in tokens:
        # Told to the lock itself: a process that was started meanwhile has the file open too.
        fcntl.flock(token, fcntl.LOCK_UN)
        os.close(token)


ONE_CORE = Cores()
"""What a notebook runs on, which has no other sessions to think of."""


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
        self._executor = ProcessPoolExecutor(self.backend_kwargs["processes"], mp_context=forked)
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


def run_all(
    calls: Sequence[Callable[[ProgressCallback], _Result]],
    steps: Sequence[str],
    *,
    cores: Cores = ONE_CORE,
    progress: ProgressCallback = silent,
) -> list[_Result]:
    """Make calls that do not need one another, side by side where there are cores for it.

    Parameters
    ----------
    calls
        What to call, with a callback for progress; can be pickled, and so can what is returned.
    steps
        What is done by each, in words.
    cores
        Where to find free ones, and which cluster there is.
    progress
        Called with the fraction of the work that is done, of which the calls count alike, and the
        first step that is not.

    Returns
    -------
    list
        What each call returned, in their order.
    """
    if cores.dask is not None and len(calls) > 1:
        here = replace(cores, dask=None)
        return _by_workers(cores.dask, calls, steps, partial(run_all, cores=here), progress)
    with cores.taken(len(calls) - 1) as more:
        return run_in_processes(calls, steps, processes=more + 1, progress=progress)


def run_in_processes(
    calls: Sequence[Callable[[ProgressCallback], _Result]],
    steps: Sequence[str],
    *,
    processes: int,
    dask: str | None = None,
    progress: ProgressCallback = silent,
) -> list[_Result]:
    """Make calls that do not need one another in so many processes; see `run_all`.

    Parameters
    ----------
    calls, steps, progress
        As there.
    processes
        How many; a single one is this process itself.
    dask
        As in `Cores`.
    """
    if dask is not None and len(calls) > 1:
        here = partial(run_in_processes, processes=processes)
        return _by_workers(dask, calls, steps, here, progress)
    if processes > 1:
        try:
            return _side_by_side(calls, steps, processes, progress)
        except BrokenProcessPool:
            # One of them was killed: that costs time, and nothing else.
            pass
    results = []
    for place, (call, step) in enumerate(zip(calls, steps, strict=True)):

        def report(done: float, detail: str = "", place: int = place, step: str = step) -> None:
            words = f"{step}: {detail}" if detail else step
            progress((place + done) / len(calls), words)

        report(0.0)
        results.append(call(report))
    progress(1.0, steps[-1])
    return results


@contextmanager
def beside(
    call: Callable[[], _Result], *, cores: Cores = ONE_CORE
) -> Iterator[Callable[[], _Result]]:
    """Make a call while something else is done, on a core that is free.

    Parameters
    ----------
    call
        What to call; what it returns can be pickled.
    cores
        Where to find a free one.

    Yields
    ------
    callable
        Waits for the call and returns its result; where no core is free it is made then.
    """
    with cores.taken(1) as more:
        if not more:
            yield call
            return
        results = _forked([lambda _tell: call()], 1)
        yield lambda: _first(results, call)


def _first(results: Iterator[_Result], call: Callable[[], _Result]) -> _Result:
    try:
        (result,) = results
    except BrokenProcessPool:
        return call()
    return result


def _by_workers(
    address: str,
    calls: Sequence[Callable[[ProgressCallback], _Result]],
    steps: Sequence[str],
    here: Callable[..., list[_Result]],
    progress: ProgressCallback,
) -> list[_Result]:
    """Have the workers of a cluster make calls, and make here what they cannot."""
    progress(0.0, steps[0])
    told = _Told(steps, progress)
    try:
        # An optional extra: nothing else needs it.
        from mlcore.dask_workers.calls import made_by_workers  # noqa: PLC0415
    except ImportError as error:
        _log.warning("The Dask cluster %s is not used: %s.", address, error)
        return here(calls, steps, progress=progress)
    outcomes = made_by_workers(address, calls, told.hear)
    ends = [place for place, outcome in enumerate(outcomes) if outcome and outcome.refusal]
    # An error is the first one's, as if one call had been made after the other.
    end = min(ends, default=len(calls))
    left = [place for place in range(end) if outcomes[place] is None]
    results: dict[int, _Result] = {}
    if left:
        done = 1 - len(left) / len(calls)
        made = here(
            [calls[place] for place in left],
            [steps[place] for place in left],
            progress=lambda part, step: progress(done + (1 - done) * part, step),
        )
        results = dict(zip(left, made, strict=True))
    for place, outcome in enumerate(outcomes[: end + 1]):
        if outcome is not None and outcome.refusal is not None:
            raise outcome.refusal
        if outcome is not None:
            results[place] = outcome.result
    progress(1.0, steps[-1])
    return [results[place] for place in range(len(calls))]


def _side_by_side(
    calls: Sequence[Callable[[ProgressCallback], _Result]],
    steps: Sequence[str],
    processes: int,
    progress: ProgressCallback,
) -> list[_Result]:
    progress(0.0, steps[0])
    with _told_of(steps, progress) as channel:
        results = list(_forked(calls, processes, channel))
    progress(1.0, steps[-1])
    return results


_inherited: dict[str, Sequence[Callable[[ProgressCallback], Any]]] = {}
"""The calls of those processes that are forked while they stand here: so they need not be sent."""


def _forked(
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
def _told_of(steps: Sequence[str], progress: ProgressCallback) -> Iterator[int]:
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


class _Told:
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
    told = _Told(steps, progress)
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
