"""Training: model types on every mission, from NASA's table and all of them from uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlcore import MODELS
from tests.archive_tables import ARCHIVED, drawn, object_names, whole
from tests.sessions_app.api.legacy.contract import check_result, check_shape
from tests.sessions_app.api.legacy.forms import LIGHT, form, params_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.served import Answer, Served
    from tests.sessions_app.api.legacy.conftest import Files

pytestmark = pytest.mark.cluster

MISSIONS = ("kepler", "k2", "tess")
LARGE = {"linear_regression", "random_forest", "xgboost"}
"""Whose sessions on thousands of rows are looked at; those of the others, on K2's hundreds alone,
have nothing else to show and take minutes."""
EVERY = [
    (model_type, mission, source)
    for source in ("nasa", "user")
    for mission in MISSIONS
    for model_type in LIGHT
    if source == "user" or mission == "k2" or model_type in LARGE
]
SOME = {
    *(("svm", "kepler", "user"), ("pca", "k2", "user"), ("neural_network", "tess", "user")),
    *(("xgboost", "kepler", "nasa"), ("linear_regression", "k2", "nasa")),
    ("random_forest", "tess", "nasa"),
}
"""Each mission from both sources; the others are long."""
HYPERPARAMETERS = {
    "linear_regression": {"fit_intercept": True, "normalize": True},
    "svm": {"C": 2.0, "kernel": "rbf", "gamma": "scale"},
    "decision_tree": {
        "max_depth": 8,
        "min_samples_split": 2,
        "min_samples_leaf": 1,
        "criterion": "entropy",
    },
    "random_forest": {
        "n_estimators": 10,
        "max_depth": None,
        "min_samples_split": 2,
        "min_samples_leaf": 2,
    },
    "extra_trees": {
        "n_estimators": 10,
        "max_depth": None,
        "min_samples_split": 2,
        "min_samples_leaf": 1,
    },
    "xgboost": {"learning_rate": 0.3, "max_depth": 6, "n_estimators": 15, "subsample": 1.0},
    "gradient_boosting": {
        "learning_rate": 0.1,
        "max_iter": 10,
        "max_leaf_nodes": 31,
        "l2_regularization": 0.0,
    },
    "pca": {"n_components": 10, "svd_solver": "auto"},
    "neural_network": {
        "hidden_layer_sizes": [16, 8],
        "activation": "relu",
        "learning_rate": 0.001,
        "max_iter": 20,
    },
}


def test_every_model_type_is_here() -> None:
    fitted = {name for name, kind in MODELS.items() if not kind.searches}
    assert set(LIGHT) == fitted == set(HYPERPARAMETERS)
    assert set(EVERY) > SOME
    assert {mission for _, mission, source in SOME if source == "user"} == set(MISSIONS)
    assert {mission for _, mission, source in SOME if source == "nasa"} == set(MISSIONS)


@pytest.fixture(scope="module")
def started(
    served: Served, files: Callable[..., Files], request: pytest.FixtureRequest
) -> dict[Any, Answer]:
    """Start all sessions at once: the queue keeps all cores busy while the tests wait."""
    wanted = params_of(request, "result")
    return {
        (model_type, mission, source): served.post(
            "/api/custom/train",
            **(
                {"data": form(model_type, data_source="nasa", dataset_name=mission)}
                if source == "nasa"
                else {
                    "data": form(model_type, data_source="user", data_format=mission),
                    "files": files(mission),
                }
            ),
        )
        for model_type, mission, source in EVERY
        if (model_type, mission, source) in wanted
    }


@pytest.fixture
def result(
    served: Served, started: dict[Any, Answer], request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Wait for the session of a model type, mission and source."""

    def wait() -> dict[str, Any]:
        answer = started[request.param]
        assert answer.status == 202, answer.body
        check_shape("accepted", answer.body)
        assert answer.body["message"] == "Training started"
        assert "warnings" not in answer.body
        return served.result(answer.body["session_id"])

    return served.once(request.param, wait)


def cases(source: str | None = None) -> Any:
    chosen = [case for case in EVERY if source in {None, case[2]}]
    return pytest.mark.parametrize(
        ("result", "model_type", "mission", "source"),
        [
            pytest.param(
                case, *case, marks=() if case in SOME else pytest.mark.long, id="-".join(case)
            )
            for case in chosen
        ],
        indirect=["result"],
    )


@cases()
def test_a_result_has_the_contracts_shape_and_agrees_with_itself(
    result: dict[str, Any], model_type: Any, mission: Any, source: Any, served_archive: Path
) -> None:
    check_result(result, kind="training_result", names=object_names(served_archive, mission))
    info = result["model_info"]
    assert info["model_type"] == model_type
    assert (info["dataset"], info["data_source"]) == (mission, source)
    assert info["hyperparameters"] == HYPERPARAMETERS[model_type]


@cases("nasa")
def test_nasas_rows_are_the_missions_own_fixed_test_split_by_host_star(
    result: dict[str, Any], model_type: Any, mission: Any, source: Any, served_archive: Path
) -> None:
    table, facts = whole(served_archive, mission), ARCHIVED[mission]
    tested = {row["name"] for row in result["predictions"]}
    is_tested = (facts.prefix + table[facts.name]).isin(tested)
    stars = table[facts.host]
    assert not set(stars[is_tested]) & set(stars[~is_tested])
    assert 0.18 < is_tested.mean() < 0.22
    assert result["model_info"]["train_size"] == int((~is_tested).sum())
    assert result["metrics"]["rows"] == len(result["predictions"]) == int(is_tested.sum())


@cases("user")
def test_an_uploads_rows_are_all_predicted_in_their_order(
    result: dict[str, Any], model_type: Any, mission: Any, source: Any, served_archive: Path
) -> None:
    training, testing = drawn(served_archive, mission)
    facts = ARCHIVED[mission]
    assert result["model_info"]["train_size"] == len(training)
    assert [row["name"] for row in result["predictions"]] == list(
        facts.prefix + testing[facts.name]
    )
    temperatures = testing["koi_steff" if mission == "kepler" else "st_teff"]
    assert [row["temperature"] for row in result["predictions"]] == [
        float(cell) if cell else None for cell in temperatures
    ]


@cases("user")
def test_what_states_the_label_is_withheld_and_said_to_be(
    result: dict[str, Any], model_type: Any, mission: Any, source: Any, served_archive: Path
) -> None:
    withheld = {
        "kepler": ("koi_pdisposition", "koi_score", "koi_fpflag_nt", "kepler_name"),
        "k2": ("disc_year", "soltype", "rowupdate"),
        "tess": ("toi_created", "rowupdate"),
    }[mission]
    columns = set(result["model_info"]["features"])
    for side in ("training", "testing"):
        [sentence] = [
            warning
            for warning in result["warnings"]
            if warning.startswith(f"In the {side} file these columns were not shown to the model")
        ]
        named = set(sentence.rstrip(".").split(": ")[1].split(", "))
        assert set(withheld) <= named
        assert not named & columns
