from __future__ import annotations

import numpy as np
import pytest

from mlcore.inspection.shap.trees import sum_of_leaves, tree_ensembles
from mlcore.models.outputs import class_outputs
from tests.mlcore.hand_made import deep_is_false, fitted, rows

FEATURES = rows(300)
LABELS = deep_is_false(FEATURES)
UNSEEN = rows(40, seed=1)
UNSEEN.loc[::3, "koi_depth"] = np.nan


@pytest.mark.parametrize(
    ("model_type", "tolerance"),
    [
        ("decision_tree", 1e-15),
        ("random_forest", 1e-14),
        ("extra_trees", 1e-14),
        # What is not in its trees is the same for every row.
        ("gradient_boosting", 1e-12),
        # xgboost adds up in single precision.
        ("xgboost", 2e-6),
    ],
)
def test_the_sum_of_the_leaves_is_the_models_output(model_type: str, tolerance: float) -> None:
    model = fitted(model_type, FEATURES, LABELS)
    X = model.prepare(UNSEEN)
    outputs = class_outputs(model, X)
    for position, ensemble in enumerate(tree_ensembles(model.estimator)):
        rest = outputs[:, position] - sum_of_leaves(ensemble, X)
        assert np.ptp(rest) <= tolerance
        assert np.ptp(outputs[:, position]) > 0.5


def test_rows_are_summed_one_by_one_whatever_their_number() -> None:
    model = fitted("random_forest", FEATURES, LABELS)
    ensemble = tree_ensembles(model.estimator)[0]
    X = model.prepare(FEATURES)
    alone = [sum_of_leaves(ensemble, X[[row]])[0] for row in (0, 249, 250, 299)]
    assert list(sum_of_leaves(ensemble, X)[[0, 249, 250, 299]]) == alone
    assert sum_of_leaves(ensemble, X[:0]).shape == (0,)
