"""What a session is estimated to take, as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from mlcore.errors import HyperparameterError
from mlcore.model_selection.protocol import Protocol
from mlcore.models import MODELS
from mlcore.models.workload import MOST_SECONDS, Workload

MISSIONS = {
    # As they were loaded in 2025, with a fifth of the stars to test on.
    "kepler": {"rows": 7651, "predicted": 1913},
    "k2": {"rows": 1600, "predicted": 400},
    "tess": {"rows": 6162, "predicted": 1541},
}
COLUMNS = 80
ORDINARY = [
    *((name, {}) for name in MODELS),
    ("random_forest", {"n_estimators": 500}),
    ("xgboost", {"n_estimators": 1000, "max_depth": 8}),
    ("gradient_boosting", {"max_iter": 500}),
    ("svm", {"C": 10}),
    ("neural_network", {"hidden_layer_sizes": [256, 128], "max_iter": 300}),
]


def values_of(name: str, sent: dict[str, Any]) -> dict[str, Any]:
    return MODELS[name].read_hyperparameters(sent)[0]


def seconds(name: str, sent: dict[str, Any] | None = None, **size: Any) -> float:
    work = Workload(**{"columns": 40, **size})
    return MODELS[name].session_seconds(values_of(name, sent or {}), work)


@pytest.mark.parametrize(("name", "sent"), ORDINARY)
def test_what_is_ordinary_is_accepted_on_every_mission_tested_in_every_way(
    name: str, sent: dict[str, Any]
) -> None:
    for mission, size in MISSIONS.items():
        others = tuple(sum(counts.values()) for key, counts in MISSIONS.items() if key != mission)
        MODELS[name].check_cost(
            values_of(name, sent),
            **size,
            columns=COLUMNS,
            protocols=tuple(Protocol),
            older=8054,
            others=others,
        )


def test_rows_to_predict_count_whatever_was_learnt_from() -> None:
    sent = {"hidden_layer_sizes": [512] * 4}
    values = values_of("neural_network", sent)
    MODELS["neural_network"].check_cost(values, rows=60, columns=73, predicted=1000)
    with pytest.raises(HyperparameterError) as refusal:
        MODELS["neural_network"].check_cost(values, rows=60, columns=73, predicted=50_000)
    assert str(refusal.value) == (
        "These hyperparameters on 60 training rows and 50000 rows to predict would take about"
        " 38 minutes, but at most 30 are allowed; lower hidden_layer_sizes."
    )


def test_where_no_hyperparameter_helps_the_rows_that_cost_most_are_named() -> None:
    values = values_of("svm", {})
    with pytest.raises(HyperparameterError, match=r"allowed; predict fewer rows\.$"):
        MODELS["svm"].check_cost(values, rows=40_000, columns=70, predicted=150_000)
    with pytest.raises(HyperparameterError, match=r"allowed; use fewer rows\.$"):
        MODELS["svm"].check_cost(values, rows=100_000, columns=40, predicted=100)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "auto"])
def test_a_session_is_more_than_one_fit_and_each_way_of_testing_adds_to_it(name: str) -> None:
    one = MODELS[name].seconds(values_of(name, {}), 8000, 40)
    plain = seconds(name, rows=8000)
    fit = (MODELS[name].fit_seconds or MODELS[name].seconds)(values_of(name, {}), 8000, 40)
    assert one + 2 * fit < plain < one + 4 * fit
    by_folds = seconds(name, rows=8000, protocols=(Protocol.CROSS_VALIDATED,))
    forward = seconds(name, rows=8000, protocols=(Protocol.TIME_FORWARD,), older=8000)
    missions = seconds(
        name, rows=8000, protocols=(Protocol.LEAVE_ONE_MISSION_OUT,), others=(2000, 8000)
    )
    assert plain < by_folds
    assert plain < forward < missions
    assert plain < seconds(name, rows=8000, predicted=1000)


def test_a_fit_that_is_not_repeated_is_not_counted_again() -> None:
    one = MODELS["svm"].seconds(values_of("svm", {}), 60_000, 40)
    # Two folds of half the rows each, and no second fit for a split by row.
    halves = 2 * MODELS["svm"].seconds(values_of("svm", {}), 30_000, 40)
    assert one > 300
    assert seconds("svm", rows=60_000) == one + halves


@pytest.mark.parametrize("budget", [30, 1800])
def test_a_search_takes_its_time_budget_whatever_the_rows(budget: int) -> None:
    estimate = seconds("auto", {"time_budget": budget}, rows=200_000, predicted=50_000)
    assert estimate == budget <= MOST_SECONDS
