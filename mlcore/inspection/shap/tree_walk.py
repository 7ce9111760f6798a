"""Walks through the trees of an ensemble, compiled: from rows to Shapley values or to leaves.

With their types given the functions are compiled, or read, where the module is loaded: once for all
the jobs that are forked afterwards. Trees are the outer loop and rows the inner one, so that a
tree's nodes stay in the processor's cache while all rows pass through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["leaves_of_rows", "shapley_of_rows"]

_NODES = "int64[::1], int32[::1], float64[::1], int32[::1], int32[::1], boolean[::1], float64[::1]"
"""Types of an ensemble's roots, columns, thresholds, left and right children, sides of what is
missing, and values."""


@njit("boolean(float64, float64, boolean)", cache=True, inline="always")
def _goes_left(x: float, threshold: float, missing_left: bool) -> bool:  # pragma: no cover  # noqa: FBT001
    if np.isnan(x):
        return missing_left
    return x <= threshold


@njit(
    f"float64[:, ::1](float64[:, ::1], float64[::1], {_NODES}, float64[:, ::1], float64[:, ::1])",
    cache=True,
)
def shapley_of_rows(  # noqa: PLR0913 - one walk, in arrays  # pragma: no cover
    rows: NDArray[np.float64],
    base: NDArray[np.float64],
    roots: NDArray[np.int64],
    feature: NDArray[np.int32],
    threshold: NDArray[np.float64],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    missing_left: NDArray[np.bool_],
    value: NDArray[np.float64],
    gain: NDArray[np.float64],
    loss: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the Shapley values of each row, shape ``(n, p)``.

    A fork is a node at which the row and the baseline part, by a column that is not yet decided on
    the way to it. Behind it the column is the row's on one side and the baseline's on the other,
    and what the leaves behind either side weigh is handed up as two sums, so that a column is
    credited once a fork and not once a leaf.
    """
    count, columns = rows.shape
    contributions = np.zeros((count, columns))
    base_left = np.empty(len(feature), dtype=np.bool_)
    for node in range(len(feature)):
        base_left[node] = left[node] >= 0 and _goes_left(
            base[feature[node]], threshold[node], missing_left[node]
        )
    side = np.zeros(columns, dtype=np.int8)  # 0 undecided, 1 the row's, 2 the baseline's
    # Of each fork on the way: its column, where the baseline goes, and the row's side's two sums.
    column = np.empty(columns + 1, dtype=np.int64)
    elsewhere = np.empty(columns + 1, dtype=np.int64)
    gained = np.empty(columns + 1)
    lost = np.empty(columns + 1)
    for tree in range(len(roots)):
        for i in range(count):
            node = roots[tree]
            forks, own = 0, 0
            while True:
                while left[node] >= 0:
                    f = feature[node]
                    decided = side[f]
                    if decided == 2:
                        node = left[node] if base_left[node] else right[node]
                        continue
                    goes_left = _goes_left(rows[i, f], threshold[node], missing_left[node])
                    if decided == 0 and goes_left != base_left[node]:
                        column[forks] = f
                        elsewhere[forks] = left[node] if base_left[node] else right[node]
                        side[f] = 1
                        forks += 1
                        own += 1
                    node = left[node] if goes_left else right[node]
                up = value[node] * gain[own, forks - own]
                down = value[node] * loss[own, forks - own]
                # Back to the last fork of which only the row's side was walked.
                while forks > 0 and side[column[forks - 1]] == 2:
                    forks -= 1
                    f = column[forks]
                    contributions[i, f] += down
                    up += gained[forks]
                    down += lost[forks]
                    side[f] = 0
                if forks == 0:
                    break
                f = column[forks - 1]
                contributions[i, f] += up
                gained[forks - 1] = up
                lost[forks - 1] = down
                side[f] = 2
                own -= 1
                node = elsewhere[forks - 1]
    return contributions


@njit(f"float64[:, ::1](float64[:, ::1], {_NODES})", cache=True)
def leaves_of_rows(
    rows: NDArray[np.float64],
    roots: NDArray[np.int64],
    feature: NDArray[np.int32],
    threshold: NDArray[np.float64],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    missing_left: NDArray[np.bool_],
    value: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the value of the leaf that each row reaches in each tree, shape ``(n, trees)``."""
    values = np.empty((len(rows), len(roots)))
    for tree in range(len(roots)):
        for i in range(len(rows)):
            node = roots[tree]
            while left[node] >= 0:
                goes_left = _goes_left(rows[i, feature[node]], threshold[node], missing_left[node])
                node = left[node] if goes_left else right[node]
            values[i, tree] = value[node]
    return values
