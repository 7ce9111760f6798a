"""Attributions of a support vector machine's score: integrated gradients of its kernel.

The score is a smooth sum over support vectors, so its change from the baseline to a row is the
integral of its gradient along the straight line between them, and the integral's column-wise parts
are the attributions (Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks").
They are Aumann–Shapley values: additive like Shapley values, at a cost that does not grow with the
number of coalitions.

Along the line a kernel depends on the place t in [0, 1] alone, through a polynomial in t whose
coefficients are the same at every node of the quadrature. So the integral of each support vector's
slope is computed first, and the columns come in afterwards, with one matrix product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.models.kernel_sums import kernel_width, margin_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.models.margin_svc import MarginSVC

__all__ = ["class_weights", "explain_kernel"]

_NODES = 32
"""Points of the Gauss–Legendre rule along the line."""
_ROWS_A_CALL = 100


def class_weights(estimator: MarginSVC) -> NDArray[np.float64]:
    """Return the weight of each support vector's kernel in each class's score, shape ``(k, v)``."""
    # libsvm's sign of a two-class margin is the other way round than that of a pair of several.
    return np.asarray(estimator.pair_signs().T @ margin_weights(estimator.svc_))


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
    attributed = np.empty_like(X)
    for begin in range(0, len(X), _ROWS_A_CALL):
        step = X[begin : begin + _ROWS_A_CALL] - baseline
        gradient = _mean_gradient(estimator, weights, baseline, step)
        attributed[begin : begin + len(step)] = gradient * step
        progress((begin + len(step)) / len(X))
    missed = difference - attributed.sum(axis=1)
    size = np.abs(attributed)
    total = size.sum(axis=1, keepdims=True)
    share_of_row = np.divide(size, total, out=np.full_like(size, 1 / X.shape[1]), where=total > 0)
    return np.asarray(attributed + missed[:, None] * share_of_row)


def _mean_gradient(
    estimator: MarginSVC,
    weights: NDArray[np.float64],
    baseline: NDArray[np.float64],
    step: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the gradient's mean over the line from the baseline along each step, ``(n, p)``."""
    svc = estimator.svc_
    vectors: NDArray[np.float64] = svc.support_vectors_
    gamma, constant, degree = kernel_width(svc), svc.coef0, svc.degree
    if svc.kernel == "linear":
        return np.broadcast_to(weights @ vectors, step.shape)
    if svc.kernel == "rbf":
        away = vectors - baseline
        near, farther = _integrals(
            -gamma * (away**2).sum(axis=1),
            2 * gamma * (step @ away.T),
            -gamma * (step**2).sum(axis=1),
            lambda exponent: np.exp(exponent, out=exponent),
        )
        near *= weights
        return np.asarray(2 * gamma * (near @ away - (farther @ weights)[:, None] * step))
    slope, _ = _integrals(
        gamma * (vectors @ baseline) + constant,
        gamma * (step @ vectors.T),
        np.zeros(len(step)),
        (lambda argument: degree * argument ** (degree - 1)) if svc.kernel == "poly" else _bell,
    )
    return np.asarray(gamma * (slope * weights) @ vectors)


def _integrals(
    constant: NDArray[np.float64],
    linear: NDArray[np.float64],
    square: NDArray[np.float64],
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return the integrals over [0, 1] of a function of ``c + l t + s t²``, and of t times it.

    Parameters
    ----------
    constant, linear, square
        The coefficients: of each support vector, ``(v,)``; of each row and support vector,
        ``(n, v)``; of each row, ``(n,)``.
    function
        May write over what it is given.

    Returns
    -------
    ndarray, shape ``(2, n, v)``
    """
    points, point_weights = np.polynomial.legendre.leggauss(_NODES)
    places, shares = (points + 1) / 2, point_weights / 2
    powers = places[:, None] ** np.arange(3)
    moments = np.stack([shares, shares * places])
    coefficients = np.empty((3, len(constant)))
    coefficients[0] = constant
    integrals = np.empty((2, *linear.shape))
    values = np.empty((_NODES, len(constant)))
    # Row by row, so that the values at all nodes stay in the processor's cache.
    for row in range(len(linear)):
        coefficients[1], coefficients[2] = linear[row], square[row]
        np.matmul(powers, coefficients, out=values)
        integrals[:, row] = moments @ function(values)
    return integrals


def _bell(argument: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 − tanh² without the loss of digits far from zero."""
    tail = np.exp(-2 * np.abs(argument))
    return np.asarray(4 * tail / (1 + tail) ** 2)
