"""What a model loses when something is taken from it, in three figures of merit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from mlcore.models.classifier import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Figures", "decided_rows", "figures_of"]


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

    Notes
    -----
    The area under the ROC curve is the Mann–Whitney statistic of the ranks (Hanley and McNeil
    1982, "The meaning and use of the area under a receiver operating characteristic curve").
    """
    count = len(CLASSES)
    found = probabilities.argmax(axis=1)
    confusion = np.bincount(target * count + found, minlength=count**2).reshape(count, count)
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    present = np.flatnonzero(support)
    right = np.diag(confusion)[present]
    f1 = 2 * right / (support[present] + predicted[present])
    areas = [_area(probabilities[:, each], target == each) for each in present]
    return Figures(
        accuracy=float(right.sum() / len(target)),
        macro_f1=float(f1.mean()),
        # With two classes both areas are the same up to ties of rounding.
        roc_auc=areas[-1] if len(areas) == 2 else float(np.mean(areas)),
    )


def _area(score: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    many = int(positive.sum())
    few = len(positive) - many
    if not many or not few:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[positive].sum() - many * (many + 1) / 2) / (many * few))
