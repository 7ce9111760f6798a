from __future__ import annotations

import copy
import pickle
import re
from dataclasses import replace
from typing import Any

import pytest

from mlcore.errors import HyperparameterError
from mlcore.models import MODELS, model_type
from mlcore.models.hyperparameter_kinds import Boolean, Choice, Integer, IntegerList, Real
from mlcore.models.workload import MOST_SECONDS

EVERY_MODEL = pytest.mark.parametrize("name", MODELS)

# What the existing frontend may send: name, type, default, lowest allowed or choices.
CONTRACT = {
    "linear_regression": [("fit_intercept", Boolean, True, None), ("normalize", Boolean, False, 0)],
    "svm": [
        ("C", Real, 1.0, 0.1),
        ("kernel", Choice, "rbf", ("rbf", "linear", "poly", "sigmoid")),
        ("gamma", Choice, "scale", ("scale", "auto")),
    ],
    "decision_tree": [
        ("max_depth", Integer, None, 1),
        ("min_samples_split", Integer, 2, 2),
        ("min_samples_leaf", Integer, 1, 1),
        ("criterion", Choice, "gini", ("gini", "entropy")),
    ],
    "random_forest": [
        ("n_estimators", Integer, 100, 1),
        ("max_depth", Integer, None, 1),
        ("min_samples_split", Integer, 2, 2),
        ("min_samples_leaf", Integer, 1, 1),
    ],
    "xgboost": [
        ("learning_rate", Real, 0.1, 0.01),
        ("max_depth", Integer, 6, 1),
        ("n_estimators", Integer, 100, 1),
        ("subsample", Real, 1.0, 0.1),
    ],
    "pca": [
        ("n_components", Integer, None, 1),
        ("svd_solver", Choice, "auto", ("auto", "full", "arpack", "randomized")),
    ],
    "neural_network": [
        ("hidden_layer_sizes", IntegerList, (100,), 1),
        ("activation", Choice, "relu", ("relu", "tanh", "logistic")),
        ("learning_rate", Real, 0.001, 0.0001),
        ("max_iter", Integer, 200, 1),
    ],
}
ALIASES = {
    "logistic_regression": "linear_regression",
    "deep_learning": "neural_network",
    "rf": "random_forest",
    "xgb": "xgboost",
    "tree": "decision_tree",
    "nn": "neural_network",
    "support_vector_machine": "svm",
    "principal_component_analysis": "pca",
}
LARGEST = {"rows": 9564, "columns": 40}
# Nothing that a user can set makes these slow.
CHEAP = ("linear_regression", "decision_tree", "pca")
HUGE = {"rows": 100_000, "columns": 40}


def values_of(name: str, **sent: Any) -> dict[str, Any]:
    return MODELS[name].read_hyperparameters(sent)[0]


@pytest.mark.parametrize("name", CONTRACT)
def test_the_frontends_hyperparameters_are_declared_as_it_knows_them(name: str) -> None:
    declared = {row.name: row for row in MODELS[name].hyperparameters}
    assert list(declared) == [row[0] for row in CONTRACT[name]]
    for field, kind, default, allowed in CONTRACT[name]:
        row = declared[field]
        assert type(row) is kind
        assert row.default == default
        if isinstance(row, Choice):
            assert row.choices == allowed
        elif isinstance(row, Integer | Real | IntegerList):
            assert row.minimum == allowed
            assert row.maximum < 1e6


def test_the_frontends_models_come_with_three_more() -> None:
    assert set(MODELS) - set(CONTRACT) == {"auto", "extra_trees", "gradient_boosting"}
    assert set(CONTRACT) <= set(MODELS)


@EVERY_MODEL
def test_a_model_describes_itself_to_people(name: str) -> None:
    entry = MODELS[name]
    assert entry.name == name
    assert entry.label
    assert entry.description.endswith(".")


@EVERY_MODEL
def test_a_model_is_found_by_its_name_however_it_is_written(name: str) -> None:
    assert model_type(name) is model_type(f" {name.upper()} ") is MODELS[name]


@pytest.mark.parametrize("alias", ALIASES)
def test_a_model_is_found_by_its_alias(alias: str) -> None:
    assert model_type(alias) is MODELS[ALIASES[alias]]


def test_no_alias_means_two_models() -> None:
    names = [name for entry in MODELS.values() for name in (entry.name, *entry.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("unknown", ["", "cnn", "x" * 1000])
def test_an_unknown_model_is_refused_with_those_that_are_known(unknown: str) -> None:
    with pytest.raises(HyperparameterError) as refusal:
        model_type(unknown)
    assert str(refusal.value) == (
        f"model_type was {unknown[:60]!r}, but it must be one of {', '.join(MODELS)}."
    )


@EVERY_MODEL
def test_the_defaults_may_be_fitted_on_the_largest_mission(name: str) -> None:
    MODELS[name].check_cost(values_of(name), **LARGEST)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "svm"])
def test_the_defaults_may_be_fitted_on_a_hundred_thousand_rows(name: str) -> None:
    MODELS[name].check_cost(values_of(name), **HUGE)


def test_a_support_vector_machine_on_a_hundred_thousand_rows_is_refused() -> None:
    with pytest.raises(HyperparameterError) as refusal:
        MODELS["svm"].check_cost(values_of("svm"), **HUGE)
    assert str(refusal.value) == (
        "These hyperparameters on 100000 training rows would take about 40 minutes, but at most"
        " 30 are allowed; use fewer rows."
    )


@pytest.mark.parametrize(
    ("name", "sent", "rows", "remedy"),
    [
        ("random_forest", {"n_estimators": 2000}, 100_000, "lower n_estimators"),
        ("extra_trees", {"n_estimators": 2000}, 30_000, "lower n_estimators"),
        ("xgboost", {"n_estimators": 2000, "max_depth": 16}, 100_000, "lower n_estimators"),
        ("xgboost", {"n_estimators": 120, "max_depth": 16}, 2_000_000, "lower max_depth"),
        ("gradient_boosting", {"max_iter": 2000}, 300_000, "lower max_iter"),
        ("svm", {"C": 100}, 60_000, "lower C"),
        ("svm", {"kernel": "linear"}, 60_000, "choose another kernel"),
        (
            "neural_network",
            {"hidden_layer_sizes": [512] * 4, "max_iter": 300},
            50_000,
            "lower hidden_layer_sizes",
        ),
        ("neural_network", {"max_iter": 2000}, 500_000, "lower max_iter"),
        ("gradient_boosting", {}, 10_000_000, "use fewer rows"),
    ],
)
def test_hyperparameters_that_are_too_dear_together_are_refused_with_what_to_change(
    name: str, sent: dict[str, Any], rows: int, remedy: str
) -> None:
    with pytest.raises(HyperparameterError) as refusal:
        MODELS[name].check_cost(values_of(name, **sent), rows=rows, columns=40)
    assert re.fullmatch(
        rf"These hyperparameters on {rows} training rows would take about [0-9]+ minutes,"
        rf" but at most 30 are allowed; {remedy}\.",
        str(refusal.value),
    )


@pytest.mark.parametrize("name", [name for name in MODELS if name not in (*CHEAP, "auto")])
def test_the_highest_bounds_together_are_refused_on_a_large_table(name: str) -> None:
    kind = MODELS[name]
    highest = {
        row.name: [row.maximum] * row.longest if isinstance(row, IntegerList) else row.maximum
        for row in kind.hyperparameters
        if isinstance(row, Integer | Real | IntegerList) and not row.name.startswith("min_samples")
    }
    with pytest.raises(HyperparameterError, match="would take about"):
        kind.check_cost(values_of(name, **highest), rows=150_000, columns=40)


@pytest.mark.parametrize(("leaves", "seconds"), [(4, 1.0), (31, 1.7), (255, 4.3)])
def test_the_estimate_for_histogram_boosting_counts_the_leaves(leaves: int, seconds: float) -> None:
    # Measured for 50 rounds on the carried Kepler table's training rows.
    values = values_of("gradient_boosting", max_iter=50, max_leaf_nodes=leaves)
    estimate = MODELS["gradient_boosting"].seconds(values, 6444, 32)
    assert estimate == pytest.approx(seconds, rel=0.3)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "auto"])
def test_the_estimate_grows_with_the_table(name: str) -> None:
    kind, values = MODELS[name], values_of(name)
    estimates = [
        kind.seconds(values, 1000, 10),
        kind.seconds(values, 10_000, 10),
        kind.seconds(values, 10_000, 40),
        kind.seconds(values, 100_000, 40),
    ]
    assert estimates == sorted(set(estimates))
    assert 0 < estimates[0] < 60 < MOST_SECONDS


@pytest.mark.parametrize(
    ("sent", "most"),
    [({"n_components": 33}, 32), ({"n_components": 32, "svd_solver": "arpack"}, 31)],
)
def test_more_components_than_columns_are_refused(sent: dict[str, Any], most: int) -> None:
    with pytest.raises(HyperparameterError) as refusal:
        MODELS["pca"].check_cost(values_of("pca", **sent), rows=1000, columns=32)
    assert str(refusal.value) == (
        f"n_components was {sent['n_components']}, but it must be a whole number from 1 to {most}"
        " for 1000 training rows with 32 feature columns."
    )
    MODELS["pca"].check_cost(
        values_of("pca", **{**sent, "n_components": most}), rows=1000, columns=32
    )


@EVERY_MODEL
def test_a_model_type_goes_to_another_process_by_its_name(name: str) -> None:
    kind = MODELS[name]
    sent = pickle.dumps(kind)
    assert pickle.loads(sent) is kind
    assert len(sent) < 100
    assert copy.deepcopy(kind) is kind


def test_a_model_type_that_is_no_row_of_the_catalogue_goes_nowhere() -> None:
    other = replace(MODELS["svm"], label="Something else")
    with pytest.raises(pickle.PicklingError, match="svm is no row of the catalogue"):
        pickle.dumps(other)
