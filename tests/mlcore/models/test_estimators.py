from __future__ import annotations

import pytest

from mlcore.models import MODELS
from mlcore.models.estimators import RECIPES
from tests.mlcore.hand_made import FITTED_MODELS


def test_every_model_type_of_the_catalogue_can_be_made_and_no_other() -> None:
    assert list(RECIPES) == list(FITTED_MODELS)


@pytest.mark.parametrize("name", FITTED_MODELS)
def test_a_model_is_built_with_its_hyperparameters_and_its_seed(name: str) -> None:
    kind = MODELS[name]
    built = kind.build(kind.read_hyperparameters({})[0], 7)
    # Components come first, then what learns from them.
    made = built[-1] if name == "pca" else built
    assert made.random_state == 7
    assert type(built) is type(RECIPES[name].build(kind.read_hyperparameters({})[0], 7))
