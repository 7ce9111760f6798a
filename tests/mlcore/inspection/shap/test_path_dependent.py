from __future__ import annotations

from itertools import product
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.datasets import Disposition
from mlcore.errors import DataError
from mlcore.inspection.shap.path_dependent import explain_path_dependent
from tests.mlcore.hand_made import deep_is_false, fitted, rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained


def worth(
    tree: Any, x: NDArray[np.float64], known: frozenset[int], node: int, output: int
) -> float:
    """Return what a tree expects when only some columns are known, from the definition."""
    if tree.children_left[node] < 0:
        return float(tree.value[node, 0, output] / tree.value[node, 0].sum())
    left, right = tree.children_left[node], tree.children_right[node]
    column = tree.feature[node]
    if column in known:
        following = left if x[column] <= tree.threshold[node] else right
        return worth(tree, x, known, following, output)
    cover = tree.weighted_n_node_samples
    return float(
        (
            cover[left] * worth(tree, x, known, left, output)
            + cover[right] * worth(tree, x, known, right, output)
        )
        / cover[node]
    )


def test_the_values_are_those_of_the_definition() -> None:
    features = rows()
    labels = [
        "confirmed" if depth * period < 4000 else "false_positive"
        for depth, period in zip(features["koi_depth"], features["koi_period"], strict=True)
    ]
    model = fitted("random_forest", features, labels, n_estimators=4)
    shown = features.iloc[[3]]
    explanation = explain_path_dependent(model, shown, Disposition.CONFIRMED)
    x = model.prepare(shown).astype(np.float32).astype(np.float64)[0]
    count = len(x)
    expected = np.zeros(count)
    for tree in model.estimator.estimators_:
        for members in product([False, True], repeat=count):
            known = frozenset(np.flatnonzero(members).tolist())
            for column in set(range(count)) - known:
                weight = factorial(len(known)) * factorial(count - len(known) - 1)
                gain = worth(tree.tree_, x, known | {column}, 0, 1) - worth(
                    tree.tree_, x, known, 0, 1
                )
                expected[column] += weight / factorial(count) * gain / 4
    np.testing.assert_allclose(explanation.contributions[0], expected, atol=1e-12)


@pytest.mark.parametrize("model_type", ["decision_tree", "random_forest", "extra_trees"])
@pytest.mark.parametrize("disposition", list(Disposition))
def test_a_real_forests_values_are_additive_to_its_votes(
    model_type: str,
    disposition: Disposition,
    trained: Trained,
    kepler_tables: tuple[Table, Table],
) -> None:
    model = trained(model_type).model.classifier
    for i in (0, 7):
        shown = kepler_tables[1].features.iloc[[i]]
        shap = explain_path_dependent(model, shown, disposition)
        position = model.classes.index(disposition)
        vote = model.estimator.predict_proba(model.prepare(shown))[:, position]
        np.testing.assert_array_equal(shap.output, vote)
        np.testing.assert_allclose(shap.base + shap.contributions.sum(axis=1), vote, atol=1e-10)
        assert np.abs(shap.contributions).max() > 0.01


def test_what_cannot_be_explained_so_is_refused() -> None:
    features = rows()
    labels = deep_is_false(features)
    with pytest.raises(DataError, match="has no path-dependent values"):
        explain_path_dependent(
            fitted("xgboost", features, labels), features.iloc[[0]], Disposition.CONFIRMED
        )
    forest = fitted("random_forest", features, labels, n_estimators=3)
    with pytest.raises(DataError, match="does not know candidate"):
        explain_path_dependent(forest, features.iloc[[0]], Disposition.CANDIDATE)
    with pytest.raises(DataError, match="of one object, but 2"):
        explain_path_dependent(forest, features.iloc[:2], Disposition.CONFIRMED)
