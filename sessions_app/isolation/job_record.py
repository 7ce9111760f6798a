"""The host's notes on one job: what it has said so far, and the pipes on which it says it."""

from __future__ import annotations

import io
import logging
import os
import selectors
from typing import TYPE_CHECKING, Any

from sessions_app.isolation.protocol import CHUNK, Lines, OnEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessions_app.isolation.server_process import ServerProcess

_log = logging.getLogger(__name__)

_STDERR_KEPT_BYTES = 64 * 1024
_LONGEST_LINE_BYTES = 8 * 1024


class JobRecord:
    """What the job has said so far, and the pipes on which it says it."""

    def __init__(self, on_event: OnEvent, requests: int | None = None) -> None:
        self.was_sent = self.has_started = False
        self.verdict: dict[str, Any] = {}
        self.fault = ""
        self._on_event = on_event
        self._requests = requests
        self._lines = Lines()
        self._stderr_tail = self._unfinished_line = b""
        self._pipes: dict[io.FileIO, Callable[[bytes], None]] = {}

    def send(self, order: bytes, server: ServerProcess, selector: selectors.BaseSelector) -> None:
        """Hand the job to the server and listen for what it says."""
        self.close()
        (said, events), (printed, stderr) = os.pipe(), os.pipe()
        self._pipes = {
            io.FileIO(said): self._take_messages,
            io.FileIO(printed): self._take_output,
        }
        self.was_sent = True
        try:
            server.send(order, events=events, stderr=stderr, requests=self._requests)
        finally:
            os.close(events)
            os.close(stderr)
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ)

    def read(self, pipe: io.FileIO) -> bytes | None:
        """Take in what has come, and return it: None where nothing has, empty at the end."""
        chunk = pipe.read(CHUNK)
        if chunk is not None:
            self._pipes[pipe](chunk)
        return chunk

    def read_what_is_left(self) -> None:
        """Take in what the job said just before it ended."""
        for pipe in self._pipes:
            while self.read(pipe):
                pass

    def close(self) -> None:
        """Close the pipes; a job that still writes to them gets an error."""
        for pipe in self._pipes:
            pipe.close()
        self._pipes = {}

    def with_stderr(self, text: str) -> str:
        """Append the last of what the job printed."""
        tail = self._stderr_tail.decode(errors="replace")
        return f"{text.rstrip()}\n\nLast output of the job:\n{tail}" if tail else text

    def _take_messages(self, chunk: bytes) -> None:
        for message in self._lines.feed(chunk):
            if "event" in message:
                self._on_event(message["event"])
            else:
                self.verdict = message

    def _take_output(self, chunk: bytes) -> None:
        self._stderr_tail = (self._stderr_tail + chunk)[-_STDERR_KEPT_BYTES:]
        # Through the log, so that each line says which session's job printed it.
        *lines, rest = (self._unfinished_line + chunk).split(b"\n")
        if not chunk or len(rest) > _LONGEST_LINE_BYTES:
            lines, rest = [*lines, rest], b""
        self._unfinished_line = rest
        for line in lines:
            if line.strip():
                _log.info("the job printed: %s", line.decode(errors="replace").rstrip())
