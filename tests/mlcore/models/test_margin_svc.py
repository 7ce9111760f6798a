from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.svm import SVC

from mlcore.models.margin_svc import MarginSVC

if TYPE_CHECKING:
    from numpy.typing import NDArray

KERNELS = ("rbf", "linear", "poly", "sigmoid")
EVERY_KERNEL = pytest.mark.parametrize("kernel", KERNELS)
EVERY_COUNT = pytest.mark.parametrize("classes", [2, 3])


def blobs(classes: int, rows: int = 90) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    random = np.random.default_rng(classes)
    y = np.arange(rows) % classes
    centres = random.normal(size=(classes, 4)) * 1.5
    return centres[y] + random.normal(size=(rows, 4)), y


def fitted(kernel: str, classes: int) -> tuple[MarginSVC, NDArray[np.float64], NDArray[np.int64]]:
    X, y = blobs(classes)
    return MarginSVC(kernel=kernel).fit(X, y), X, y


@EVERY_KERNEL
def test_the_score_of_a_class_is_the_mean_of_its_margins_against_each_other_one(
    kernel: str,
) -> None:
    model, X, y = fitted(kernel, 3)
    margins = SVC(kernel=kernel, decision_function_shape="ovo").fit(X, y).decision_function(X)
    expected = np.zeros((len(X), 3))
    for margin, (first, second) in zip(margins.T, combinations(range(3), 2), strict=True):
        expected[:, first] += margin / 2
        expected[:, second] -= margin / 2
    np.testing.assert_allclose(model.decision_function(X), expected, atol=1e-12)


@EVERY_KERNEL
def test_of_two_classes_the_second_is_scored_with_the_margin_and_the_first_with_its_opposite(
    kernel: str,
) -> None:
    model, X, y = fitted(kernel, 2)
    margin = SVC(kernel=kernel).fit(X, y).decision_function(X)
    np.testing.assert_allclose(
        model.decision_function(X), np.stack([-margin, margin], axis=1), atol=1e-12
    )


@EVERY_KERNEL
@EVERY_COUNT
def test_rows_get_the_class_that_they_came_from(kernel: str, classes: int) -> None:
    model, X, y = fitted(kernel, classes)
    assert (model.predict(X) == y).mean() > 0.75


@EVERY_KERNEL
@EVERY_COUNT
def test_the_most_probable_class_is_the_one_with_the_highest_score(
    kernel: str, classes: int
) -> None:
    model, X, _ = fitted(kernel, classes)
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(X))


@EVERY_COUNT
def test_probabilities_rise_with_the_scores_by_one_factor(classes: int) -> None:
    model, X, _ = fitted("rbf", classes)
    scores, logs = model.decision_function(X), np.log(model.predict_proba(X))
    for first, second in combinations(range(classes), 2):
        np.testing.assert_allclose(
            logs[:, first] - logs[:, second],
            model.sharpness_ * (scores[:, first] - scores[:, second]),
            atol=1e-10,
        )
    assert np.exp(-3) <= model.sharpness_ <= np.exp(3)


def test_the_probability_of_two_classes_is_monotone_in_the_margin() -> None:
    model, X, _ = fitted("rbf", 2)
    order = np.argsort(model.decision_function(X)[:, 1])
    assert (np.diff(model.predict_proba(X)[order, 1]) >= 0).all()


def test_the_factor_is_learnt_on_stars_that_were_held_out() -> None:
    random = np.random.default_rng(0)
    X = np.repeat(random.normal(size=(100, 4)), 4, axis=0)
    y = np.repeat(random.integers(0, 2, size=100), 4)
    stars = np.repeat(np.arange(100), 4)
    # The labels are noise: a row of a star that was fitted is known by heart, one of a star that
    # was held out is not.
    overconfident = MarginSVC(C=100.0, gamma="auto").fit(X, y).sharpness_
    honest = MarginSVC(C=100.0, gamma="auto").fit(X, y, groups=stars).sharpness_
    assert honest < 0.2
    assert overconfident > 1.0


def test_margins_stay_as_they_are_when_a_class_is_missing_from_the_fitted_stars() -> None:
    X, y = blobs(3)
    # One star has the whole third class, so one side of the division lacks it.
    stars = np.where(y == 2, 0, np.arange(len(y)) + 1)
    scales = {MarginSVC(random_state=seed).fit(X, y, groups=stars).sharpness_ for seed in range(12)}
    assert 1.0 in scales


def test_the_same_seed_gives_the_same_factor_and_another_one_another() -> None:
    X, y = blobs(3)
    first, again, other = (MarginSVC(random_state=seed).fit(X, y).sharpness_ for seed in (1, 1, 2))
    assert first == again != other
