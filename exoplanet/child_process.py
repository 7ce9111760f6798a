"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded here and not in the child: between fork and exec a child may not take locks.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """The user that a child process runs as."""

    uid: int
    gid: int


def start(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    env: Mapping[str, str],
    cwd: Path,
    output: IO[bytes] | int | None = None,
    identity: Identity | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own.

    A session of its own keeps the terminal's Ctrl-C away from it: its parent decides when it
    stops. On Linux the kernel sends it `death_signal` when its parent is gone, however that died.
    Its environment is `env` and nothing else; its output and its user are the parent's where none
    is given.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
        # It takes no lock, and runs after Popen has changed the user, which would have cleared the
        # death signal again.
        preexec_fn=functools.partial(_die_with, os.getpid(), death_signal),  # noqa: PLW1509
        user=identity.uid if identity else None,
        group=identity.gid if identity else None,
        extra_groups=[] if identity else None,
    )


def let_forks_die_with_parent() -> None:
    """Have the kernel kill every later fork of this process, and theirs, when its parent dies.

    Linux alone can. It is for processes that fork from their main thread: the kernel takes the end
    of the thread that forked for the end of the parent.
    """
    parents: list[int] = []

    def note_parent() -> None:
        parents[:] = [os.getpid()]

    os.register_at_fork(
        before=note_parent, after_in_child=lambda: _die_with(parents[0], signal.SIGKILL)
    )


def _die_with(parent: int, death_signal: signal.Signals) -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
