"""The search's end of the process that fits for it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.automl.exchange import READY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

__all__ = ["Answer", "FittingProcess"]

_ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.5
_CHUNK = 65536

_ENVIRONMENT = {
    # The number of threads changes the order of additions and so the last bits.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came of a fit."""

    failed: str | None = None
    """Why it failed, as a sentence."""
    late: bool = False
    """Whether it was ended because its time was over."""
    crashed: bool = False
    """Whether it took its process with it."""


class FittingProcess:
    """Fits one model at a time in a process of its own; leaving the context ends it.

    Parameters
    ----------
    folder
        Where the order lies and where the results go; see `mlcore.automl.exchange`.
    waiting
        Called twice a second while a fit runs.
    """

    def __init__(self, folder: Path, waiting: Callable[[], None]) -> None:
        self._folder = folder
        self._waiting = waiting
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def start(self) -> None:
        """Start the process unless it runs, without waiting until it can fit."""
        if self._process is not None:
            return
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        self._is_ready = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mlcore.automl.worker", str(self._folder)],
            env=os.environ | _ENVIRONMENT | {"PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def make_ready(self, until: float) -> Answer:
        """Wait until the process has imported what it needs, a second or two.

        Parameters
        ----------
        until
            When to end it, as `time.monotonic` tells it [s].
        """
        self.start()
        if not self._is_ready:
            line = self._line(until)
            if isinstance(line, Answer):
                return line
            self._is_ready = line.strip() == READY.encode()
        return Answer()

    def fit(
        self,
        number: int,
        model_type: str,
        values: Mapping[str, Any],
        fold: int | None,
        until: float,
    ) -> Answer:
        """Fit a trial's model on all rows but those of a fold, or on all rows.

        Parameters
        ----------
        number
            The trial's number.
        model_type, values
            What to fit.
        fold
            What to hold out, None for nothing.
        until
            When to end the fit, as `time.monotonic` tells it [s].
        """
        ready = self.make_ready(until)
        if ready != Answer():
            return ready
        command = {"number": number, "model_type": model_type, "values": values, "fold": fold}
        assert self._process is not None  # noqa: S101 - it is ready
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        try:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return self._crash()
        line = self._line(until)
        return line if isinstance(line, Answer) else Answer(failed=json.loads(line)["failed"])

    def _line(self, until: float) -> bytes | Answer:
        """Return what the process says next, or why it does not."""
        assert self._process is not None  # noqa: S101 - only called while it runs
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        heard = self._process.stdout
        line = b""
        while not line.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0:
                self.end()
                return Answer(late=True)
            if not select.select([heard], [], [], min(left, _LOOK_SECONDS))[0]:
                self._waiting()
                continue
            chunk = os.read(heard.fileno(), _CHUNK)
            if not chunk:
                return self._crash()
            line += chunk
        return line

    def end(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        # It may have ended while a command was on its way.
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        process.wait()

    def _crash(self) -> Answer:
        self.end()
        return Answer(
            failed="The process that fitted it ended before it was done;"
            " most often memory has run out.",
            crashed=True,
        )
