"""Requests as the frontend sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest

LIGHT: dict[str, dict[str, str]] = {
    "linear_regression": {"normalize": "true"},
    "svm": {"C": "2"},
    "decision_tree": {"max_depth": "8", "criterion": "entropy"},
    "random_forest": {"n_estimators": "10", "min_samples_leaf": "2"},
    "extra_trees": {"n_estimators": "10"},
    "xgboost": {"n_estimators": "15", "learning_rate": "0.3"},
    "gradient_boosting": {"max_iter": "10"},
    "pca": {"n_components": "10"},
    "neural_network": {"max_iter": "20", "hidden_layer_sizes": "16, 8"},
}
"""Hyperparameters for a quick fit, all as text: so the frontend sends them."""


def params_of(request: pytest.FixtureRequest, fixture: str) -> set[Any]:
    """Return with what the tests of this module that are run parametrise a fixture."""
    return {
        item.callspec.params[fixture]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and hasattr(item, "callspec")
        and fixture in item.callspec.params
    }


def form(model_type: str, **fields: str) -> dict[str, str]:
    """Return a request's fields as the frontend's form has them."""
    return {
        "model_type": model_type,
        "hyperparameters": json.dumps(LIGHT[model_type]),
        **fields,
    }
