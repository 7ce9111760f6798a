"""What each model type of the catalogue is made of: its estimator, and how that is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from mlcore.levels import EXPLAINED_VARIANCE
from mlcore.models.fitting import (
    Fit,
    fit_at_once,
    fit_booster,
    fit_epochs,
    fit_grouped,
    fit_in_parts,
)
from mlcore.models.margin_svc import MarginSVC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["RECIPES", "Recipe"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How a model type comes into being."""

    build: Callable[[Mapping[str, Any], int], Any]
    """Return the unfitted estimator for hyperparameter values and a seed."""
    fit: Fit = fit_at_once


def _tree_parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("max_depth", "min_samples_split", "min_samples_leaf")}


def _logistic(values: Mapping[str, Any], seed: int) -> LogisticRegression:
    # Newton's steps reach the optimum whether or not the columns are standardised.
    return LogisticRegression(
        fit_intercept=values.get("fit_intercept", True),
        solver="newton-cholesky",
        max_iter=1000,
        random_state=seed,
    )


def _pca(values: Mapping[str, Any], seed: int) -> Pipeline:
    automatic = values["n_components"] is None
    components = PCA(
        n_components=EXPLAINED_VARIANCE if automatic else values["n_components"],
        svd_solver="full" if automatic else values["svd_solver"],
        random_state=seed,
    )
    return make_pipeline(components, _logistic(values, seed))


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "linear_regression": Recipe(build=_logistic),
        "svm": Recipe(
            build=lambda values, seed: MarginSVC(**values, random_state=seed),
            fit=fit_grouped,
        ),
        "decision_tree": Recipe(
            build=lambda values, seed: DecisionTreeClassifier(**values, random_state=seed),
        ),
        "random_forest": Recipe(
            build=lambda values, seed: RandomForestClassifier(
                n_estimators=values["n_estimators"],
                **_tree_parameters(values),
                n_jobs=1,
                random_state=seed,
            ),
            fit=fit_in_parts("n_estimators", "trees"),
        ),
        "extra_trees": Recipe(
            build=lambda values, seed: ExtraTreesClassifier(
                n_estimators=values["n_estimators"],
                **_tree_parameters(values),
                n_jobs=1,
                random_state=seed,
            ),
            fit=fit_in_parts("n_estimators", "trees"),
        ),
        "xgboost": Recipe(
            build=lambda values, seed: XGBClassifier(
                **values, tree_method="hist", n_jobs=1, random_state=seed
            ),
            fit=fit_booster,
        ),
        "gradient_boosting": Recipe(
            build=lambda values, seed: HistGradientBoostingClassifier(
                **values, early_stopping=False, random_state=seed
            ),
            fit=fit_in_parts("max_iter", "rounds"),
        ),
        "pca": Recipe(build=_pca),
        "neural_network": Recipe(
            build=lambda values, seed: MLPClassifier(
                hidden_layer_sizes=values["hidden_layer_sizes"],
                activation=values["activation"],
                learning_rate_init=values["learning_rate"],
                max_iter=values["max_iter"],
                random_state=seed,
            ),
            fit=fit_epochs,
        ),
    }
)
"""How each model type of the catalogue is built and fitted, by its name."""
