"""Shapley values from their definition: every coalition of columns, one baseline row."""

from __future__ import annotations

from itertools import product
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def shapley_values(
    output: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    X: NDArray[np.float64],
    baseline: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the Shapley values of ``output``, which maps rows (m, p) to numbers (m,)."""
    columns = X.shape[1]
    coalitions = np.array(list(product([False, True], repeat=columns)))
    place = {tuple(coalition): i for i, coalition in enumerate(coalitions)}
    contributions = np.zeros_like(X)
    for i, row in enumerate(X):
        worth = output(np.where(coalitions, row, baseline))
        for coalition in coalitions:
            size = int(coalition.sum())
            for column in np.flatnonzero(~coalition):
                joined = coalition.copy()
                joined[column] = True
                weight = factorial(size) * factorial(columns - size - 1) / factorial(columns)
                gain = worth[place[tuple(joined)]] - worth[place[tuple(coalition)]]
                contributions[i, column] += weight * gain
    return contributions
