"""Exact Shapley values of a linear score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.pipeline import Pipeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["class_coefficients", "explain_linear"]


def class_coefficients(estimator: Any) -> NDArray[np.float64]:
    """Return the coefficient of each column in each class's score, shape ``(k, p)``.

    Parameters
    ----------
    estimator
        A fitted logistic regression, or a pipeline of principal components and one.
    """
    if isinstance(estimator, Pipeline):
        components, logistic = estimator[0], estimator[-1]
        coefficients: NDArray[np.float64] = logistic.coef_ @ components.components_
    else:
        coefficients = estimator.coef_
    if len(coefficients) == 1:
        return np.concatenate([-coefficients, coefficients])
    return coefficients


def explain_linear(
    coefficients: NDArray[np.float64], X: NDArray[np.float64], baseline: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return coefficient × (value − baseline) for each row and column, shape ``(n, p)``.

    Parameters
    ----------
    coefficients
        Of the explained class, shape ``(p,)``.
    X
        Prepared rows, shape ``(n, p)``.
    baseline
        Prepared baseline row, shape ``(p,)``.
    """
    return coefficients * (X - baseline)
