"""What runs on a worker: it says what it computes with, and makes a call."""

from __future__ import annotations

import pickle
import platform
import time
from typing import Any

import cloudpickle
from threadpoolctl import threadpool_info, threadpool_limits

from mlcore.computed import code_version
from mlcore.dask_workers.parcels import unpacked
from mlcore.errors import MlcoreError

__all__ = ["TOPIC", "described", "made", "part"]

TOPIC = "mlcore"
"""Under which workers tell how far they are."""
_PAUSE = 0.5
"""Seconds between what a call tells of itself."""

# Read where the code is loaded: what lies on the disk later may be of another version.
code_version()


class _NobodyWaitsError(Exception):
    """Whoever asked for a call is gone, or no longer wants it."""


def described() -> dict[str, str]:
    """Return what must be the same elsewhere for the same calls to give the same bits."""
    kernels = {library.get("architecture", "") for library in threadpool_info()} - {""}
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "code and libraries": code_version(),
        "the processor's kernels": " ".join(sorted(kernels)),
    }


def part(data: bytes) -> bytes:
    """Return a part of calls as it came: as a task it is made again where it was lost."""
    return data


def made(run: str, place: int, payload: bytes, names: tuple[str, ...], *parts: bytes) -> bytes:
    """Make a call, and return as bytes whether it returned something and what, or was refused.

    Parameters
    ----------
    run, place
        Of which run it is and which of its calls.
    payload
        The call.
    names
        Of its parts.
    *parts
        These.
    """
    call = unpacked(payload, dict(zip(names, parts, strict=True)))
    # For good, and now that libraries are loaded: the number of threads changes the order of
    # additions and so the last bits.
    threadpool_limits(1)
    try:
        outcome = (True, call(_teller(run, place)))
    except MlcoreError as refusal:
        outcome = (False, refusal)
    return bytes(cloudpickle.dumps(outcome, protocol=pickle.HIGHEST_PROTOCOL))


def _teller(run: str, place: int) -> Any:
    from distributed import get_worker  # noqa: PLC0415 - an optional extra

    worker = get_worker()
    key = worker.get_current_task()
    told = -_PAUSE

    def tell(fraction: float, detail: str = "") -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _PAUSE:
            return
        told = now
        task = worker.state.tasks.get(key)
        if task is None or task.state in {"cancelled", "released", "forgotten"}:
            # Dask cannot end a call that has begun; it ends itself.
            raise _NobodyWaitsError
        worker.log_event(TOPIC, [run, place, fraction, detail[:200]])

    return tell
