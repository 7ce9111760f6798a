"""The host's end of a server: starting it, talking to it, making sure that it is gone."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore._one_thread import ONE_THREAD
from sessions_app.isolation.protocol import CHUNK, STOP, Lines, send_job

if TYPE_CHECKING:
    from collections.abc import Callable

_PROJECT_ROOT = Path(__file__).resolve().parents[2]

_ENVIRONMENT = {
    **ONE_THREAD,
    "PYTHONHASHSEED": "0",
    # pyarrow's allocator would start a thread at import, and a server that forks has only one.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}

_FAREWELL_SECONDS = 0.1
_STOPPING_SECONDS = 0.5
"""How long a server may take to kill its job before it is killed with it [s]."""


class ServerProcess:
    """A server that this process started, and the socket to it."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        self.owner = os.getpid()
        self.is_ready = False
        self._has_job = False
        self.control, theirs = socket.socketpair()
        self._lines = Lines()
        # Closed too when the start itself fails.
        with theirs, contextlib.ExitStack() as on_failure:
            on_failure.callback(self.control.close)
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "sessions_app.isolation.server"),
                    *(str(theirs.fileno()), str(self.owner), *modules),
                ],
                cwd=_PROJECT_ROOT,
                env=os.environ | _ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            on_failure.pop_all()
        self.pid = self._process.pid
        """Its process id, and its process group's."""

    @property
    def is_ours_and_alive(self) -> bool:
        """False too in a process that inherited this object over a fork."""
        return self.owner == os.getpid() and self._process.poll() is None

    def send(self, job: bytes, *, events: int, stderr: int, requests: int | None) -> None:
        """Hand over a job; a server that is gone shows at the next `receive`."""
        self._has_job = True
        with contextlib.suppress(ConnectionError):
            send_job(self.control, job, events=events, stderr=stderr, requests=requests)

    def receive(self) -> list[dict[str, Any]] | None:
        """Wait for what the server says next; None when it is gone."""
        try:
            chunk = self.control.recv(CHUNK)
        except ConnectionError:
            return None
        messages = self._lines.feed(chunk)
        if any(message["kind"] == "exited" for message in messages):
            self._has_job = False
        return messages if chunk else None

    def last_words(self) -> dict[str, Any] | None:
        """Have the server end its job and itself; its report on the job, if that comes soon.

        The server reaps the job, which `end` alone could not: a job whose server died first
        is a zombie in the hands of whatever runs as process 1.
        """
        return self._report(_FAREWELL_SECONDS, lambda: self.control.shutdown(socket.SHUT_WR))

    def stop_job(self) -> dict[str, Any] | None:
        """Have the server end its job and wait for another; its report, if that comes soon."""
        return self._report(_STOPPING_SECONDS, lambda: self.control.sendall(STOP))

    def _report(self, seconds: float, ask: Callable[[], None]) -> dict[str, Any] | None:
        if not self._has_job:
            return None
        self._has_job = False
        until = time.monotonic() + seconds
        with contextlib.suppress(OSError):
            ask()
        while select.select([self.control], [], [], max(0.0, until - time.monotonic()))[0]:
            if (messages := self.receive()) is None:
                break
            for message in messages:
                if message["kind"] == "exited":
                    return message
        return None

    def kill(self) -> None:
        """Kill the server and its job, without a word to either; from any thread."""
        # Before it is waited for, its process id cannot belong to anyone else.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> int | None:
        """Kill the server and its job; the server's exit status, None when not ours."""
        if self.owner != os.getpid():
            self.control.close()
            # The fork's other side still uses the server. Popen would warn about a child that
            # it never waited for, and this process can not wait for it.
            self._process.returncode = 0
            return None
        try:
            self.last_words()
        finally:
            self.control.close()
            self.kill()
        return self._process.wait()
