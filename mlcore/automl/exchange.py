"""What a search and the process that fits for it hand to each other in a folder of their own.

Both ends are this package on one machine, and the folder is nobody else's, so pickles are safe
here as they would be between the processes of any pool.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.model_selection.labelled_rows import LabelledRows

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column
    from mlcore.models.classifier import Classifier
    from mlcore.tasks import Task

__all__ = ["Order", "read_model", "read_outputs", "write_model", "write_outputs"]

_ORDER = "order.pickle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """The rows that every trial is about."""

    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    hosts: tuple[str, ...]
    fold: NDArray[np.int64]
    task: Task
    seed: int

    def rows(self, features: pd.DataFrame, kept: NDArray[np.bool_]) -> LabelledRows:
        """Return the rows where a mask of shape ``(n,)`` is true, of which `features` are."""
        return LabelledRows(
            features=features,
            labels=pd.Series(np.asarray(self.labels, dtype=object)[kept], dtype="str"),
            hosts=pd.Series(np.asarray(self.hosts, dtype=object)[kept], dtype="str"),
            columns=self.columns,
        )

    def write(self, folder: Path, matrix: NDArray[np.float64]) -> None:
        """Write the order and the matrix of its columns, shape ``(n, p)``."""
        (folder / _ORDER).write_bytes(pickle.dumps((self, matrix)))

    @classmethod
    def read(cls, folder: Path) -> tuple[Order, NDArray[np.float64]]:
        """Return what `write` wrote."""
        written: tuple[Order, NDArray[np.float64]] = pickle.loads(  # noqa: S301 - see above
            (folder / _ORDER).read_bytes()
        )
        return written


def write_outputs(folder: Path, number: int, fold: int, outputs: NDArray[np.float64]) -> None:
    """Write a trial's explained outputs for a held-out fold, shape ``(n_fold, k)``."""
    np.save(folder / f"outputs-{number}-{fold}.npy", outputs)


def read_outputs(folder: Path, number: int, fold: int) -> NDArray[np.float64]:
    """Return what `write_outputs` wrote."""
    return np.asarray(np.load(folder / f"outputs-{number}-{fold}.npy"))


def write_model(folder: Path, number: int, classifier: Classifier) -> None:
    """Write a trial's model that was fitted on all rows."""
    (folder / f"model-{number}.pickle").write_bytes(pickle.dumps(classifier))


def read_model(folder: Path, number: int) -> Classifier:
    """Return what `write_model` wrote."""
    written: Classifier = pickle.loads(  # noqa: S301 - see above
        (folder / f"model-{number}.pickle").read_bytes()
    )
    return written
