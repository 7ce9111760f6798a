"""How much of the cores a session of processes gets beside the others of its machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = ["extend_niceness_to_session"]

_GROUP = Path("/proc/self/autogroup")
_MOST = 10
"""A tenth of the share of each other session; of the least there is, a seventieth, what gathers
evidence would not see its end while others compute."""
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.11


def extend_niceness_to_session() -> None:
    """Let this process' session count among others for less if the process itself does.

    Linux gives each session the same share of the cores, and niceness counts within it only, unless
    the session is told one of its own (sched(7), "The autogroup feature"). Nothing happens where
    the system has no such groups.
    """
    niceness = min(os.nice(0), _MOST)
    for _ in range(_ATTEMPTS if niceness else 0):
        try:
            _GROUP.write_text(str(niceness), encoding="ascii")
        except BlockingIOError:
            # One process of the whole machine is heard in a tenth of a second.
            time.sleep(_PAUSE_SECONDS)
        except OSError:
            return
        else:
            return
