from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.integrate import quad

from mlcore.inspection.shap.kernel import class_weights, explain_kernel
from mlcore.models.margin_svc import MarginSVC

if TYPE_CHECKING:
    from numpy.typing import NDArray

KERNELS = ("rbf", "linear", "poly", "sigmoid")
EVERY_KERNEL = pytest.mark.parametrize("kernel", KERNELS)
EVERY_COUNT = pytest.mark.parametrize("classes", [2, 3])
STEP = 1e-6


def fitted(kernel: str, classes: int) -> tuple[MarginSVC, NDArray[np.float64]]:
    random = np.random.default_rng(classes)
    y = np.arange(120) % classes
    X = random.normal(size=(classes, 4))[y] * 1.2 + random.normal(size=(120, 4))
    return MarginSVC(kernel=kernel).fit(X, y), X


def kernel_matrix(kernel: str, model: MarginSVC, X: NDArray[np.float64]) -> NDArray[np.float64]:
    vectors = model.svc_.support_vectors_
    gamma = 1 / (4 * fitted(kernel, len(model.classes_))[1].var())
    inner = X @ vectors.T
    squares = ((X[:, None, :] - vectors[None, :, :]) ** 2).sum(axis=2)
    matrix: NDArray[np.float64] = {
        "rbf": np.exp(-gamma * squares),
        "linear": inner,
        "poly": (gamma * inner) ** 3,
        "sigmoid": np.tanh(gamma * inner),
    }[kernel]
    return matrix


def explained(
    model: MarginSVC, position: int, X: NDArray[np.float64], baseline: NDArray[np.float64]
) -> NDArray[np.float64]:
    scores = model.decision_function(X)[:, position]
    at_baseline = model.decision_function(baseline[None, :])[0, position]
    weights = class_weights(model)[position]
    return explain_kernel(model, weights, X, baseline, scores - at_baseline, lambda _done: None)


@EVERY_KERNEL
@EVERY_COUNT
def test_a_score_is_the_weighted_sum_of_its_support_vectors_kernels(
    kernel: str, classes: int
) -> None:
    model, X = fitted(kernel, classes)
    weights = class_weights(model)
    assert weights.shape == (classes, len(model.svc_.support_vectors_))
    summed = kernel_matrix(kernel, model, X) @ weights.T
    constant = model.decision_function(X) - summed
    # What is left over is the intercept: the same for every row.
    np.testing.assert_allclose(constant, np.tile(constant[0], (len(X), 1)), atol=1e-10)
    assert np.ptp(summed, axis=0).min() > 0.5


@EVERY_KERNEL
@EVERY_COUNT
def test_an_attribution_is_the_integral_of_the_gradient_along_the_line(
    kernel: str, classes: int
) -> None:
    model, X = fitted(kernel, classes)
    baseline = np.median(X, axis=0)
    for position in range(classes):
        contributions = explained(model, position, X[:2], baseline)
        for row, values in zip(X[:2], contributions, strict=True):
            for column in range(4):
                direction = np.zeros(4)
                direction[column] = STEP

                def slope(
                    place: float,
                    row: NDArray[np.float64] = row,
                    direction: NDArray[np.float64] = direction,
                    position: int = position,
                ) -> float:
                    point = baseline + place * (row - baseline)
                    sides = model.decision_function(
                        np.stack([point + direction, point - direction])
                    )
                    return float((sides[0] - sides[1])[position] / (2 * STEP))

                integral = quad(slope, 0, 1, epsabs=1e-7, epsrel=1e-6)[0]
                assert values[column] == pytest.approx(
                    integral * (row - baseline)[column], abs=1e-6
                )


@EVERY_KERNEL
@EVERY_COUNT
def test_each_row_sums_to_its_score_less_the_baselines(kernel: str, classes: int) -> None:
    model, X = fitted(kernel, classes)
    baseline = np.median(X, axis=0)
    change = model.decision_function(X) - model.decision_function(baseline[None, :])
    for position in range(classes):
        np.testing.assert_allclose(
            explained(model, position, X, baseline).sum(axis=1), change[:, position], atol=1e-12
        )


@EVERY_KERNEL
def test_what_the_integral_misses_is_shared_out_by_the_size_of_the_attributions(
    kernel: str,
) -> None:
    model, X = fitted(kernel, 3)
    baseline, weights = np.median(X, axis=0), class_weights(model)[0]
    change = (model.decision_function(X) - model.decision_function(baseline[None, :]))[:, 0]
    right, more = (
        explain_kernel(model, weights, X, baseline, difference, lambda _done: None)
        for difference in (change, change + 0.1)
    )
    shares = abs(right) / abs(right).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(more - right, 0.1 * shares, atol=1e-8)


def test_a_linear_kernel_attributes_coefficient_times_distance() -> None:
    model, X = fitted("linear", 3)
    baseline = np.median(X, axis=0)
    coefficients = class_weights(model) @ model.svc_.support_vectors_
    for position in range(3):
        np.testing.assert_allclose(
            explained(model, position, X, baseline),
            coefficients[position] * (X - baseline),
            atol=1e-12,
        )


@EVERY_KERNEL
def test_a_column_at_its_baseline_contributes_exactly_nothing(kernel: str) -> None:
    model, X = fitted(kernel, 3)
    baseline = np.median(X, axis=0)
    rows = X.copy()
    rows[:, 2] = baseline[2]
    contributions = explained(model, 1, rows, baseline)
    assert (contributions[:, 2] == 0.0).all()
    assert (contributions[:, 0] != 0.0).all()


@EVERY_KERNEL
def test_a_row_at_the_baseline_gets_nothing(kernel: str) -> None:
    model, X = fitted(kernel, 3)
    contributions = explained(model, 0, X[:1], X[0])
    np.testing.assert_allclose(contributions, 0.0, atol=1e-12)


def test_progress_follows_the_rows() -> None:
    model, X = fitted("rbf", 2)
    rows, seen = np.tile(X, (2, 1)), []
    explain_kernel(model, class_weights(model)[0], rows, X[0], np.zeros(240), seen.append)
    assert seen == [100 / 240, 200 / 240, 1.0]
