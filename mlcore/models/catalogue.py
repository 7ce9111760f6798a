"""The model types: one entry for each, with its hyperparameters, cost and way of explaining."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
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

from mlcore.errors import HyperparameterError
from mlcore.models.fitting import (
    Fit,
    fit_at_once,
    fit_booster,
    fit_epochs,
    fit_grouped,
    fit_in_parts,
)
from mlcore.models.hyperparameters import (
    Boolean,
    Choice,
    Hyperparameter,
    Integer,
    IntegerList,
    Real,
)
from mlcore.models.margin_svc import MarginSVC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MODELS", "MOST_SECONDS", "Explainer", "ModelType", "model_type"]

MOST_SECONDS = 1200.0
"""Longest fit and explanation that a request may ask for, as `ModelType.seconds` estimates it."""

_GIGABYTE_NODES = 4e6
"""Nodes of a forest that fill about a gigabyte with what is kept for each (measured)."""


class Explainer(StrEnum):
    """The exact or sampled method that attributes a model's output to its columns."""

    TREES = "trees"
    LINEAR = "linear"
    KERNEL = "kernel"
    SAMPLING = "sampling"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelType:
    """A kind of classifier that a user can train."""

    name: str
    """Name in requests."""
    label: str
    """Name for people."""
    description: str
    """One sentence on what it does and when it suits."""
    aliases: tuple[str, ...] = ()
    """Other names that requests may use."""
    hyperparameters: tuple[Hyperparameter, ...]
    build: Callable[[Mapping[str, Any], int], Any]
    """Return the unfitted estimator for hyperparameter values and a seed."""
    seconds: Callable[[Mapping[str, Any], int, int], float]
    """Rough seconds on one core to fit and explain, from values, rows and columns."""
    explainer: Explainer
    fit: Fit = fit_at_once
    sees_missing: bool = False
    """Whether the estimator takes missing values; else the training median stands in for them."""
    minds_scale: bool = False
    """Whether columns that span decades go in as logarithms."""
    standardised: Callable[[Mapping[str, Any]], bool] = lambda _values: False
    """Whether columns are brought to mean 0 and standard deviation 1 before the estimator."""

    def read_hyperparameters(
        self, sent: Mapping[str, Any]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the value of each hyperparameter, and a sentence for each that was ignored.

        Parameters
        ----------
        sent
            Values by name, as a request holds them. A name of another model type is ignored.

        Raises
        ------
        HyperparameterError
            When a name belongs to no model type or a value is not allowed.
        """
        own = {row.name: row for row in self.hyperparameters}
        ignored = []
        for name in sent:
            if name in own:
                continue
            if not any(
                name == row.name for other in MODELS.values() for row in other.hyperparameters
            ):
                raise HyperparameterError(
                    f"{str(name)[:60]} is no hyperparameter of any model;"
                    f" {self.name} has {', '.join(own)}."
                )
            ignored.append(f"{name} is no hyperparameter of {self.name} and was ignored.")
        return {name: row.read(sent.get(name)) for name, row in own.items()}, tuple(ignored)

    def check_cost(self, values: Mapping[str, Any], *, rows: int, columns: int) -> None:
        """Refuse hyperparameters that fit the bounds one by one but not together.

        Parameters
        ----------
        values
            What `read_hyperparameters` returned.
        rows, columns
            Size of the training table.

        Raises
        ------
        HyperparameterError
            When the estimated time exceeds `MOST_SECONDS`, or more components are asked for
            than the table has columns.
        """
        components = values.get("n_components")
        most = min(rows, columns) - (values.get("svd_solver") == "arpack")
        if components is not None and components > most:
            raise HyperparameterError(
                f"n_components was {components}, but it must be a whole number from 1 to {most}"
                f" for {rows} training rows with {columns} feature columns."
            )
        estimate = self.seconds(values, rows, columns)
        if estimate > MOST_SECONDS:
            raise HyperparameterError(
                f"These hyperparameters on {rows} training rows would take about"
                f" {estimate / 60:.0f} minutes, but at most {MOST_SECONDS / 60:.0f} are allowed;"
                f" {self._remedy(values, rows, columns, estimate)}."
            )

    def _remedy(self, values: Mapping[str, Any], rows: int, columns: int, estimate: float) -> str:
        def at_default(row: Hyperparameter) -> float:
            return self.seconds({**values, row.name: row.default}, rows, columns)

        dearest = min(self.hyperparameters, key=at_default)
        if at_default(dearest) >= estimate:
            return "use fewer rows"
        if isinstance(dearest, Choice):
            return f"choose another {dearest.name}"
        return f"lower {dearest.name}"


def _number(name: str, default: int | None, low: int, high: int, text: str) -> Integer:
    return Integer(name=name, default=default, minimum=low, maximum=high, help=text)


_MAX_DEPTH = _number("max_depth", None, 1, 100, "Longest path of a tree; empty: no limit.")
_MIN_SPLIT = _number("min_samples_split", 2, 2, 10_000, "Fewest rows that a node may divide.")
_MIN_LEAF = _number("min_samples_leaf", 1, 1, 10_000, "Fewest rows in a leaf.")
_TREES = _number("n_estimators", 100, 1, 2000, "Number of trees.")
_LEARNING_RATE = Real(
    name="learning_rate",
    default=0.1,
    minimum=0.01,
    maximum=1.0,
    help="How much of each new tree's correction is added.",
)


def _tree_parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("max_depth", "min_samples_split", "min_samples_leaf")}


def _forest_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    nodes = values["n_estimators"] * 2.0 * rows / values["min_samples_leaf"]
    # Beyond what a job's memory holds no patience helps.
    memory = 1.0 if nodes < 2 * _GIGABYTE_NODES else (nodes / _GIGABYTE_NODES) ** 2
    return float(values["n_estimators"] * (6e-7 * rows * columns**0.5 + 0.005) * memory)


def _boosting_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    depth = min(values.get("max_depth") or 8, 16)
    rounds = values.get("n_estimators") or values.get("max_iter") or 0
    leaves = values.get("max_leaf_nodes")
    tree = 8e-6 * columns * leaves if leaves else 2e-4 * 1.5**depth
    return float(rounds * (1.2e-8 * rows * columns * depth + tree))


def _svm_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    hardness = 1 + values["C"] ** 0.5 * (4 if values["kernel"] == "linear" else 1)
    return float(2e-9 * rows**2 * columns * hardness)


def _network_seconds(values: Mapping[str, Any], rows: int, columns: int) -> float:
    widths = (columns, *values["hidden_layer_sizes"], 3)
    weights = sum(a * b for a, b in pairwise(widths))
    return float(
        values["max_iter"] * rows * (weights * 4e-10 + 1e-6) + rows * columns * weights * 3e-9
    )


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
        # As many components as explain 95 % of the variance.
        n_components=0.95 if automatic else values["n_components"],
        svd_solver="full" if automatic else values["svd_solver"],
        random_state=seed,
    )
    return make_pipeline(components, _logistic(values, seed))


_ENTRIES = (
    ModelType(
        name="linear_regression",
        label="Logistic regression",
        description="A weighted sum of the columns turned into probabilities; simple and stable.",
        aliases=("logistic_regression",),
        hyperparameters=(
            Boolean(
                name="fit_intercept", default=True, help="Whether the sum has a constant term."
            ),
            Boolean(
                name="normalize", default=False, help="Whether the columns are standardised first."
            ),
        ),
        build=_logistic,
        seconds=lambda _values, rows, columns: 1e-8 * rows * columns**2 + 0.1,
        explainer=Explainer.LINEAR,
        minds_scale=True,
        standardised=lambda values: bool(values["normalize"]),
    ),
    ModelType(
        name="svm",
        label="Support vector machine",
        description="The widest margin between the classes, straight or bent by a kernel.",
        aliases=("support_vector_machine",),
        hyperparameters=(
            Real(
                name="C",
                default=1.0,
                minimum=0.1,
                maximum=100.0,
                help="Price of a row on the wrong side of the margin.",
            ),
            Choice(
                name="kernel",
                default="rbf",
                choices=("rbf", "linear", "poly", "sigmoid"),
                help="Shape of the boundary.",
            ),
            Choice(
                name="gamma",
                default="scale",
                choices=("scale", "auto"),
                help="How the kernel's width follows from the table.",
            ),
        ),
        build=lambda values, seed: MarginSVC(**values, random_state=seed),
        seconds=_svm_seconds,
        explainer=Explainer.KERNEL,
        fit=fit_grouped,
        minds_scale=True,
        standardised=lambda _values: True,
    ),
    ModelType(
        name="decision_tree",
        label="Decision tree",
        description="One tree of yes-or-no questions; easy to read, coarse in its probabilities.",
        aliases=("tree",),
        hyperparameters=(
            _MAX_DEPTH,
            _MIN_SPLIT,
            _MIN_LEAF,
            Choice(
                name="criterion",
                default="gini",
                choices=("gini", "entropy"),
                help="What a split must lower.",
            ),
        ),
        build=lambda values, seed: DecisionTreeClassifier(**values, random_state=seed),
        seconds=lambda _values, rows, columns: 1.5e-6 * rows * columns + 0.1,
        explainer=Explainer.TREES,
    ),
    ModelType(
        name="random_forest",
        label="Random forest",
        description="The mean of many trees, each grown on a random draw of rows and columns.",
        aliases=("rf",),
        hyperparameters=(_TREES, _MAX_DEPTH, _MIN_SPLIT, _MIN_LEAF),
        build=lambda values, seed: RandomForestClassifier(
            n_estimators=values["n_estimators"],
            **_tree_parameters(values),
            n_jobs=1,
            random_state=seed,
        ),
        seconds=_forest_seconds,
        explainer=Explainer.TREES,
        fit=fit_in_parts("n_estimators", "trees"),
    ),
    ModelType(
        name="extra_trees",
        label="Extremely randomised trees",
        description="A forest whose split points are drawn at random; smoother, and quick to fit.",
        hyperparameters=(_TREES, _MAX_DEPTH, _MIN_SPLIT, _MIN_LEAF),
        build=lambda values, seed: ExtraTreesClassifier(
            n_estimators=values["n_estimators"],
            **_tree_parameters(values),
            n_jobs=1,
            random_state=seed,
        ),
        seconds=_forest_seconds,
        explainer=Explainer.TREES,
        fit=fit_in_parts("n_estimators", "trees"),
    ),
    ModelType(
        name="xgboost",
        label="XGBoost",
        description="Trees that correct each other in turn; usually the most accurate.",
        aliases=("xgb",),
        hyperparameters=(
            _LEARNING_RATE,
            _number("max_depth", 6, 1, 16, "Longest path of a tree."),
            _TREES,
            Real(
                name="subsample",
                default=1.0,
                minimum=0.1,
                maximum=1.0,
                help="Share of the rows that each tree sees.",
            ),
        ),
        build=lambda values, seed: XGBClassifier(
            **values, tree_method="hist", n_jobs=1, random_state=seed
        ),
        seconds=_boosting_seconds,
        explainer=Explainer.TREES,
        fit=fit_booster,
        sees_missing=True,
    ),
    ModelType(
        name="gradient_boosting",
        label="Histogram gradient boosting",
        description="scikit-learn's boosted trees on binned columns; quick and accurate.",
        aliases=("hgb",),
        hyperparameters=(
            _LEARNING_RATE,
            _number("max_iter", 100, 1, 2000, "Number of rounds."),
            _number("max_leaf_nodes", 31, 2, 255, "Most leaves of a tree."),
            Real(
                name="l2_regularization",
                default=0.0,
                minimum=0.0,
                maximum=1000.0,
                help="Pull of the leaves towards zero.",
            ),
        ),
        build=lambda values, seed: HistGradientBoostingClassifier(
            **values, early_stopping=False, random_state=seed
        ),
        seconds=_boosting_seconds,
        explainer=Explainer.TREES,
        fit=fit_in_parts("max_iter", "rounds"),
        sees_missing=True,
    ),
    ModelType(
        name="pca",
        label="Principal components",
        description="The table's main directions, then a logistic regression on them.",
        aliases=("principal_component_analysis",),
        hyperparameters=(
            _number(
                "n_components",
                None,
                1,
                1000,
                "Number of components; empty: as many as explain 95 % of the variance, found"
                " by the full decomposition.",
            ),
            Choice(
                name="svd_solver",
                default="auto",
                choices=("auto", "full", "arpack", "randomized"),
                help="How the components are computed when their number is given.",
            ),
        ),
        build=_pca,
        seconds=lambda _values, rows, columns: 2e-8 * rows * columns**2 + 0.1,
        explainer=Explainer.LINEAR,
        minds_scale=True,
        standardised=lambda _values: True,
    ),
    ModelType(
        name="neural_network",
        label="Neural network",
        description="Layers of weighted sums; bends smoothly, wants many rows.",
        aliases=("deep_learning", "nn"),
        hyperparameters=(
            IntegerList(
                name="hidden_layer_sizes",
                default=(100,),
                minimum=1,
                maximum=512,
                longest=4,
                help="Width of each hidden layer.",
            ),
            Choice(
                name="activation",
                default="relu",
                choices=("relu", "tanh", "logistic"),
                help="What bends a unit's sum.",
            ),
            Real(
                name="learning_rate",
                default=0.001,
                minimum=0.0001,
                maximum=1.0,
                help="Size of the first steps.",
            ),
            _number("max_iter", 200, 1, 2000, "Most passes over the training rows."),
        ),
        build=lambda values, seed: MLPClassifier(
            hidden_layer_sizes=values["hidden_layer_sizes"],
            activation=values["activation"],
            learning_rate_init=values["learning_rate"],
            max_iter=values["max_iter"],
            random_state=seed,
        ),
        seconds=_network_seconds,
        explainer=Explainer.SAMPLING,
        fit=fit_epochs,
        minds_scale=True,
        standardised=lambda _values: True,
    ),
)

MODELS: Mapping[str, ModelType] = {entry.name: entry for entry in _ENTRIES}
"""Every model type by its name."""


def model_type(name: str) -> ModelType:
    """Return the model type that a request means by `name` or by an alias.

    Raises
    ------
    HyperparameterError
        When there is no such model type.
    """
    wanted = name.strip().lower()
    for entry in _ENTRIES:
        if wanted == entry.name or wanted in entry.aliases:
            return entry
    raise HyperparameterError(
        f"model_type was {name[:60]!r}, but it must be one of {', '.join(MODELS)}."
    )
