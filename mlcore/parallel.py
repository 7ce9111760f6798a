"""Independent work through one seam: on the cores that no other session needs, or a Dask cluster's.

A machine's cores are tokens, files that are locked: each job holds one for itself, and takes those
that are free for as long as it has work for them. The kernel lets go of a lock with the process
that held it, however it ended. The result is the same to the bit however many processes there are:
each call is given its own seed, and runs on one thread.
"""

from __future__ import annotations

import fcntl
import logging
import os
import resource
import sys
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from mlcore.forked import Told, forked, told_of
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mlcore.progress import ProgressCallback

__all__ = ["ONE_CORE", "Cores", "beside", "run_all", "run_in_processes"]

_Result = TypeVar("_Result")

_log = logging.getLogger(__name__)

_taken_beside = ContextVar("_taken_beside", default=0)
"""How many cores this process has taken for calls of `beside`."""
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

    Within such a call's context another one shares its core.

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
        own = _taken_beside.get()
        if not more and not own:
            yield call
            return
        _taken_beside.set(own + more)
        try:
            results = forked([lambda _tell: call()], 1)
            yield lambda: _first(results, call)
        finally:
            _taken_beside.set(_taken_beside.get() - more)


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
    told = Told(steps, progress)
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
    with told_of(steps, progress) as channel:
        results = list(forked(calls, processes, channel))
    progress(1.0, steps[-1])
    return results
