"""What the tests of the old contract send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from archive_tables import as_csv, drawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

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

Files = dict[str, tuple[str, bytes]]


def form(model_type: str, **fields: str) -> dict[str, str]:
    """Return a request's fields as the frontend's form has them."""
    return {
        "model_type": model_type,
        "hyperparameters": json.dumps(LIGHT[model_type]),
        **fields,
    }


@pytest.fixture(scope="session")
def files(archive_dir: Path) -> Callable[..., Files]:
    """Return a function that makes a mission's two uploads, edited on request."""

    def make(
        mission: str = "kepler",
        *,
        training: Callable[[pd.DataFrame], Any] = as_csv,
        testing: Callable[[pd.DataFrame], Any] = as_csv,
    ) -> Files:
        made = {}
        for name, edit, table in zip(
            ("training_file", "testing_file"),
            (training, testing),
            drawn(archive_dir, mission),
            strict=True,
        ):
            content = edit(table.copy())
            made[name] = (f"{name}.csv", content if isinstance(content, bytes) else as_csv(content))
        return made

    return make
