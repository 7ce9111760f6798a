from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.svm import SVC

from mlcore.models import kernel_sums
from mlcore.models.kernel_sums import kernel_width, margin_weights, pair_margins

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVERY_KERNEL = pytest.mark.parametrize("kernel", ["rbf", "linear", "poly", "sigmoid"])
EVERY_COUNT = pytest.mark.parametrize("classes", [2, 3, 4])


def fitted(kernel: str, classes: int) -> tuple[SVC, NDArray[np.float64]]:
    random = np.random.default_rng(classes)
    y = np.arange(120) % classes
    X = random.normal(size=(classes, 5))[y] * 1.2 + random.normal(size=(120, 5))
    return SVC(kernel=kernel, decision_function_shape="ovo").fit(X, y), X


@EVERY_KERNEL
@EVERY_COUNT
def test_margins_are_those_of_libsvm_on_rows_near_and_far(kernel: str, classes: int) -> None:
    svc, X = fitted(kernel, classes)
    rows = np.concatenate([X, 3 * X[::-1], 40 * X[:5]])
    expected = svc.decision_function(rows).reshape(len(rows), -1)
    margins = pair_margins(svc, rows)
    assert margins.shape == (len(rows), classes * (classes - 1) // 2)
    np.testing.assert_allclose(margins, expected, rtol=1e-10, atol=1e-12)


@EVERY_KERNEL
def test_margins_do_not_depend_on_how_many_rows_stand_in_memory(
    kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    svc, X = fitted(kernel, 3)
    at_once = pair_margins(svc, X)
    # Less than one row's values: then rows go one by one.
    for values in (1, 7 * margin_weights(svc).shape[1]):
        monkeypatch.setattr(kernel_sums, "_VALUES_AT_ONCE", values)
        np.testing.assert_allclose(pair_margins(svc, X), at_once, rtol=1e-12, atol=1e-13)


def test_a_support_vector_is_at_no_distance_from_itself() -> None:
    svc, _ = fitted("rbf", 2)
    # Far from the origin the three terms of the squared distance do not cancel to the last digit.
    svc.support_vectors_ += 1e4
    expected = svc.decision_function(svc.support_vectors_)
    margins = pair_margins(svc, svc.support_vectors_)[:, 0]
    np.testing.assert_allclose(margins, expected, atol=1e-5)
    assert np.isfinite(margins).all()


def test_no_row_has_no_margin() -> None:
    svc, X = fitted("rbf", 3)
    assert pair_margins(svc, X[:0]).shape == (0, 3)


def test_the_width_of_the_kernel_follows_from_the_table() -> None:
    svc, X = fitted("rbf", 3)
    assert kernel_width(svc) == pytest.approx(1 / (5 * X.var()))
