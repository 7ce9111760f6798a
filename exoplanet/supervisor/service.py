"""One long-running child process: started, watched, restarted, stopped with all that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from exoplanet import child_process

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_LONG_LIFE = 20.0
"""Who lived this long [s] and dies has not failed to start: the pause is short again."""


@dataclass(kw_only=True, slots=True)
class Service:
    """A child process that should run for as long as the project does."""

    name: str
    """What it is called in what the operator reads."""
    command: list[str]
    env: Mapping[str, str]
    cwd: Path
    output: Callable[[str], int] | None = None
    """Returns a descriptor for what it prints, given its name; None: it prints where we do."""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _pause: float = field(default=_FIRST_PAUSE, init=False)
    _restart_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it."""
        self._restart_at = None
        self._started = time.monotonic()
        output = None if self.output is None else self.output(self.name)
        try:
            self.process = child_process.start(
                self.command, death_signal=signal.SIGTERM, env=self.env, cwd=self.cwd, output=output
            )
        finally:
            if output is not None:
                os.close(output)

    def wait(self) -> int:
        """Wait until it ends by itself and return its exit status."""
        return self.process.wait() if self.process is not None else 0

    @property
    def ended(self) -> int | None:
        """The exit status of the process, or None while it runs."""
        return self.process.poll() if self.process is not None else None

    def watch(self, report: Callable[[str], None]) -> bool:
        """Start it again some time after it died; the pause doubles with every early death.

        Returns whether it has been running since the last time.
        """
        now = time.monotonic()
        if self._restart_at is not None:
            if now >= self._restart_at:
                self.start()
            return False
        status = self.ended
        if status is None or self.process is None:
            return self.process is not None
        # What a main process leaves behind would go on working beside its successor.
        _kill(_session(self.process.pid))
        if now - self._started > _LONG_LIFE:
            self._pause = _FIRST_PAUSE
        report(f"{self.name} {how_it_ended(status)} and is started again in {self._pause:.0f} s.")
        self._restart_at = now + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        return False

    def restart(self) -> None:
        """Kill it with all that it started, and start it again at once."""
        if self.process is not None:
            _kill(self.family())
            self.process.wait()
        self.start()

    def family(self) -> list[psutil.Process]:
        """Return its process and every one that this started."""
        if self.process is None:
            return []
        descendants: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            descendants = psutil.Process(self.process.pid).children(recursive=True)
        return [*descendants, *_session(self.process.pid)]

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the main process alone: the queue's hangs if its workers get it too."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait_and_kill(
        self, *, deadline: float, family: list[psutil.Process], hurry: Callable[[], bool]
    ) -> None:
        """Wait until a time of the monotonic clock [s], or for no longer in a hurry; kill the rest.

        The family is as it was before it was asked to stop: orphans cannot be found later.
        """
        if self.process is None:
            return
        while self.process.poll() is None and time.monotonic() < deadline and not hurry():
            time.sleep(0.02)
        _kill([*family, *self.family()])
        self.process.wait()
        self.process = None


def how_it_ended(status: int) -> str:
    """Return an exit status in words, as the end of a sentence."""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"


def _session(leader: int) -> list[psutil.Process]:
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(pid) == leader:
                members.append(psutil.Process(pid))
    return members


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + 5
    while any(_runs(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.01)


def _runs(process: psutil.Process) -> bool:
    # A zombie is gone: what is left of it waits for its parent, whoever that is by now.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
