"""Predictions for every row of a table, each with its explanation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.errors import DataError
from mlcore.explanation import explain_rows, reasons
from mlcore.models.classifier import CLASSES
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column, Disposition
    from mlcore.datasets.table import Table
    from mlcore.explanation import Explanation
    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

__all__ = ["Predictions", "actual_labels", "predict_rows", "prediction_rows"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions:
    """Predictions for a table's rows, column by column."""

    names: list[str]
    hosts: list[str]
    labels: list[str]
    actual: list[str | None]
    probabilities: NDArray[np.float64]
    """Shape ``(n, 3)``, in the order of `CLASSES`."""
    temperatures: NDArray[np.float64]
    values: NDArray[np.float64]
    """Shape ``(n, p)``."""
    explanation: Explanation
    reasons: list[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.names)

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row for each object: names, labels and probabilities."""
        frame = pd.DataFrame({"name": self.names, "host": self.hosts, "prediction": self.labels})
        if any(self.actual):
            frame["actual"] = self.actual
        for position, each in enumerate(CLASSES):
            frame[f"p_{each}"] = self.probabilities[:, position]
        frame["reasons"] = ["; ".join(sentences) for sentences in self.reasons]
        return frame

    def write(self, path: Path) -> None:
        """Write everything to a Parquet file that `prediction_rows` reads."""
        table = pa.table(
            {
                "name": self.names,
                "host": self.hosts,
                "label": self.labels,
                "actual": pa.array(self.actual, pa.string()),
                "probabilities": _lists(self.probabilities),
                "temperature": pa.array(self.temperatures, pa.float64(), from_pandas=True),
                "values": _lists(self.values),
                "contributions": _lists(self.explanation.contributions),
                "base": self.explanation.base,
                "output": self.explanation.output,
                "reasons": pa.array([list(each) for each in self.reasons], pa.list_(pa.string())),
            }
        )
        pq.write_table(table, path, compression="zstd")


def prediction_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file that `Predictions.write` wrote, each with the fields below.

    number : int
        Position in the table, from 1.
    name, host : str
    label : str
        The most probable `Disposition`.
    actual : str or None
    probabilities : list of float
        In the order of `CLASSES`.
    temperature : float or None
        Effective temperature of the host star [K].
    values : list of float or None
        Of the model's columns, in their declared units.
    contributions : list of float
        Of the same columns to the explained output.
    base, output : float
        The explained output for the training median and for this object: `base` plus all
        contributions.
    reasons : list of str
    """
    for number, row in enumerate(pq.read_table(path).to_pylist(), start=1):
        yield {"number": number, **row}


def predict_rows(
    classifier: Classifier,
    table: Table,
    columns: tuple[Column, ...],
    *,
    progress: ProgressCallback = silent,
) -> Predictions:
    """Predict and explain every row of a table.

    Parameters
    ----------
    classifier
        The fitted model.
    table
        Rows of the mission that the model was trained on.
    columns
        Declarations of the classifier's columns, in its order.
    progress
        Called with the fraction of the explanations that are done.

    Returns
    -------
    Predictions
        The label of a row is always the class with the highest probability; of equal ones the
        first in canonical order.

    Raises
    ------
    DataError
        When the table has no rows.
    """
    if not len(table):
        raise DataError("The table has no row to predict.")
    features = table.features.loc[:, list(classifier.columns)]
    probabilities = classifier.predict_proba(features)
    best = probabilities.argmax(axis=1)
    labels: list[Disposition] = [CLASSES[each] for each in best]
    explained = np.array([classifier.classes.index(each) for each in labels], dtype=np.int64)
    explanation = explain_rows(classifier, features, explained, progress=progress)
    values = features.to_numpy(dtype=np.float64)
    return Predictions(
        names=list(table.names),
        hosts=list(table.hosts),
        labels=[str(each) for each in labels],
        actual=actual_labels(table),
        probabilities=probabilities,
        temperatures=np.asarray(table.temperatures, dtype=np.float64),
        values=values,
        explanation=explanation,
        reasons=[
            reasons(columns, values[i], explanation.contributions[i], labels[i])
            for i in range(len(labels))
        ],
    )


def actual_labels(table: Table) -> list[str | None]:
    """Return the true `Disposition` of each row, None where it is not known."""
    if table.labels is None:
        return [None] * len(table.frame)
    return [None if pd.isna(each) else str(each) for each in table.labels]


def _lists(matrix: NDArray[np.float64]) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(matrix).ravel(), pa.float64(), from_pandas=True)
    offsets = np.arange(0, matrix.size + 1, matrix.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(offsets, flat)
