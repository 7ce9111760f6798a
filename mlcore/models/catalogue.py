"""The model types: one row for each, with its hyperparameters, cost and way of explaining.

Facts only: whoever asks what can be trained (a form, a database field, a check of a request) loads
no numerical library. How the estimator of a row is built and fitted is in
`mlcore.models.estimators`; another model type is another row here and another recipe there.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.errors import HyperparameterError
from mlcore.in_words import level
from mlcore.levels import EXPLAINED_VARIANCE
from mlcore.models.costs import (
    A_ROW,
    boosting_seconds,
    boosting_seconds_a_row,
    forest_fit_seconds,
    forest_seconds,
    forest_seconds_a_row,
    network_fit_seconds,
    network_seconds,
    network_seconds_a_row,
    svm_seconds,
    svm_seconds_a_row,
)
from mlcore.models.hyperparameters import (
    Boolean,
    Choice,
    Integer,
    IntegerList,
    Real,
    SearchRange,
)
from mlcore.models.spec import Explainer, ModelType, OutputScale

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FINE_TUNED", "MODELS", "model_type"]


def _number(
    name: str,
    default: int | None,
    low: int,
    high: int,
    text: str,
    search: SearchRange | None = None,
) -> Integer:
    return Integer(name=name, default=default, minimum=low, maximum=high, help=text, search=search)


_MAX_DEPTH = _number(
    "max_depth",
    None,
    1,
    100,
    "Longest path of a tree; empty: no limit.",
    SearchRange(low=4, high=30),
)
_MIN_SPLIT = _number("min_samples_split", 2, 2, 10_000, "Fewest rows that a node may divide.")
_MIN_LEAF = _number(
    "min_samples_leaf",
    1,
    1,
    10_000,
    "Fewest rows in a leaf.",
    SearchRange(low=1, high=50, log=True),
)
_TREES = _number(
    "n_estimators", 100, 1, 2000, "Number of trees.", SearchRange(low=50, high=200, log=True)
)
_ROUNDS = replace(_TREES, search=SearchRange(low=50, high=400, log=True))
_LEARNING_RATE = Real(
    name="learning_rate",
    default=0.1,
    minimum=0.01,
    maximum=1.0,
    help="How much of each new tree's correction is added.",
    search=SearchRange(low=0.02, high=0.3, log=True),
)


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
                name="normalize",
                default=False,
                help="Whether the columns are standardised first.",
                search=(False, True),
            ),
        ),
        seconds=lambda _values, rows, columns: 1e-8 * rows * columns**2 + 0.1,
        seconds_a_row=lambda _values, _rows, _columns: A_ROW,
        estimator="mlcore.models.estimators:LINEAR_REGRESSION",
        explainer=Explainer.LINEAR,
        output=OutputScale.SCORE,
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
                search=SearchRange(low=0.3, high=30.0, log=True),
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
        seconds=svm_seconds,
        seconds_a_row=svm_seconds_a_row,
        estimator="mlcore.models.estimators:SVM",
        explainer=Explainer.KERNEL,
        output=OutputScale.SCORE,
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
                search=("gini", "entropy"),
            ),
        ),
        seconds=lambda _values, rows, columns: 1.5e-6 * rows * columns + 0.1,
        seconds_a_row=lambda _values, _rows, _columns: A_ROW,
        estimator="mlcore.models.estimators:DECISION_TREE",
        explainer=Explainer.TREES,
        output=OutputScale.PROBABILITY,
    ),
    ModelType(
        name="random_forest",
        label="Random forest",
        description="The mean of many trees, each grown on a random draw of rows and columns.",
        aliases=("rf",),
        hyperparameters=(_TREES, _MAX_DEPTH, _MIN_SPLIT, _MIN_LEAF),
        seconds=forest_seconds,
        fit_seconds=forest_fit_seconds,
        seconds_a_row=forest_seconds_a_row,
        estimator="mlcore.models.estimators:RANDOM_FOREST",
        explainer=Explainer.TREES,
        output=OutputScale.PROBABILITY,
    ),
    ModelType(
        name="extra_trees",
        label="Extremely randomised trees",
        description="A forest whose split points are drawn at random; smoother, and quick to fit.",
        hyperparameters=(_TREES, _MAX_DEPTH, _MIN_SPLIT, _MIN_LEAF),
        seconds=forest_seconds,
        fit_seconds=forest_fit_seconds,
        seconds_a_row=forest_seconds_a_row,
        estimator="mlcore.models.estimators:EXTRA_TREES",
        explainer=Explainer.TREES,
        output=OutputScale.PROBABILITY,
    ),
    ModelType(
        name="xgboost",
        label="XGBoost",
        description="Trees that correct each other in turn; usually the most accurate.",
        aliases=("xgb",),
        hyperparameters=(
            _LEARNING_RATE,
            _number("max_depth", 6, 1, 16, "Longest path of a tree.", SearchRange(low=2, high=10)),
            _ROUNDS,
            Real(
                name="subsample",
                default=1.0,
                minimum=0.1,
                maximum=1.0,
                help="Share of the rows that each tree sees.",
                search=SearchRange(low=0.5, high=1.0),
            ),
        ),
        seconds=boosting_seconds,
        seconds_a_row=boosting_seconds_a_row,
        estimator="mlcore.models.estimators:XGBOOST",
        explainer=Explainer.TREES,
        output=OutputScale.SCORE,
        goes_on_learning=True,
        sees_missing=True,
    ),
    ModelType(
        name="gradient_boosting",
        label="Histogram gradient boosting",
        description="scikit-learn's boosted trees on binned columns; quick and accurate.",
        aliases=("hgb",),
        hyperparameters=(
            _LEARNING_RATE,
            _number(
                "max_iter",
                100,
                1,
                2000,
                "Number of rounds.",
                SearchRange(low=50, high=400, log=True),
            ),
            _number(
                "max_leaf_nodes",
                31,
                2,
                255,
                "Most leaves of a tree.",
                SearchRange(low=6, high=64, log=True),
            ),
            Real(
                name="l2_regularization",
                default=0.0,
                minimum=0.0,
                maximum=1000.0,
                help="Pull of the leaves towards zero.",
                search=SearchRange(low=0.01, high=100.0, log=True),
            ),
        ),
        seconds=boosting_seconds,
        seconds_a_row=boosting_seconds_a_row,
        estimator="mlcore.models.estimators:GRADIENT_BOOSTING",
        explainer=Explainer.TREES,
        output=OutputScale.SCORE,
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
                "Number of components; empty: as many as explain"
                f" {level(EXPLAINED_VARIANCE)} of the variance, found by the full decomposition.",
            ),
            Choice(
                name="svd_solver",
                default="auto",
                choices=("auto", "full", "arpack", "randomized"),
                help="How the components are computed when their number is given.",
            ),
        ),
        seconds=lambda _values, rows, columns: 2e-8 * rows * columns**2 + 0.1,
        seconds_a_row=lambda _values, _rows, _columns: A_ROW,
        estimator="mlcore.models.estimators:PRINCIPAL_COMPONENTS",
        explainer=Explainer.LINEAR,
        output=OutputScale.SCORE,
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
                search=((50,), (100,), (50, 50), (100, 50)),
            ),
            Choice(
                name="activation",
                default="relu",
                choices=("relu", "tanh", "logistic"),
                help="What bends a unit's sum.",
                search=("relu", "tanh"),
            ),
            Real(
                name="learning_rate",
                default=0.001,
                minimum=0.0001,
                maximum=1.0,
                help="Size of the first steps.",
                search=SearchRange(low=0.0003, high=0.01, log=True),
            ),
            _number("max_iter", 200, 1, 2000, "Most passes over the training rows."),
        ),
        seconds=network_seconds,
        fit_seconds=network_fit_seconds,
        seconds_a_row=network_seconds_a_row,
        estimator="mlcore.models.estimators:NEURAL_NETWORK",
        explainer=Explainer.SAMPLING,
        output=OutputScale.PROBABILITY,
        minds_scale=True,
        standardised=lambda _values: True,
    ),
    ModelType(
        name="auto",
        label="Automatic search",
        description="Tries the other models and their settings within a time budget, by"
        " cross-validation on unseen stars, and combines the best.",
        hyperparameters=(
            _number(
                "time_budget",
                120,
                30,
                1800,
                "How long it may take from the first look at the table to the result, in seconds"
                " of time; the search itself gets about two thirds of it.",
            ),
            _number(
                "max_trials",
                None,
                1,
                500,
                "Most models to try; empty: as many as the time budget allows. A search that ends"
                " by it rather than by the time gives the same result again.",
            ),
        ),
        # Its fits and rows count within the time budget.
        seconds=lambda _values, _rows, _columns: 0.0,
        seconds_a_row=lambda _values, _rows, _columns: 0.0,
        explainer=Explainer.STACK,
        output=OutputScale.SCORE,
        sees_missing=True,
        searches=True,
    ),
)

_NAMES = frozenset(row.name for entry in _ENTRIES for row in entry.hyperparameters)

_BY_NAME = {entry.name: replace(entry, known_names=_NAMES) for entry in _ENTRIES}

MODELS: Mapping[str, ModelType] = MappingProxyType(_BY_NAME)
"""Every model type by its name.

Examples
--------
>>> import mlcore
>>> mlcore.MODELS["random_forest"].label
'Random forest'
"""


FINE_TUNED = tuple(entry.name for entry in _ENTRIES if entry.goes_on_learning)
"""Names of the model types that go on learning from other rows: see `mlcore.training.fine_tune`."""


def model_type(name: str) -> ModelType:
    """Return the model type that a request means by `name` or by an alias.

    Raises
    ------
    HyperparameterError
        When there is no such model type.
    """
    wanted = name.strip().lower()
    for entry in MODELS.values():
        if wanted == entry.name or wanted in entry.aliases:
            return entry
    raise HyperparameterError(
        f"model_type was {name[:60]!r}, but it must be one of {', '.join(MODELS)}."
    )
