"""The search's end of the process that fits for it.

It is started as a program of its own: whatever `multiprocessing` starts without a fork runs the
caller's main module a second time, which a script without a guard does not survive.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore._one_thread import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.connection import Connection
    from typing import Self

__all__ = ["Answer", "FittingProcess"]

_ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.5


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
        self._messages: Connection
        self._is_ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def start(self) -> None:
        """Start the process unless it runs, without waiting until it can fit."""
        if self._process is not None:
            return
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        self._is_ready = False
        self._messages, theirs = Pipe()
        with theirs:
            channel = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mlcore.automl.worker", str(self._folder), str(channel)],
                env=os.environ | ONE_THREAD | {"PYTHONPATH": path},
                pass_fds=[channel],
                stdin=subprocess.DEVNULL,
                # What libraries print is for nobody who reads the search's output.
                stdout=sys.__stderr__,
            )

    def make_ready(self, until: float) -> Answer:
        """Wait until the process has imported what it needs, a second or two.

        Parameters
        ----------
        until
            When to end it, as `time.monotonic` tells it [s].
        """
        self.start()
        if self._is_ready:
            return Answer()
        said = self._receive(until)
        self._is_ready = said is None
        return said if isinstance(said, Answer) else Answer()

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
        (answer,) = self.fit_all(number, model_type, values, [fold], until)
        return answer

    def fit_all(
        self,
        number: int,
        model_type: str,
        values: Mapping[str, Any],
        folds: Sequence[int | None],
        until: float,
        *,
        processes: int = 1,
        dask: str | None = None,
    ) -> list[Answer]:
        """Fit a trial's model without each of some folds, or on all rows.

        Parameters
        ----------
        number, model_type, values
            As in `fit`.
        folds
            What to hold out in turn.
        until
            When to end the fits, as `time.monotonic` tells it [s].
        processes
            In how many processes.
        dask
            As in `mlcore.parallel.Cores`.
        """
        ready = self.make_ready(until)
        if ready != Answer():
            return [ready] * len(folds)
        command = {
            "number": number,
            "model_type": model_type,
            "values": values,
            "folds": list(folds),
            "processes": processes,
            "dask": dask,
        }
        try:
            self._messages.send(command)
        except (BrokenPipeError, ConnectionResetError):
            return [self._crash()] * len(folds)
        said = self._receive(until)
        return [said] * len(folds) if isinstance(said, Answer) else [Answer(failed=f) for f in said]

    def _receive(self, until: float) -> Any:
        """Return what the process says next, or as an answer why it does not."""
        while (left := until - time.monotonic()) > 0:
            try:
                if self._messages.poll(min(left, _LOOK_SECONDS)):
                    return self._messages.recv()
            except (EOFError, ConnectionResetError):
                return self._crash()
            self._waiting()
        self.end()
        return Answer(late=True)

    def end(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._messages.close()
            process.wait()

    def _crash(self) -> Answer:
        self.end()
        return Answer(
            failed="The process that fitted it ended before it was done;"
            " most often memory has run out.",
            crashed=True,
        )
