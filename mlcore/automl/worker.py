"""The process that fits for a search, so that a fit can be ended at any moment.

Started as ``python -m mlcore.automl.worker FOLDER DESCRIPTOR``, the latter of a connection. It says
when it is ready; then it answers each command by why each of its fits failed, None where one did
not. It is started as a program and not forked: nobody knows which threads the search's caller has.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import traceback
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.automl.exchange import Order, write_model, write_outputs
from mlcore.errors import MlcoreError
from mlcore.models.classifier import Classifier, fit_classifier
from mlcore.models.model_types import MODELS
from mlcore.models.outputs import class_outputs
from mlcore.parallel import run_in_processes
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.progress import ProgressCallback

FAILED = "The fit failed."
__all__ = ["answer", "answers", "main"]


def answers(
    command: Mapping[str, Any], order: Order, matrix: NDArray[np.float64], folder: Path
) -> list[str | None]:
    """Fit what `command` asks for and leave it in `folder`; return why each fit failed, if it did.

    Parameters
    ----------
    command
        ``number`` of the trial, ``model_type``, ``values``, the ``folds`` to hold out in turn, None
        to fit on all rows, in how many ``processes``, and which ``dask`` cluster there is.
    """
    folds, steps = command["folds"], ["fit"] * len(command["folds"])
    if command["dask"] is None:
        calls = [partial(answer, command, fold, order, matrix, folder) for fold in folds]
        return run_in_processes(calls, steps, processes=command["processes"])
    fitted = run_in_processes(
        [partial(_fitted, command, fold, order, matrix) for fold in folds],
        steps,
        processes=command["processes"],
        dask=command["dask"],
    )
    # Another machine does not see the folder.
    return [_written(command, fold, each, folder) for fold, each in zip(folds, fitted, strict=True)]


def answer(
    command: Mapping[str, Any],
    fold: int | None,
    order: Order,
    matrix: NDArray[np.float64],
    folder: Path,
    _progress: ProgressCallback = silent,
) -> str | None:
    """Fit a trial's model without a fold, or on all rows; return why it failed, if it did."""
    return _written(command, fold, _fitted(command, fold, order, matrix, _progress), folder)


def _fitted(
    command: Mapping[str, Any],
    fold: int | None,
    order: Order,
    matrix: NDArray[np.float64],
    progress: ProgressCallback,
) -> Classifier | NDArray[np.float64] | str:
    """Return a trial's model on all rows or its outputs for a fold, or why it failed."""
    kind = MODELS[command["model_type"]]
    trained = np.ones(len(matrix), dtype=bool) if fold is None else order.fold != fold
    names = [column.name for column in order.columns]
    try:
        values, _ = kind.read_hyperparameters(command["values"])
        classifier = fit_classifier(
            kind,
            values,
            order.rows(pd.DataFrame(matrix[trained], columns=names), trained),
            seed=order.seed,
            task=order.task,
            progress=progress,
        )
        if fold is None:
            return classifier
        out_of_fold = classifier.prepare(pd.DataFrame(matrix[~trained], columns=names))
        outputs = class_outputs(classifier, out_of_fold)
    except MlcoreError as refusal:
        return str(refusal)
    except Exception:  # noqa: BLE001 - whatever a library raises ends this trial and no other
        traceback.print_exc()
        return FAILED
    if not np.isfinite(outputs).all():
        return "The fit led to outputs that are no finite numbers."
    return outputs


def _written(
    command: Mapping[str, Any],
    fold: int | None,
    fitted: Classifier | NDArray[np.float64] | str,
    folder: Path,
) -> str | None:
    """Write what `_fitted` returned; return why it failed, if it did."""
    if isinstance(fitted, str):
        return fitted
    if isinstance(fitted, Classifier):
        write_model(folder, command["number"], fitted)
    else:
        write_outputs(folder, command["number"], int(fold or 0), fitted)
    return None


def main(folder: Path, messages: Connection) -> None:
    """Answer commands until the search has closed its end."""
    commands: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()

    def listen() -> None:
        with suppress(EOFError, OSError):
            while True:
                commands.put(messages.recv())
        # The search is over or dead, and a fit that still runs is of no use to anybody.
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    order, matrix = Order.read(folder)
    # Whoever sends may learn of the end before whoever listens does.
    with suppress(BrokenPipeError):
        # It is ready.
        messages.send(None)
        while True:
            messages.send(answers(commands.get(), order, matrix, folder))


if __name__ == "__main__":
    # Ctrl-C is for the search, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(Path(sys.argv[1]), Connection(int(sys.argv[2])))
