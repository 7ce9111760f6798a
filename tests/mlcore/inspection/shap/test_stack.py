from __future__ import annotations

import numpy as np
import pytest

from mlcore.inspection import explain_rows
from mlcore.models.outputs import class_outputs
from mlcore.models.stack_weights import StackWeights
from mlcore.models.stacked import stacked_classifier
from tests.mlcore.hand_made import fitted, rows
from tests.mlcore.inspection.shap.brute_force import shapley_values


def test_explanations_of_an_ensemble_are_the_shapley_values_of_its_score() -> None:
    features = rows(150)
    features.loc[::5, "koi_steff"] = np.nan
    labels = [
        "false_positive" if depth > 2000 else "candidate" if depth > 300 else "confirmed"
        for depth in features["koi_depth"]
    ]
    classifier = stacked_classifier(
        [
            fitted("random_forest", features, labels, n_estimators=5, max_depth=4),
            fitted("gradient_boosting", features, labels, max_iter=8),
            fitted("linear_regression", features, labels, normalize=True),
        ],
        StackWeights(weights=(2.0, 0.5, 0.8), intercepts=(0.3, -0.1, -0.2), shares=(0.4, 0.3, 0.3)),
        features=features,
        hyperparameters={},
        seed=1,
    )
    unseen = rows(6, seed=6)
    X = classifier.prepare(unseen)
    for position in range(3):
        expected = shapley_values(
            lambda changed, position=position: class_outputs(classifier, changed)[:, position],
            X,
            classifier.baseline,
        )
        explanation = explain_rows(classifier, unseen, np.full(6, position))
        assert explanation.contributions == pytest.approx(expected, abs=1e-9)
