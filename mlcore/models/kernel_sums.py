"""The scores of a fitted support vector machine as sums over its support vectors, by matrices.

libsvm evaluates the kernel of one row with one support vector at a time; for a table of rows the
same sums are a matrix product, one function of each element and another product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.svm import SVC

__all__ = ["kernel_width", "margin_weights", "pair_margins"]

_VALUES_AT_ONCE = 1 << 18
"""Kernel values that stand in memory at the same time: a processor's cache holds them."""


def kernel_width(svc: SVC) -> float:
    """Return the kernel's factor of a fitted machine; "scale" and "auto" are resolved in the fit.

    Parameters
    ----------
    svc
        A fitted support vector machine.
    """
    # The resolved width has no public name.
    return float(svc._gamma)  # noqa: SLF001


def margin_weights(svc: SVC) -> NDArray[np.float64]:
    """Return the weight of each support vector's kernel in each pair's margin, ``(pairs, v)``.

    scikit-learn stores for each support vector its coefficient against each other class; a pair's
    margin takes them from the vectors of both its classes.

    Parameters
    ----------
    svc
        A fitted support vector machine.
    """
    counts = svc.n_support_
    owner = np.repeat(np.arange(len(counts)), counts)
    classes = len(counts)
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    weights = np.zeros((len(pairs), len(owner)))
    for row, (first, second) in enumerate(pairs):
        weights[row, owner == first] = svc.dual_coef_[second - 1, owner == first]
        weights[row, owner == second] = svc.dual_coef_[first, owner == second]
    return weights


def pair_margins(svc: SVC, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the margin of each pair of classes, shape ``(n, pairs)``.

    Parameters
    ----------
    svc
        A fitted support vector machine.
    X
        Rows, shape ``(n, p)``, without missing values.

    Returns
    -------
    ndarray, shape ``(n, pairs)``
        What one-against-one `SVC.decision_function` returns, up to rounding.
    """
    weights = margin_weights(svc)
    margins = np.empty((len(X), len(weights)))
    rows_at_once = max(1, _VALUES_AT_ONCE // max(1, weights.shape[1]))
    for begin in range(0, len(X), rows_at_once):
        rows = X[begin : begin + rows_at_once]
        margins[begin : begin + len(rows)] = _kernel(svc, rows) @ weights.T
    return np.asarray(margins + svc.intercept_)


def _kernel(svc: SVC, X: NDArray[np.float64]) -> NDArray[np.float64]:
    vectors: NDArray[np.float64] = svc.support_vectors_
    values: NDArray[np.float64] = X @ vectors.T
    if svc.kernel == "linear":
        return values
    gamma = kernel_width(svc)
    if svc.kernel == "rbf":
        # The squared distance by its three terms; rounding must not make it negative.
        values *= 2 * gamma
        values -= gamma * (X**2).sum(axis=1)[:, None]
        values -= gamma * (vectors**2).sum(axis=1)
        np.minimum(values, 0.0, out=values)
        return np.exp(values, out=values)
    values *= gamma
    values += svc.coef0
    return values**svc.degree if svc.kernel == "poly" else np.tanh(values, out=values)
