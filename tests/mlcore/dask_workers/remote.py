"""What workers are asked to do; they load nothing else for it."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.progress import ProgressCallback


def number(number: int, report: ProgressCallback) -> tuple[int, int]:
    report(0.5, "half way")
    time.sleep(0.05)
    return number, os.getpid()


def refuses(why: str, _report: ProgressCallback) -> None:
    raise DataError(why)


def fails(_report: ProgressCallback) -> None:
    raise ZeroDivisionError("by a call")


def is_killed_elsewhere(here: int, tries: Path, most: int, _report: ProgressCallback) -> int:
    """Kill the worker, the first times that it is called."""
    if os.getpid() != here:
        with tries.open("a") as file:
            file.write("x")
        if tries.stat().st_size <= most:
            os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def goes_on(beats: Path, report: ProgressCallback) -> int:
    for place in range(600):
        with beats.open("a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(0.05)
        report(place / 600)
    return os.getpid()


def ends_elsewhere_late(here: int, beats: Path, _report: ProgressCallback) -> tuple[int, int]:
    if os.getpid() != here:
        beats.touch()
        time.sleep(400)
    return 7, here
