from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier
from xgboost import DMatrix, XGBClassifier

from mlcore.inspection.shap.trees import TreeEnsemble, explain_trees, tree_ensembles
from tests.mlcore.inspection.shap.brute_force import shapley_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Estimators = dict[str, "Callable[[], Any]"]
VOTING: Estimators = {
    "decision tree": lambda: DecisionTreeClassifier(random_state=1),
    "random forest": lambda: RandomForestClassifier(n_estimators=5, random_state=1),
    "extra trees": lambda: ExtraTreesClassifier(n_estimators=5, random_state=1),
}
BOOSTED: Estimators = {
    "xgboost": lambda: XGBClassifier(n_estimators=6, max_depth=5, random_state=1),
    "histogram boosting": lambda: HistGradientBoostingClassifier(
        max_iter=6, min_samples_leaf=2, early_stopping=False, random_state=1
    ),
}
EVERY_ESTIMATOR = pytest.mark.parametrize(
    "build", [*(VOTING | BOOSTED).items()], ids=lambda i: i[0]
)
EVERY_COUNT = pytest.mark.parametrize("classes", [2, 3])
WITH_AND_WITHOUT_MISSING = pytest.mark.parametrize("missing", [0.0, 0.3], ids=["full", "missing"])
# Single precision of xgboost's own sums; all else is double.
TOLERANCE = 2e-6


def rows_of(
    classes: int, missing: float, columns: int = 5
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    random = np.random.default_rng(classes)
    # Whole numbers: rows lie on the trees' thresholds, where "below" and "at most" differ, and
    # deep trees ask for the same column again and again.
    X = random.integers(0, 12, size=(150, columns)).astype(np.float64)
    score = X[:, 0] * X[:, 1] - 4 * X[:, 2] + random.normal(scale=5, size=150)
    y = np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))
    X[random.random(X.shape) < missing] = np.nan
    return X, y


def outputs(estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of each class that the ensembles stand for, shape (n, k)."""
    if isinstance(estimator, XGBClassifier):
        scores = estimator.get_booster().predict(DMatrix(X), output_margin=True).astype(float)
    elif isinstance(estimator, HistGradientBoostingClassifier):
        scores = estimator.decision_function(X)
    else:
        scores = estimator.predict_proba(X)
    return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores


def output_of(
    estimator: Any, position: int
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda rows: outputs(estimator, rows)[:, position]


def explained(
    ensemble: TreeEnsemble, X: NDArray[np.float64], baseline: NDArray[np.float64]
) -> NDArray[np.float64]:
    return explain_trees(ensemble, X, baseline, lambda _fraction: None)


@EVERY_ESTIMATOR
@EVERY_COUNT
@WITH_AND_WITHOUT_MISSING
def test_the_walk_gives_the_shapley_values_of_every_coalition(
    build: tuple[str, Callable[[], Any]], classes: int, missing: float
) -> None:
    X, y = rows_of(classes, missing)
    estimator = build[1]().fit(X, y)
    shown, baseline = X[:8], np.nanmedian(X, axis=0)
    for position, ensemble in enumerate(tree_ensembles(estimator)):
        truth = shapley_values(output_of(estimator, position), shown, baseline)
        assert abs(truth).max() > 0.01
        tolerance = TOLERANCE if build[0] == "xgboost" else 1e-12
        np.testing.assert_allclose(explained(ensemble, shown, baseline), truth, atol=tolerance)


@pytest.mark.parametrize("build", BOOSTED.items(), ids=lambda i: i[0])
def test_the_baseline_may_have_missing_values_too(build: tuple[str, Callable[[], Any]]) -> None:
    X, y = rows_of(3, 0.3)
    estimator = build[1]().fit(X, y)
    shown, baseline = X[:8], np.where(np.arange(5) % 2, np.nan, np.nanmedian(X, axis=0))
    for position, ensemble in enumerate(tree_ensembles(estimator)):
        truth = shapley_values(output_of(estimator, position), shown, baseline)
        np.testing.assert_allclose(explained(ensemble, shown, baseline), truth, atol=TOLERANCE)


@EVERY_ESTIMATOR
def test_there_is_one_ensemble_for_each_class_and_they_balance(
    build: tuple[str, Callable[[], Any]],
) -> None:
    X, y = rows_of(2, 0.0)
    first, second = tree_ensembles(build[1]().fit(X, y))
    baseline = np.median(X, axis=0)
    np.testing.assert_allclose(
        explained(first, X, baseline), -explained(second, X, baseline), atol=1e-12
    )


@EVERY_ESTIMATOR
@EVERY_COUNT
def test_each_row_sums_to_its_output_less_the_baselines(
    build: tuple[str, Callable[[], Any]], classes: int
) -> None:
    X, y = rows_of(classes, 0.2, columns=30)
    estimator = build[1]().fit(X, y)
    baseline = np.nanmedian(X, axis=0)
    change = outputs(estimator, X) - outputs(estimator, baseline[None, :])
    for position, ensemble in enumerate(tree_ensembles(estimator)):
        np.testing.assert_allclose(
            explained(ensemble, X, baseline).sum(axis=1), change[:, position], atol=TOLERANCE
        )


@EVERY_ESTIMATOR
def test_a_column_that_no_tree_asks_for_contributes_exactly_nothing(
    build: tuple[str, Callable[[], Any]],
) -> None:
    X, y = rows_of(3, 0.0)
    constant = np.insert(X, 2, 7.0, axis=1)
    estimator = build[1]().fit(constant, y)
    shown = constant[:20].copy()
    shown[:, 2] = np.arange(20.0)
    for ensemble in tree_ensembles(estimator):
        contributions = explained(ensemble, shown, np.median(constant, axis=0))
        assert (contributions[:, 2] == 0.0).all()
        assert (contributions[:, 0] != 0.0).any()


@EVERY_ESTIMATOR
def test_a_row_equal_to_the_baseline_gets_exactly_nothing(
    build: tuple[str, Callable[[], Any]],
) -> None:
    X, y = rows_of(3, 0.3)
    for ensemble in tree_ensembles(build[1]().fit(X, y)):
        assert (explained(ensemble, X[:1], X[0]) == 0.0).all()


@pytest.mark.parametrize("name", ["random forest", "extra trees", "xgboost"])
@EVERY_COUNT
def test_the_values_are_those_of_shaps_own_interventional_explainer(
    name: str, classes: int
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    X, y = rows_of(classes, 0.0, columns=12)
    estimator = (VOTING | BOOSTED)[name]().fit(X, y)
    baseline = np.median(X, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.TreeExplainer(
            estimator, data=baseline[None, :], feature_perturbation="interventional"
        )
        theirs = np.asarray(explainer.shap_values(X, check_additivity=False))
    if theirs.ndim == 2:
        theirs = np.stack([-theirs, theirs], axis=2)
    assert theirs.shape == (*X.shape, classes)
    for position, ensemble in enumerate(tree_ensembles(estimator)):
        np.testing.assert_allclose(
            explained(ensemble, X, baseline), theirs[:, :, position], atol=1e-6
        )


def test_a_column_between_two_single_precision_numbers_goes_where_the_library_sends_it() -> None:
    random = np.random.default_rng(0)
    # Neighbours that are one number in 32 bits, and a threshold close by.
    X = 2.0**24 + random.integers(0, 8, size=(200, 1)) + random.random((200, 1))
    y = (X[:, 0] > 2.0**24 + 4).astype(int)
    for build in (VOTING["decision tree"], BOOSTED["xgboost"], BOOSTED["histogram boosting"]):
        estimator = build().fit(X, y)
        baseline = X.min(axis=0)
        change = outputs(estimator, X) - outputs(estimator, baseline[None, :])
        contributions = explained(tree_ensembles(estimator)[1], X, baseline)
        np.testing.assert_allclose(contributions[:, 0], change[:, 1], atol=TOLERANCE)


def test_many_columns_do_not_overflow_the_weights() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 200))
    y = (X.sum(axis=1) > 0).astype(int)
    estimator = ExtraTreesClassifier(n_estimators=3, max_features=1, random_state=1).fit(X, y)
    baseline = np.median(X, axis=0)
    contributions = explained(tree_ensembles(estimator)[1], X[:20], baseline)
    change = outputs(estimator, X[:20]) - outputs(estimator, baseline[None, :])
    assert np.isfinite(contributions).all()
    np.testing.assert_allclose(contributions.sum(axis=1), change[:, 1], atol=1e-12)


def test_a_single_leaf_explains_nothing() -> None:
    X, y = rows_of(2, 0.0)
    estimator = HistGradientBoostingClassifier(
        max_iter=2, min_samples_leaf=1000, early_stopping=False
    ).fit(X, y)
    assert (explained(tree_ensembles(estimator)[0], X, X[0]) == 0.0).all()


def test_no_row_gives_no_explanation() -> None:
    X, y = rows_of(2, 0.0)
    (ensemble, _) = tree_ensembles(VOTING["decision tree"]().fit(X, y))
    assert explained(ensemble, X[:0], X[0]).shape == (0, 5)


def test_progress_follows_the_rows() -> None:
    X, y = rows_of(2, 0.0)
    ensemble = tree_ensembles(VOTING["decision tree"]().fit(X, y))[0]
    seen: list[float] = []
    explain_trees(ensemble, np.tile(X, (4, 1)), X[0], seen.append)
    assert seen == [250 / 600, 500 / 600, 1.0]
