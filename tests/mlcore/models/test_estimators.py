from __future__ import annotations

import numpy as np
import pytest

from mlcore.models import MODELS
from mlcore.models.outputs import class_outputs
from mlcore.models.spec import OutputScale
from tests.mlcore.hand_made import FITTED_MODELS, SMALL, deep_is_false, fitted, rows

SCORING = [name for name in FITTED_MODELS if MODELS[name].output is OutputScale.SCORE]


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


@pytest.mark.parametrize("name", SCORING)
def test_scores_order_the_rows_as_the_probabilities_do(name: str) -> None:
    features = rows(120)
    model = fitted(name, features, deep_is_false(features), **SMALL.get(name, {}))
    prepared = model.prepare(features)
    outputs = class_outputs(model, prepared)
    stated = model.estimator.predict_proba(prepared)[:, 1]
    order = np.argsort(outputs[:, 1] - outputs[:, 0], kind="stable")
    assert (np.diff(stated[order]) >= -1e-6).all()
