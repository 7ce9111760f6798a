from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.inspection.decision_path import decision_path
from tests.mlcore.hand_made import COLUMNS, columns_of, deep_is_false, fitted, rows

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained


def test_a_single_question_is_told_with_values_and_units() -> None:
    features = rows(300).assign(koi_depth_err1=1.0, koi_depth_err2=-1.0)
    model = fitted("decision_tree", features, deep_is_false(features))
    depths = np.sort(features["koi_depth"])
    border = np.searchsorted(depths, 1000.0)
    threshold = (depths[border - 1] + depths[border]) / 2
    path = decision_path(model, features.iloc[[0]].assign(koi_depth=1500.0), COLUMNS)
    assert path.prediction == "false_positive"
    assert path.probability == model.predict_proba(features.assign(koi_depth=1500.0))[0, 1] < 1
    (step,) = path.steps
    assert (step.column, step.value, step.at_most) == ("koi_depth", 1500.0, False)
    assert step.threshold == pytest.approx(threshold)
    assert step.sentence == (
        f"Transit depth of 1500 ppm is more than {threshold:.3g} ppm: 100% of such training rows"
        " are false positives"
    )
    many = deep_is_false(features).count("false_positive")
    assert path.conclusion == (
        f"The tree ends in a leaf of {many} different training rows: 100% false positives; with the"
        f" branch above it the tree gives a false positive {path.probability:.0%}"
    )
    assert (path.tree, path.trees) == (1, 1)


def test_a_missing_value_is_told_with_what_stands_in_for_it() -> None:
    features = rows(300).assign(koi_depth_err1=1.0, koi_depth_err2=-1.0)
    model = fitted("decision_tree", features, deep_is_false(features))
    path = decision_path(model, features.iloc[[0]].assign(koi_depth=np.nan), COLUMNS)
    median = features["koi_depth"].median()
    assert path.steps[0].value is None
    assert path.steps[0].sentence.startswith(
        f"Transit depth is not known; the training median of {median:.3g} ppm stands in and is at"
        " most "
    )


@pytest.mark.parametrize("model_type", ["decision_tree", "random_forest", "extra_trees"])
def test_the_path_ends_in_the_leaf_that_the_tree_predicts_from(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = trained(model_type).model.classifier
    features = kepler_tables[1].features
    members = getattr(model.estimator, "estimators_", [model.estimator])
    prepared = model.prepare(features)
    for number in sorted({1, len(members)}):
        shares = members[number - 1].predict_proba(prepared.astype(np.float32))
        for i in range(0, len(features), 25):
            path = decision_path(model, features.iloc[[i]], columns_of(model), tree=number)
            assert path.prediction == model.classes[int(shares[i].argmax())]
            assert path.probability == pytest.approx(shares[i].max())
            if len(members) > 1:
                # A single tree's leaf is held up by its branch.
                assert path.steps[-1].probability == pytest.approx(shares[i].max())
            assert path.trees == len(members)
            for step in path.steps:
                value = prepared[i, model.columns.index(step.column)]
                assert (np.float32(value) <= step.threshold) == step.at_most


def test_a_model_without_such_trees_is_refused() -> None:
    features = rows()
    for model_type in ("xgboost", "linear_regression"):
        model = fitted(model_type, features, deep_is_false(features))
        with pytest.raises(DataError, match="has no decision path"):
            decision_path(model, features.iloc[[0]], COLUMNS)


def test_a_tree_that_is_not_there_and_several_objects_are_refused() -> None:
    features = rows()
    model = fitted("random_forest", features, deep_is_false(features), n_estimators=3)
    with pytest.raises(DataError, match="tree was 4, but it must be a whole number from 1 to 3"):
        decision_path(model, features.iloc[[0]], COLUMNS, tree=4)
    with pytest.raises(DataError, match="of one object, but 2 were given"):
        decision_path(model, features.iloc[:2], COLUMNS)
