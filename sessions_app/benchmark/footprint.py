"""What a call takes: of the processor, here and in Postgres, and of memory, here, at its peak."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Footprint", "footprint_of", "keep_one_connection", "peak_of"]

_MB = 10**6
_RESET_THE_PEAK = b"5"


@dataclass(frozen=True, kw_only=True, slots=True)
class Footprint:
    """The least that a call took, of several."""

    seconds: float
    """Of the processor, this process and Postgres together [s]."""
    postgres_seconds: float
    """Postgres' part [s]."""
    megabytes: float
    """The most by which this process grew at any moment of a call [MB]."""


def keep_one_connection() -> None:
    """Let Django's one connection last, so that what serves it can be watched.

    All that a query takes is then taken by one process of Postgres: with several each would plan
    and take something else, and the sum would be larger.
    """
    connection.settings_dict["CONN_MAX_AGE"] = None
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def footprint_of(call: Callable[[], object], *, times: int = 3) -> Footprint:
    """Call something and return what it took; the first call, which may load code, does not count.

    Of the seconds the least counts, as whatever else the machine does only adds to them; of the
    memory the most.
    """
    call()
    taken = [_once(call) for _ in range(times)]
    least = min(taken, key=lambda one: one.seconds)
    return Footprint(
        seconds=least.seconds,
        postgres_seconds=least.postgres_seconds,
        megabytes=max(one.megabytes for one in taken),
    )


def peak_of(call: Callable[[], object]) -> tuple[Footprint, float]:
    """Call something once; return what it took, and the most that the whole process had [MB]."""
    taken = _once(call)
    return taken, _peak() / _MB


def _once(call: Callable[[], object]) -> Footprint:
    backend = _backend()
    before = _begin_anew()
    there, here = _seconds_of(backend), time.process_time()
    call()
    here, there = time.process_time() - here, _seconds_of(backend) - there
    if backend != _backend():
        raise RuntimeError("the connection to the database was made anew meanwhile")
    return Footprint(
        seconds=here + there,
        postgres_seconds=there,
        megabytes=max(0.0, _peak() - before) / _MB,
    )


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _seconds_of(pid: int) -> float:
    # To the nanosecond where Linux tells it; what every system tells is in hundredths of a second.
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e9
    except OSError:
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)


def _begin_anew() -> int:
    """Give back what is free, so that its use counts again; return what is used [bytes]."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    own = Path("/proc/self/clear_refs")
    if own.exists():
        own.write_bytes(_RESET_THE_PEAK)
    return int(psutil.Process(os.getpid()).memory_info().rss)


def _peak() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process(os.getpid()).memory_info().rss)
