from __future__ import annotations

import numpy as np
import pytest

from mlcore.models import MODELS
from tests.mlcore.hand_made import FITTED_MODELS, SMALL, deep_is_false, fitted, rows


def test_every_model_type_but_a_search_has_a_recipe() -> None:
    for name, kind in MODELS.items():
        assert bool(kind.estimator) is (name in FITTED_MODELS)


@pytest.mark.parametrize("name", FITTED_MODELS)
def test_a_model_is_built_with_its_hyperparameters_and_its_seed(name: str) -> None:
    kind = MODELS[name]
    built = kind.recipe.build(kind.read_hyperparameters({})[0], 7)
    # Components come first, then what learns from them.
    made = built[-1] if name == "pca" else built
    assert made.random_state == 7


@pytest.mark.parametrize("name", FITTED_MODELS)
def test_scores_order_the_rows_as_the_probabilities_do(name: str) -> None:
    features = rows(120)
    model = fitted(name, features, deep_is_false(features), **SMALL.get(name, {}))
    if not hasattr(model.estimator, "decision_function") and name != "xgboost":
        pytest.skip("it states probabilities alone")
    prepared = model.prepare(features)
    scores = np.asarray(model.model_type.recipe.scores(model.estimator, prepared))
    stated = model.estimator.predict_proba(prepared)[:, 1]
    assert (np.diff(stated[np.argsort(scores, kind="stable")]) >= 0).all()
