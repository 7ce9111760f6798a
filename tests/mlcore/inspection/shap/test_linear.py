from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mlcore.inspection.shap.explain import class_coefficients, explain_linear
from tests.mlcore.inspection.shap.brute_force import shapley_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RANDOM = np.random.default_rng(2)
X = RANDOM.normal(size=(120, 5))
BASELINE = np.median(X, axis=0)
TARGETS = {
    2: (X[:, 0] > X[:, 1]).astype(int),
    3: np.digitize(X[:, 0] - X[:, 1] + 0.3 * X[:, 2], [-0.7, 0.7]),
}
ESTIMATORS: dict[str, Callable[[], Any]] = {
    "logistic": LogisticRegression,
    "without intercept": lambda: LogisticRegression(fit_intercept=False),
    "components": lambda: make_pipeline(PCA(3), LogisticRegression()),
}


def scores(estimator: Any, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    margins = estimator.decision_function(rows)
    return np.stack([-margins, margins], axis=1) if margins.ndim == 1 else margins


def output_of(
    estimator: Any, position: int
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda rows: scores(estimator, rows)[:, position]


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("classes", TARGETS)
def test_the_values_are_the_shapley_values_of_every_coalition(kind: str, classes: int) -> None:
    estimator = ESTIMATORS[kind]().fit(X, TARGETS[classes])
    coefficients = class_coefficients(estimator)
    assert coefficients.shape == (classes, 5)
    for position in range(classes):
        contributions = explain_linear(coefficients[position], X[:10], BASELINE)
        truth = shapley_values(output_of(estimator, position), X[:10], BASELINE)
        assert abs(truth).max() > 0.1
        np.testing.assert_allclose(contributions, truth, atol=1e-12)


def test_a_contribution_is_the_coefficient_times_the_distance_from_the_baseline() -> None:
    explained = explain_linear(np.array([2.0, -1.0]), np.array([[3.0, 5.0]]), np.array([1.0, 2.0]))
    np.testing.assert_array_equal(explained, [[4.0, -3.0]])
