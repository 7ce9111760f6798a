"""What the trees of an ensemble sum to, in double precision.

xgboost sums its trees in single precision, in which the last digits depend on their order. What an
explanation has to add up to is the sum itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.inspection.shap.trees import TreeEnsemble

__all__ = ["sum_of_leaves"]

_ROWS_AT_ONCE = 250
"""Each row stands in all trees at the same time."""


def sum_of_leaves(ensemble: TreeEnsemble, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the leaves that each row reaches, shape ``(n,)``.

    Parameters
    ----------
    ensemble
        The trees.
    X
        Rows, shape ``(n, p)``; missing values allowed.
    """
    rows = ensemble.columns_as_compared(X)
    parts = [
        _leaves(ensemble, rows[begin : begin + _ROWS_AT_ONCE])
        for begin in range(0, len(rows), _ROWS_AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _leaves(ensemble: TreeEnsemble, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    node = np.tile(ensemble.roots, (len(rows), 1))
    place = np.arange(len(rows))[:, None]
    while (inner := ensemble.left[node] >= 0).any():
        value = rows[place, np.where(inner, ensemble.feature[node], 0)]
        with np.errstate(invalid="ignore"):
            goes_left = np.where(
                np.isnan(value), ensemble.missing_left[node], value <= ensemble.threshold[node]
            )
        following = np.where(goes_left, ensemble.left[node], ensemble.right[node])
        node = np.where(inner, following, node)
    sums: NDArray[np.float64] = ensemble.value[node].sum(axis=1)
    return sums
