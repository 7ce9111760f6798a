"""What the parts say, as the log says everything: one JSON object a line, whoever wrote it.

The project's own processes write such objects themselves. What their libraries, the web server and
Postgres print beside them is wrapped on its way through the supervisor.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LOOK_SECONDS = 0.5
_PATIENCE_SECONDS = 2.0


class Relay:
    """Passes on what others print, each in a thread of its own."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def pipe(self, name: str) -> int:
        """Return a descriptor for what a process prints, for the caller to hand over and close."""
        reading, writing = os.pipe()
        self._pass_on(name, _lines_of_pipe(reading))
        return writing

    def follow(self, name: str, file: Path, *, ended: Callable[[], bool]) -> None:
        """Pass on what a process writes to a file, until it has ended."""
        self._pass_on(name, _lines_of_file(file, ended))

    def finish(self) -> None:
        """Wait for what was printed just before the end."""
        for thread in self._threads:
            thread.join(_PATIENCE_SECONDS)

    def _pass_on(self, name: str, lines: Iterator[str]) -> None:
        thread = threading.Thread(target=_pass_on, args=(name, lines), name="relay", daemon=True)
        thread.start()
        self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]


def _pass_on(name: str, lines: Iterator[str]) -> None:
    for line in lines:
        try:
            is_object = isinstance(json.loads(line), dict)
        except ValueError:
            is_object = False
        if is_object:
            sys.stderr.write(f"{line.rstrip()}\n")
        elif line.strip():
            logging.getLogger(name).info("%s", line.rstrip("\n"))


def _lines_of_pipe(descriptor: int) -> Iterator[str]:
    with open(descriptor, encoding="utf-8", errors="replace") as pipe:
        yield from pipe


def _lines_of_file(file: Path, ended: Callable[[], bool]) -> Iterator[str]:
    rest = ""
    with file.open(encoding="utf-8", errors="replace") as log:
        while True:
            # Asked before the last look, so that nothing is missed.
            is_over = ended()
            *lines, rest = (rest + log.read()).split("\n")
            yield from lines
            if is_over:
                break
            time.sleep(_LOOK_SECONDS)
    if rest:
        yield rest
