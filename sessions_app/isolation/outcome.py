"""How a job ended, for the caller, for the user and for the operators."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

NO_ROOM = "The server's disk has no room left for the session's files."
"""To a user whose session did not fit on the disk."""

SENT_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
"""Who died of another signal crashed."""


class Ending(StrEnum):
    """The ways in which a job can end."""

    COMPLETED = "completed"
    """The target returned a value."""

    REFUSED = "refused"
    """The target raised an `mlcore.errors.MlcoreError`: the input cannot work."""

    CRASHED = "crashed"
    """An exception, a fault in native code, an exit without a result, or no start at all."""

    KILLED = "killed"
    """A signal from outside: an operator, or the operating system short of memory."""

    OUT_OF_MEMORY = "out_of_memory"
    """Beyond the job's memory limit, or an allocation that Python could not make."""

    NO_ROOM = "no_room"
    """The disk is full."""

    OVERRAN = "overran"
    """Not done at its deadline."""

    STOPPED = "stopped"
    """The caller asked for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What is left of a job when its process is gone."""

    ending: Ending

    value: Any = None
    """What the target returned, when it completed."""

    sentence: str = ""
    """For the user: why there is no value. Empty when the job completed."""

    traceback: str = ""
    """For the operators: Python's traceback or the signal, and the last of the job's stderr."""

    peak_memory_bytes: int | None = None
    """Largest resident size [bytes]; None when the job left no figures (or never ran)."""

    cpu_seconds: float | None = None
    """User and system time [s]; None when the job left no figures (or never ran)."""

    wall_seconds: float
    """From the call of `run` to the end of the process [s], a cold start included."""


def sentence_for(ending: Ending, *, deadline_seconds: float, memory_limit_bytes: int | None) -> str:
    """Say to a user why there is no result; a refusal brings its own sentence.

    The memory limit is the one that the job broke; None: it asked for more than the machine has.
    """
    too_much_memory = "The job asked for more memory than this machine can give."
    if memory_limit_bytes is not None:
        limit = memory_limit_bytes / 10**6
        too_much_memory = f"The job needed more memory than the {limit:.0f} MB it may use."
    duration = "1 second" if deadline_seconds == 1 else f"{deadline_seconds:g} seconds"
    if deadline_seconds >= 120 and deadline_seconds % 60 == 0:
        duration = f"{deadline_seconds / 60:g} minutes"
    sentences = {
        Ending.CRASHED: "The job stopped unexpectedly because of an internal error.",
        Ending.KILLED: "The job was ended from outside before it was done.",
        Ending.OUT_OF_MEMORY: too_much_memory,
        Ending.NO_ROOM: NO_ROOM,
        Ending.OVERRAN: f"The job was not done after the {duration} it may take.",
        Ending.STOPPED: "The job was stopped on request.",
    }
    return sentences.get(ending, "")
