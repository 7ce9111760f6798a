"""What each model type of the catalogue is made of: its estimator, and how that is fitted."""

from __future__ import annotations

from dataclasses import dataclass
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
from xgboost import DMatrix, XGBClassifier

from mlcore.levels import EXPLAINED_VARIANCE
from mlcore.models.fitting import (
    EstimatorFit,
    fit_at_once,
    fit_booster,
    fit_boosting,
    fit_epochs,
    fit_grouped,
    fit_in_parts,
)
from mlcore.models.leaf_shares import fit_smoothed
from mlcore.models.margin_svc import MarginSVC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Recipe"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How a model type comes into being."""

    build: Callable[[Mapping[str, Any], int], Any]
    """Return the unfitted estimator for hyperparameter values and a seed."""
    fit: EstimatorFit = fit_at_once
    scores: Callable[[Any, NDArray[np.float64]], Any] = lambda estimator, X: (
        estimator.decision_function(X)
    )
    """Return the score of each class for prepared rows, or of two classes the second's alone; asked
    of a model type whose explanations add up to scores."""
    trusted: tuple[str, ...] = ()
    """Types that a saved estimator of this kind holds and skops does not know."""


_TREE = ("sklearn.tree._tree.Tree",)


def _forest(kind: Any) -> Recipe:
    return Recipe(
        build=lambda values, seed: kind(**values, n_jobs=1, random_state=seed),
        fit=fit_in_parts("n_estimators", "trees"),
        trusted=_TREE,
    )


def _logistic(values: Mapping[str, Any], seed: int) -> LogisticRegression:
    # Newton's steps reach the optimum whether or not the columns are standardised.
    return LogisticRegression(
        fit_intercept=values.get("fit_intercept", True),
        solver="newton-cholesky",
        max_iter=1000,
        random_state=seed,
    )


def _principal_components(values: Mapping[str, Any], seed: int) -> Pipeline:
    automatic = values["n_components"] is None
    components = PCA(
        n_components=EXPLAINED_VARIANCE if automatic else values["n_components"],
        svd_solver="full" if automatic else values["svd_solver"],
        random_state=seed,
    )
    return make_pipeline(components, _logistic(values, seed))


LINEAR_REGRESSION = Recipe(build=_logistic)
SVM = Recipe(
    build=lambda values, seed: MarginSVC(**values, random_state=seed),
    fit=fit_grouped,
    trusted=("mlcore.models.margin_svc.MarginSVC",),
)
DECISION_TREE = Recipe(
    build=lambda values, seed: DecisionTreeClassifier(**values, random_state=seed),
    fit=fit_smoothed,
    trusted=_TREE,
)
RANDOM_FOREST = _forest(RandomForestClassifier)
EXTRA_TREES = _forest(ExtraTreesClassifier)
XGBOOST = Recipe(
    build=lambda values, seed: XGBClassifier(
        **values, tree_method="hist", n_jobs=1, random_state=seed
    ),
    fit=fit_booster,
    scores=lambda estimator, X: estimator.get_booster().predict(
        DMatrix(X, nthread=1), output_margin=True
    ),
)
GRADIENT_BOOSTING = Recipe(
    build=lambda values, seed: HistGradientBoostingClassifier(
        **values, early_stopping=False, random_state=seed
    ),
    fit=fit_boosting,
    trusted=(
        "numpy.dtypes.Float64DType",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.link.MultinomialLogit",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn._loss.loss.HalfMultinomialLoss",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.preprocessing._label.LabelBinarizer",
    ),
)
PRINCIPAL_COMPONENTS = Recipe(build=_principal_components)
NEURAL_NETWORK = Recipe(
    build=lambda values, seed: MLPClassifier(
        hidden_layer_sizes=values["hidden_layer_sizes"],
        activation=values["activation"],
        learning_rate_init=values["learning_rate"],
        max_iter=values["max_iter"],
        random_state=seed,
    ),
    fit=fit_epochs,
    trusted=(
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.preprocessing._label.LabelBinarizer",
    ),
)
