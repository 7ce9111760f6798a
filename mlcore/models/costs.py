"""How long each model type takes on one core, roughly: from values, rows and columns."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "A_ROW",
    "boosting_seconds",
    "boosting_seconds_a_row",
    "forest_fit_seconds",
    "forest_seconds",
    "forest_seconds_a_row",
    "network_fit_seconds",
    "network_seconds",
    "network_seconds_a_row",
    "svm_seconds",
    "svm_seconds_a_row",
]

_GIGABYTE_NODES = 4e6
"""Nodes of a forest that fill about a gigabyte with what is kept for each (measured)."""


def forest_fit_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    """Return the seconds of fitting a forest."""
    return float(values["n_estimators"] * (6e-7 * rows * columns**0.5 + 0.005))


def forest_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    """Return the seconds of a forest, whose nodes must fit into a job's memory."""
    nodes = values["n_estimators"] * 2.0 * rows / values["min_samples_leaf"]
    # Beyond what a job's memory holds no patience helps.
    memory = 1.0 if nodes < 2 * _GIGABYTE_NODES else (nodes / _GIGABYTE_NODES) ** 2
    return float(forest_fit_seconds(values, rows, columns) * memory)


def boosting_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    """Return the seconds of boosted trees, limited in depth or in leaves."""
    depth = min(values.get("max_depth") or 8, 16)
    rounds = values.get("n_estimators") or values.get("max_iter") or 0
    leaves = values.get("max_leaf_nodes")
    tree = 8e-6 * columns * leaves if leaves else 2e-4 * 1.5**depth
    return float(rounds * (1.2e-8 * rows * columns * depth + tree))


def svm_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    """Return the seconds of a support vector machine."""
    hardness = 1 + values["C"] ** 0.5 * (4 if values["kernel"] == "linear" else 1)
    return float(2e-9 * rows**2 * columns * hardness)


def _weights(values: Mapping[str, Any], columns: int) -> int:
    widths = (columns, *values["hidden_layer_sizes"], 3)
    return sum(a * b for a, b in pairwise(widths))


def network_fit_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    """Return the seconds of fitting a neural network."""
    return float(values["max_iter"] * rows * (_weights(values, columns) * 4e-10 + 1e-6))


def network_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    """Return the seconds of a neural network, with its explanation."""
    explanation = rows * columns * _weights(values, columns) * 3e-9
    return float(network_fit_seconds(values, rows, columns) + explanation)


# Of a row, measured with 73 columns on the carried Kepler table: what is asked of every model, and
# what the explanation, the draws within the catalogue's errors and the permutations add to it.
A_ROW = 0.0015
"""Seconds that a row takes whatever the model is."""


def forest_seconds_a_row(values: Mapping[str, Any], _rows: int, _columns: int) -> float:
    """Return the seconds that a row takes a forest."""
    return float(A_ROW + 1.5e-5 * values["n_estimators"])


def boosting_seconds_a_row(values: Mapping[str, Any], _rows: int, _columns: int) -> float:
    """Return the seconds that a row takes boosted trees."""
    rounds, of_scikit_learn = values.get("n_estimators", 0), values.get("max_iter", 0)
    return float(A_ROW + 6e-6 * rounds + 1.5e-5 * of_scikit_learn)


def svm_seconds_a_row(_values: Mapping[str, Any], rows: int, columns: int) -> float:
    """Return the seconds that a row takes a support vector machine."""
    return float(A_ROW + 3.5e-9 * rows * columns)


def network_seconds_a_row(values: Mapping[str, Any], _rows: int, columns: int) -> float:
    """Return the seconds that a row takes a neural network."""
    # It is asked ten times a column for the explanation, and for draws and permutations.
    return float(A_ROW + (10 * columns + 140) * _weights(values, columns) * 6e-11)
