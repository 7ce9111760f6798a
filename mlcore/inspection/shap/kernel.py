"""Attributions of a support vector machine's score: integrated gradients of its kernel.

The score is a smooth sum over support vectors, so its change from the baseline to a row is the
integral of its gradient along the straight line between them, and the integral's column-wise parts
are the attributions (Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks").
They are Aumann–Shapley values: additive like Shapley values, at a cost that does not grow with the
number of coalitions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.models.margin_svc import MarginSVC

__all__ = ["class_weights", "explain_kernel"]

_NODES = 32
"""Points of the Gauss–Legendre rule along the line."""
_ROWS_A_CALL = 100


def class_weights(estimator: MarginSVC) -> NDArray[np.float64]:
    """Return the weight of each support vector's kernel in each class's score, shape ``(k, v)``.

    scikit-learn stores for each support vector its coefficient against each other class; a pair's
    margin takes them from the vectors of both its classes.
    """
    svc = estimator.svc_
    counts = svc.n_support_
    owner = np.repeat(np.arange(len(counts)), counts)
    classes = len(counts)
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    margins = np.zeros((len(pairs), len(owner)))
    for row, (first, second) in enumerate(pairs):
        margins[row, owner == first] = svc.dual_coef_[second - 1, owner == first]
        margins[row, owner == second] = svc.dual_coef_[first, owner == second]
    # libsvm's sign of a two-class margin is the other way round than that of a pair of several.
    return np.asarray(estimator.pair_signs().T @ margins)


def explain_kernel(
    estimator: MarginSVC,
    weights: NDArray[np.float64],
    X: NDArray[np.float64],
    baseline: NDArray[np.float64],
    difference: NDArray[np.float64],
    progress: Callable[[float], None],
) -> NDArray[np.float64]:
    """Return the integrated gradient of one class's score for each row and column.

    Parameters
    ----------
    estimator
        The fitted support vector machine.
    weights
        Weight of each support vector in the class's score, shape ``(v,)``.
    X
        Prepared rows, shape ``(n, p)``.
    baseline
        Prepared baseline row, shape ``(p,)``.
    difference
        The score of each row less the baseline's, shape ``(n,)``. What the numerical integral
        misses of it is shared out in proportion to the size of the attributions, so that each row
        is additive.
    progress
        Called with the fraction of rows that are done.

    Returns
    -------
    ndarray, shape ``(n, p)``
    """
    points, point_weights = np.polynomial.legendre.leggauss(_NODES)
    places, shares = (points + 1) / 2, point_weights / 2
    attributed = np.empty_like(X)
    for begin in range(0, len(X), _ROWS_A_CALL):
        step = X[begin : begin + _ROWS_A_CALL] - baseline
        mean = np.zeros_like(step)
        for place, share in zip(places, shares, strict=True):
            mean += share * _gradient(estimator, weights, baseline + place * step)
        attributed[begin : begin + len(step)] = mean * step
        progress((begin + len(step)) / len(X))
    missed = difference - attributed.sum(axis=1)
    size = np.abs(attributed)
    total = size.sum(axis=1, keepdims=True)
    share_of_row = np.divide(size, total, out=np.full_like(size, 1 / X.shape[1]), where=total > 0)
    return np.asarray(attributed + missed[:, None] * share_of_row)


def _gradient(
    estimator: MarginSVC, weights: NDArray[np.float64], X: NDArray[np.float64]
) -> NDArray[np.float64]:
    svc = estimator.svc_
    vectors: NDArray[np.float64] = svc.support_vectors_
    # The resolved width has no public name; "scale" and "auto" are resolved in the fit.
    gamma, constant, degree = svc._gamma, svc.coef0, svc.degree  # noqa: SLF001
    if svc.kernel == "linear":
        return np.broadcast_to(weights @ vectors, X.shape)
    inner = X @ vectors.T
    if svc.kernel == "rbf":
        distance = (X**2).sum(axis=1)[:, None] + (vectors**2).sum(axis=1) - 2 * inner
        near = weights * np.exp(-gamma * np.maximum(distance, 0.0))
        return np.asarray(-2 * gamma * (near.sum(axis=1)[:, None] * X - near @ vectors))
    argument = gamma * inner + constant
    if svc.kernel == "poly":
        slope = degree * argument ** (degree - 1)
    else:
        # 1 − tanh² without the loss of digits far from zero.
        slope = 4 * expit(2 * argument) * expit(-2 * argument)
    return np.asarray(gamma * (weights * slope) @ vectors)
