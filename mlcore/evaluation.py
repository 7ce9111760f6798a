"""Figures of merit on exactly the rows that are returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
)

from mlcore.models.classifier import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.spec import Disposition

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """How predictions compare with the true labels of the same rows."""

    rows: int
    """Number of rows that have a true label: the rows that every figure here is about."""
    split: str
    """Which rows they are, in words."""
    accuracy: float
    precision: float
    """Mean over the classes that occur as true labels; so are recall and F1."""
    recall: float
    f1: float
    per_class: dict[Disposition, dict[str, float]]
    """Precision, recall, F1 and number of rows of each class that occurs."""
    confusion: list[list[int]]
    """Rows: true class, columns: predicted class, both in the order of `CLASSES`."""

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            "rows": self.rows,
            "split": self.split,
            "average": "macro",
            "accuracy": self.accuracy,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "per_class": {str(name): figures for name, figures in self.per_class.items()},
            "confusion_matrix": self.confusion,
            "classes": [str(each) for each in CLASSES],
        }


def evaluate(
    actual: Sequence[str | None], predicted: Sequence[str], *, split: str
) -> Evaluation | None:
    """Compare predictions with true labels.

    Parameters
    ----------
    actual
        True `Disposition` of each row, or None where it is not known.
    predicted
        Predicted `Disposition` of each row.
    split
        Which rows these are, in words.

    Returns
    -------
    Evaluation or None
        None when no row has a true label.
    """
    known = [(true, found) for true, found in zip(actual, predicted, strict=True) if true]
    if not known:
        return None
    true, found = (np.array(side) for side in zip(*known, strict=True))
    present = [str(each) for each in CLASSES if each in set(true)]
    precision, recall, f1, support = precision_recall_fscore_support(
        true, found, labels=present, zero_division=0.0
    )
    return Evaluation(
        rows=len(known),
        split=split,
        accuracy=float(accuracy_score(true, found)),
        precision=float(precision.mean()),
        recall=float(recall.mean()),
        f1=float(f1.mean()),
        per_class={
            each: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "rows": int(support[i]),
            }
            for i, each in enumerate(each for each in CLASSES if str(each) in present)
        },
        confusion=confusion_matrix(true, found, labels=[str(each) for each in CLASSES]).tolist(),
    )
