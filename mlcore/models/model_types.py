"""The model types: one row for each, with its hyperparameters, cost and way of explaining.

Facts only: whoever asks what can be trained (a form, a database field, a check of a request) loads
no numerical library. How the estimator of a row is built and fitted is in
`mlcore.models.estimators`; another model type is another row here and another recipe there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.errors import HyperparameterError
from mlcore.in_words import level
from mlcore.levels import EXPLAINED_VARIANCE
from mlcore.models import costs, papers
from mlcore.models.hyperparameter_kinds import (
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


def _whole(
    name: str,
    default: int | None,
    bounds: tuple[int, int],
    text: str,
    search: SearchRange | None = None,
) -> Integer:
    low, high = bounds
    return Integer(name=name, default=default, minimum=low, maximum=high, help=text, search=search)


def _real(
    name: str, default: float, bounds: tuple[float, float], text: str, search: SearchRange
) -> Real:
    low, high = bounds
    return Real(name=name, default=default, minimum=low, maximum=high, help=text, search=search)


def _choice(name: str, text: str, *choices: str, search: tuple[str, ...] | None = None) -> Choice:
    """Return a choice whose first word is the default."""
    return Choice(name=name, default=choices[0], choices=choices, help=text, search=search)


_ratios = partial(SearchRange, log=True)
_TREES = _whole("n_estimators", 100, (1, 2000), "Number of trees.", _ratios(50, 200))
_ROUNDS = replace(_TREES, search=_ratios(50, 400))
_LEARNING_RATE = _real(
    "learning_rate",
    0.1,
    (0.01, 1.0),
    "How much of each new tree's correction is added.",
    _ratios(0.02, 0.3),
)
_TREE = (
    _whole(
        "max_depth", None, (1, 100), "Longest path of a tree; empty: no limit.", SearchRange(4, 30)
    ),
    _whole("min_samples_split", 2, (2, 10_000), "Fewest rows that a node may divide."),
    _whole("min_samples_leaf", 1, (1, 10_000), "Fewest rows in a leaf.", _ratios(1, 50)),
)

_forest = partial(
    ModelType,
    hyperparameters=(_TREES, *_TREE),
    seconds=costs.forest_seconds,
    fit_seconds=costs.forest_fit_seconds,
    seconds_a_row=costs.forest_seconds_a_row,
    explainer=Explainer.TREES,
    output=OutputScale.PROBABILITY,
)
_boosting = partial(
    ModelType,
    seconds=costs.boosting_seconds,
    seconds_a_row=costs.boosting_seconds_a_row,
    explainer=Explainer.TREES,
    output=OutputScale.SCORE,
    sees_missing=True,
)

_scaled = partial(ModelType, minds_scale=True, standardised=lambda _values: True)

_ENTRIES = (
    ModelType(
        name="linear_regression",
        references=(papers.SCIKIT_LEARN,),
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
        estimator="mlcore.models.estimators:LINEAR_REGRESSION",
        explainer=Explainer.LINEAR,
        output=OutputScale.SCORE,
        minds_scale=True,
        standardised=lambda values: bool(values["normalize"]),
    ),
    _scaled(
        name="svm",
        references=(papers.SUPPORT_VECTORS, papers.SCIKIT_LEARN),
        label="Support vector machine",
        description="The widest margin between the classes, straight or bent by a kernel.",
        aliases=("support_vector_machine",),
        hyperparameters=(
            _real(
                "C",
                1.0,
                (0.1, 100.0),
                "Price of a row on the wrong side of the margin.",
                _ratios(0.3, 30.0),
            ),
            _choice("kernel", "Shape of the boundary.", "rbf", "linear", "poly", "sigmoid"),
            _choice("gamma", "How the kernel's width follows from the table.", "scale", "auto"),
        ),
        seconds=costs.svm_seconds,
        seconds_a_row=costs.svm_seconds_a_row,
        estimator="mlcore.models.estimators:SVM",
        explainer=Explainer.KERNEL,
        output=OutputScale.SCORE,
    ),
    ModelType(
        name="decision_tree",
        references=(papers.SCIKIT_LEARN,),
        label="Decision tree",
        description="One tree of yes-or-no questions; easy to read. A leaf of few rows is not sure:"
        " the branch above it has a say.",
        aliases=("tree",),
        hyperparameters=(
            *_TREE,
            _choice(
                "criterion",
                "What a split must lower.",
                "gini",
                "entropy",
                search=("gini", "entropy"),
            ),
        ),
        seconds=lambda _values, rows, columns: 1.5e-6 * rows * columns + 0.1,
        estimator="mlcore.models.estimators:DECISION_TREE",
        explainer=Explainer.TREES,
        output=OutputScale.PROBABILITY,
    ),
    _forest(
        name="random_forest",
        references=(papers.FOREST, papers.SCIKIT_LEARN),
        label="Random forest",
        description="The mean of many trees, each grown on a random draw of rows and columns.",
        aliases=("rf",),
        estimator="mlcore.models.estimators:RANDOM_FOREST",
    ),
    _forest(
        name="extra_trees",
        references=(papers.EXTRA_TREES, papers.SCIKIT_LEARN),
        label="Extremely randomised trees",
        description="A forest whose split points are drawn at random; smoother, and quick to fit.",
        estimator="mlcore.models.estimators:EXTRA_TREES",
    ),
    _boosting(
        name="xgboost",
        references=(papers.XGBOOST,),
        label="XGBoost",
        description="Trees that correct each other in turn; usually the most accurate.",
        aliases=("xgb",),
        hyperparameters=(
            _LEARNING_RATE,
            _whole("max_depth", 6, (1, 16), "Longest path of a tree.", SearchRange(2, 10)),
            _ROUNDS,
            _real(
                "subsample",
                1.0,
                (0.1, 1.0),
                "Share of the rows that each tree sees.",
                SearchRange(0.5, 1.0),
            ),
        ),
        estimator="mlcore.models.estimators:XGBOOST",
        goes_on_learning=True,
    ),
    _boosting(
        name="gradient_boosting",
        references=(papers.BOOSTING, papers.SCIKIT_LEARN),
        label="Histogram gradient boosting",
        description="scikit-learn's boosted trees on binned columns; quick and accurate.",
        aliases=("hgb",),
        hyperparameters=(
            _LEARNING_RATE,
            _whole("max_iter", 100, (1, 2000), "Number of rounds.", _ratios(50, 400)),
            _whole("max_leaf_nodes", 31, (2, 255), "Most leaves of a tree.", _ratios(6, 64)),
            _real(
                "l2_regularization",
                0.0,
                (0.0, 1000.0),
                "Pull of the leaves towards zero.",
                _ratios(0.01, 100.0),
            ),
        ),
        estimator="mlcore.models.estimators:GRADIENT_BOOSTING",
    ),
    _scaled(
        name="pca",
        references=(papers.SCIKIT_LEARN,),
        label="Principal components",
        description="The table's main directions, then a logistic regression on them.",
        aliases=("principal_component_analysis",),
        hyperparameters=(
            _whole(
                "n_components",
                None,
                (1, 1000),
                "Number of components; empty: as many as explain"
                f" {level(EXPLAINED_VARIANCE)} of the variance, found by the full decomposition.",
            ),
            _choice(
                "svd_solver",
                "How the components are computed when their number is given.",
                "auto",
                "full",
                "arpack",
                "randomized",
            ),
        ),
        seconds=lambda _values, rows, columns: 2e-8 * rows * columns**2 + 0.1,
        estimator="mlcore.models.estimators:PRINCIPAL_COMPONENTS",
        explainer=Explainer.LINEAR,
        output=OutputScale.SCORE,
    ),
    _scaled(
        name="neural_network",
        references=(papers.SCIKIT_LEARN,),
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
            _choice(
                "activation",
                "What bends a unit's sum.",
                "relu",
                "tanh",
                "logistic",
                search=("relu", "tanh"),
            ),
            _real(
                "learning_rate",
                0.001,
                (0.0001, 1.0),
                "Size of the first steps.",
                _ratios(0.0003, 0.01),
            ),
            _whole("max_iter", 200, (1, 2000), "Most passes over the training rows."),
        ),
        seconds=costs.network_seconds,
        fit_seconds=costs.network_fit_seconds,
        seconds_a_row=costs.network_seconds_a_row,
        estimator="mlcore.models.estimators:NEURAL_NETWORK",
        explainer=Explainer.SAMPLING,
        output=OutputScale.PROBABILITY,
    ),
    ModelType(
        name="auto",
        references=(papers.PARZEN, papers.STACKING),
        label="Automatic search",
        description="Tries the other models and their settings within a time budget, by"
        " cross-validation on unseen stars, and combines the best.",
        hyperparameters=(
            _whole(
                "time_budget",
                120,
                (30, 1800),
                "How long it may take from the first look at the table to the result, in seconds"
                " of time; the search itself gets about two thirds of it.",
            ),
            _whole(
                "max_trials",
                None,
                (1, 500),
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
