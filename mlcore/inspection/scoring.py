"""What a model loses when something is taken from it, in three figures of merit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import CLASSES
from mlcore.metrics.ranking import rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Figures", "decided_rows", "figures_of", "figures_under"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How well probabilities agree with true labels; of a change, the difference of each."""

    accuracy: float
    macro_f1: float
    """Mean F1 over the classes that occur as true labels."""
    roc_auc: float
    """With more than two classes the mean of each class against the others (NaN with one)."""

    def less(self, other: Figures) -> Figures:
        """Return these figures less the other ones."""
        mine, theirs = asdict(self), asdict(other)
        return Figures(**{name: mine[name] - theirs[name] for name in mine})

    def as_array(self) -> NDArray[np.float64]:
        """Return the figures in the order of their declaration, shape ``(3,)``."""
        return np.array([self.accuracy, self.macro_f1, self.roc_auc])

    @classmethod
    def from_array(cls, values: NDArray[np.float64]) -> Figures:
        """Return the figures that `as_array` returned."""
        return cls(accuracy=float(values[0]), macro_f1=float(values[1]), roc_auc=float(values[2]))


def decided_rows(
    labels: Sequence[str | None], classes: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that figures can be about and their true classes.

    Parameters
    ----------
    labels
        `Disposition` of each row, missing where there is none.
    classes
        The dispositions that a model tells apart: for a model of planets against false positives
        a candidate is no wrong answer but an open question.

    Returns
    -------
    rows : ndarray, shape ``(m,)``
        Positions of the rows with one of these labels.
    target : ndarray, shape ``(m,)``
        Their labels as positions in `CLASSES`.
    """
    places = {str(each): CLASSES.index(each) for each in CLASSES if each in set(classes)}
    found = np.array([places.get(str(label), -1) for label in labels], dtype=np.int64)
    rows = np.flatnonzero(found >= 0)
    return rows, found[rows]


def figures_of(probabilities: NDArray[np.float64], target: NDArray[np.int64]) -> Figures:
    """Return the figures of merit of probabilities.

    Parameters
    ----------
    probabilities
        Shape ``(n, 3)``, in the order of `CLASSES`.
    target
        True class of each row as a position in `CLASSES`, shape ``(n,)``, at least one row.
    """
    return Figures.from_array(figures_under(probabilities, target, np.ones((1, len(target))))[0])


def figures_under(
    probabilities: NDArray[np.float64], target: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the figures under each weighting of the rows, of shape ``(b, n)``.

    Returns
    -------
    ndarray, shape ``(b, 3)``
        In the order of `Figures`; NaN where not defined.
    """
    count = len(CLASSES)
    cells = np.eye(count**2)[target * count + probabilities.argmax(axis=1)]
    confusion = (weights @ cells).reshape(-1, count, count)
    right = np.diagonal(confusion, axis1=1, axis2=2)
    true, stated = confusion.sum(axis=2), confusion.sum(axis=1)
    f1 = np.where(true > 0, 2 * right / np.maximum(true + stated, 1e-300), np.nan)
    present = np.unique(target)
    # With two classes both areas are the same up to ties of rounding.
    ranked = present[-1:] if len(present) == 2 else present
    areas = [
        rank(probabilities[:, each], target == each).under(weights).roc_auc() for each in ranked
    ]
    # These three alone: `mlcore.metrics` measures more, and it is asked for once a quantity.
    return np.column_stack(
        [
            right.sum(axis=1) / weights.sum(axis=1),
            f1[:, present].mean(axis=1),
            np.mean(areas, axis=0),
        ]
    )
