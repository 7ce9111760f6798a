"""What work takes on a cluster of this machine, and what the cluster takes by itself."""

from __future__ import annotations

import resource
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlcore.parallel import Cores

__all__ = ["Used", "cluster", "idle_rate", "least"]

_IDLE_SECONDS = 5.0
_REPEATS = 2
_IN_MB = 1e6 if sys.platform == "darwin" else 1e3


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """What work took."""

    wall: float
    """[s]"""
    processor: float
    """Of this process and all workers [s]."""
    here_mb: float
    """Most that this process has held so far [MB]."""
    worker_mb: float
    """Most that a worker has held so far [MB]."""


@contextmanager
def cluster(workers: int) -> Iterator[Any]:
    """Start a cluster of so many processes of one thread, and return a client of it."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - an optional extra

    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=40,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.wait_for_workers(workers, timeout=120)
        yield client


def idle_rate(client: Any) -> float:
    """Return the processor seconds that a cluster takes in a second in which nothing is asked."""
    before, began = _processor(client), time.monotonic()
    time.sleep(_IDLE_SECONDS)
    return (_processor(client) - before) / (time.monotonic() - began)


def least(work: Callable[[Cores], Any], cores: Cores, client: Any) -> tuple[Any, Used]:
    """Return what work leads to, and what the cheapest of a few times took."""
    times = [_timed(work, cores, client) for _ in range(_REPEATS)]
    return min(times, key=lambda one: one[1].processor)


def _timed(work: Callable[[Cores], Any], cores: Cores, client: Any) -> tuple[Any, Used]:
    before, began = _processor(client), time.monotonic()
    result = work(cores)
    wall = time.monotonic() - began
    held = [] if client is None else [mb for _, mb in client.run(_of_this_process).values()]
    return result, Used(
        wall=wall,
        processor=_processor(client) - before,
        here_mb=_of_this_process()[1],
        worker_mb=max(held, default=0.0),
    )


def _processor(client: Any) -> float:
    used = _of_this_process()[0]
    if client is not None:
        used += sum(seconds for seconds, _ in client.run(_of_this_process).values())
    return float(used)


def _of_this_process() -> tuple[float, float]:
    """Return the processor time of this process so far [s], and the most that it held [MB]."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    held = used.ru_maxrss / _IN_MB
    if sys.platform == "linux":
        # The other figure begins with what the process held that started this one.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
        held = int(line.split()[1]) / _IN_MB
    return used.ru_utime + used.ru_stime, held
