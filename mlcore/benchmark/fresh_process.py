"""What is measured in a fresh process with one thread, so that nothing before it counts."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mlcore._one_thread import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["in_turn", "peak_megabytes", "printed_by"]

_ROOT = Path(__file__).resolve().parents[2]


def printed_by(
    code: str, *arguments: str, environment: Mapping[str, str] = MappingProxyType({})
) -> Any:
    """Run code in a fresh process with one thread and return the JSON that it prints.

    Parameters
    ----------
    code
        What Python runs.
    arguments
        Its ``sys.argv[1:]``.
    environment
        Further variables.
    """
    printed = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | ONE_THREAD | dict(environment),
        cwd=_ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return json.loads(printed)


def in_turn(
    bare: Callable[[], Mapping[str, Any]], job: Callable[[], Mapping[str, Any]], runs: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Measure bare work and a job in turn.

    Parameters
    ----------
    bare, job
        Each returns ``seconds``, and whatever else there is to say; the job ``memory`` too.
    runs
        How often.

    Returns
    -------
    bare, job : dict
        What the one with the least ``seconds`` said; of the job the most ``memory`` of all.
    """
    bares, jobs = zip(*((bare(), job()) for _ in range(runs)), strict=True)
    seconds = itemgetter("seconds")
    most = max(one["memory"] for one in jobs)
    return dict(min(bares, key=seconds)), {**min(jobs, key=seconds), "memory": most}


def peak_megabytes() -> float:
    """Return the most that this process has held so far [MB]."""
    in_bytes = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * in_bytes / 1e6
