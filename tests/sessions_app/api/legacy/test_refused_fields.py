"""Every field that cannot work is refused at the POST, in one sentence that helps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlcore import MODELS
from mlcore.datasets import of_candidates
from tests.archive_tables import as_csv, whole
from tests.sessions_app.api.legacy.contract import check_shape
from tests.sessions_app.api.legacy.refused import PREDICT, TRAIN, USER, check_refused, without

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.served import Served
    from tests.sessions_app.api.legacy.conftest import Files

pytestmark = pytest.mark.cluster
NASA = {"model_type": "svm", "data_source": "nasa", "dataset_name": "kepler"}
MODEL_NAMES = ", ".join(MODELS)
MISSION_NAMES = ", ".join(of_candidates())


# Fields


@pytest.mark.parametrize("encoding", ["data", "json"])
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, f"model_type is missing; it must be one of {MODEL_NAMES}."),
        (without(NASA, "model_type"), f"model_type is missing; it must be one of {MODEL_NAMES}."),
        (without(NASA, "data_source"), "data_source is missing; it must be nasa or user."),
        (
            without(NASA, "dataset_name"),
            f"dataset_name is missing; it must be one of {MISSION_NAMES}.",
        ),
        (NASA | {"model_type": ""}, f"model_type is missing; it must be one of {MODEL_NAMES}."),
        (
            NASA | {"model_type": "oracle"},
            f"model_type was 'oracle', but it must be one of {MODEL_NAMES}.",
        ),
        (NASA | {"data_source": "esa"}, "data_source was 'esa', but it must be nasa or user."),
        (
            NASA | {"dataset_name": "plato"},
            f"dataset_name was 'plato', but it must be one of {MISSION_NAMES}.",
        ),
        (
            USER | {"data_format": "plato"},
            f"data_format was 'plato', but it must be one of {MISSION_NAMES}, lightcurves.",
        ),
        (
            USER,
            (
                "training_file is missing: with data_source user, training needs a training_file"
                " and a testing_file."
            ),
        ),
    ],
)
def test_a_training_request_with_a_wrong_field(
    served: Served, encoding: str, fields: Any, sentence: str
) -> None:
    check_refused(served.post(TRAIN, **{encoding: fields}), sentence)


@pytest.mark.parametrize("encoding", ["data", "json"])
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "data_source is missing; it must be nasa or user."),
        ({"data_source": "nasa"}, f"dataset_name is missing; it must be one of {MISSION_NAMES}."),
        (
            {"data_source": "nasa", "dataset_name": "plato"},
            f"dataset_name was 'plato', but it must be one of {MISSION_NAMES}.",
        ),
        (
            {"data_source": "user"},
            (
                "training_file is missing: with data_source user, prediction needs a training_file"
                " to fine-tune on, a testing_file to predict, or both."
            ),
        ),
        (
            {"data_source": "user", "data_format": "plato"},
            f"data_format was 'plato', but it must be one of {MISSION_NAMES}, lightcurves.",
        ),
    ],
)
def test_a_prediction_request_with_a_wrong_field(
    served: Served, encoding: str, fields: dict[str, Any], sentence: str
) -> None:
    check_refused(served.post(PREDICT, **{encoding: fields}), sentence)


@pytest.mark.parametrize("present", ["training_file", "testing_file"])
def test_training_on_one_file_alone(
    served: Served, files: Callable[..., Files], present: str
) -> None:
    [absent] = {"training_file", "testing_file"} - {present}
    check_refused(
        served.post(TRAIN, data=USER, files={present: files()[present]}),
        f"{absent} is missing: with data_source user, training needs a training_file and a"
        " testing_file.",
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "The request's body is not valid JSON."),
        (b"\xff\xfe\xfd", "The request's body is not valid JSON."),
        (b"[" * 100_000, "The request's body is not valid JSON."),
        (b"[]", "The request's body must be a JSON object."),
        (b'{"model_type": 3}', f"model_type must be text; it must be one of {MODEL_NAMES}."),
    ],
)
def test_a_body_that_is_no_request(served: Served, body: bytes, sentence: str) -> None:
    answer = served.post(TRAIN, data=body, headers={"Content-Type": "application/json"})
    check_refused(answer, sentence)


def test_a_form_that_is_none(served: Served) -> None:
    answer = served.post(TRAIN, data=b"x", headers={"Content-Type": "multipart/form-data"})
    check_refused(answer, "The form could not be read.")


@pytest.mark.parametrize("encoding", ["data", "json"])
def test_fields_that_are_too_large(served: Served, encoding: str) -> None:
    answer = served.post(TRAIN, **{encoding: NASA | {"hyperparameters": " " * 2_000_000}})
    check_refused(answer, "The request's fields are too large.", 413)


# Hyperparameters


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (
            "{C: 1}",
            (
                'hyperparameters must be a JSON object, such as {"n_estimators": 200}, and this is'
                " not valid JSON."
            ),
        ),
        ("[1]", "hyperparameters must be a JSON object of names and values."),
        ("1e999", "hyperparameters must be a JSON object of names and values."),
    ],
)
def test_malformed_hyperparameters(served: Served, sent: str, sentence: str) -> None:
    check_refused(served.post(TRAIN, data=NASA | {"hyperparameters": sent}), sentence)


def _out_of_bounds() -> list[Any]:
    """Return two values that each hyperparameter of each model type must refuse, and why."""
    cases = []
    for name, entry in MODELS.items():
        for row in entry.hyperparameters:
            spec = row.describe()
            wrong = {
                "integer": ["2.5", str(spec.get("minimum", 0) - 1), str(10**9), "many", "true"],
                "number": ["NaN", "-1", "1e9", "much"],
                "boolean": ["perhaps", "1"],
                "string": ["none of these"],
                "array of integers": ["0", "1,2,3,4,5", "8,", "a,b", "10000"],
            }[spec["type"]]
            if spec["type"] == "array of integers":
                wrong.remove("8,")  # a comma at the end is how Python writes a tuple of one
            cases += [pytest.param(name, row.name, value, row.allowed) for value in wrong]
    return cases


@pytest.mark.parametrize(("model_type", "name", "value", "allowed"), _out_of_bounds())
def test_a_hyperparameter_that_is_not_allowed(
    served: Served, model_type: Any, name: Any, value: Any, allowed: Any
) -> None:
    answer = served.post(
        TRAIN, data=NASA | {"model_type": model_type, "hyperparameters": json.dumps({name: value})}
    )
    check_refused(answer, f"{name} was '{value}', but it must be {allowed}.")


def test_a_hyperparameter_that_no_model_has(served: Served) -> None:
    check_refused(
        served.post(TRAIN, json=NASA | {"hyperparameters": {"treeees": 5}}),
        "treeees is no hyperparameter of any model; svm has C, kernel, gamma.",
    )


def test_more_components_than_the_table_has_columns(served: Served) -> None:
    answer = served.post(
        TRAIN, json=NASA | {"model_type": "pca", "hyperparameters": {"n_components": 900}}
    )
    assert answer.status == 400
    assert answer.body["error"].startswith("n_components was 900, but it must be a whole number")


def test_hyperparameters_that_would_take_hours_together(served: Served, archive_dir: Path) -> None:
    # The served tables are too small for it.
    rows = as_csv(whole(archive_dir, "kepler"))
    values = {"hidden_layer_sizes": [512] * 4, "max_iter": 2000}
    answer = served.post(
        TRAIN,
        data=USER | {"model_type": "neural_network", "hyperparameters": json.dumps(values)},
        files={"training_file": ("a.csv", rows), "testing_file": ("b.csv", rows)},
    )
    assert answer.status == 400
    check_shape("error", answer.body)
    assert answer.body["error"].startswith("These hyperparameters on ")
    assert answer.body["error"].endswith(
        "minutes, but at most 30 are allowed; lower hidden_layer_sizes."
    )


@pytest.mark.sampled("None")
@pytest.mark.parametrize("nothing", ["", "{}", None])
def test_no_hyperparameters_are_the_defaults(
    served: Served, files: Callable[..., Files], nothing: str | None
) -> None:
    fields = USER if nothing is None else USER | {"hyperparameters": nothing}
    session_id = served.begin(TRAIN, data=fields, files=files())
    assert served.result(session_id)["model_info"]["hyperparameters"] == {
        "max_depth": None,
        "min_samples_split": 2,
        "min_samples_leaf": 1,
        "criterion": "gini",
    }


def test_a_cleared_field_is_the_default_and_a_deselected_models_is_named(
    served: Served, files: Callable[..., Files]
) -> None:
    touched = {"max_depth": "", "min_samples_leaf": "3", "learning_rate": "7", "kernel": "poly"}
    answer = served.post(TRAIN, data=USER | {"hyperparameters": json.dumps(touched)}, files=files())
    assert answer.status == 202
    check_shape("accepted", answer.body)
    ignored = [
        f"{name} is no hyperparameter of decision_tree and was ignored."
        for name in ("learning_rate", "kernel")
    ]
    assert answer.body["warnings"] == ignored
    result = served.result(answer.body["session_id"])
    assert result["warnings"][:2] == ignored
    assert result["model_info"]["hyperparameters"] == {
        "max_depth": None,
        "min_samples_split": 2,
        "min_samples_leaf": 3,
        "criterion": "gini",
    }


@pytest.mark.parametrize(
    ("alias", "name"), [(alias, entry.name) for entry in MODELS.values() for alias in entry.aliases]
)
def test_an_alias_means_its_model_type(served: Served, alias: Any, name: Any) -> None:
    # A value that every type refuses shows which one was meant, without a fit.
    answer = served.post(
        TRAIN, json=NASA | {"model_type": alias.upper(), "hyperparameters": {"treeees": 1}}
    )
    assert f"of any model; {name} has " in answer.body["error"]
