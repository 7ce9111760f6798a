"""The OpenAPI schema: valid, and as wide as the model types' own specs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from mlcore import DATASETS, MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

EVERY = [
    pytest.param(name, row, id=f"{name}-{row.name}")
    for name, entry in MODELS.items()
    for row in entry.hyperparameters
]


@pytest.fixture(scope="module")
def variants(schema: Any) -> dict[str, Any]:
    """Return the schema of each model type's hyperparameters."""
    field = schema["components"]["schemas"]["NewTrainingRequest"]["properties"]["hyperparameters"]
    return {variant["title"]: variant["properties"] for variant in field["anyOf"]}


@pytest.mark.long
def test_it_is_valid_openapi(schema: Any) -> None:
    validate_schema(schema)


def test_it_has_every_address_of_the_modern_api(schema: Any) -> None:
    assert {
        f"/api/v1/{kind}-sessions{route}"
        for kind in ("training", "prediction")
        for route in ("", "/{id}", "/{id}/progress", "/{id}/result", "/{id}/predictions")
    } | {"/api/v1/token", "/api/v1/features"} <= set(schema["paths"])


def test_every_operation_tells_how_its_errors_look(schema: Any) -> None:
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert {"400", "401", "429", "default"} <= set(operation["responses"]), path
            for status, answer in operation["responses"].items():
                if not status.startswith(("2", "3")) and not path.endswith("/ready"):
                    media = answer["content"]["application/problem+json"]
                    assert media["schema"] == {"$ref": "#/components/schemas/Problem"}
                    wanted = "400" if status == "default" else status
                    assert str(media["examples"]["example"]["value"]["status"]) == wanted
    assert schema["components"]["schemas"]["Problem"]["required"] == [
        *("type", "title", "status", "detail", "request_id")
    ]


def test_every_operation_tells_who_may_ask(schema: Any) -> None:
    known = {"tokenAuth", "cookieAuth"}
    assert set(schema["components"]["securitySchemes"]) == known
    start = schema["paths"]["/api/v1/training-sessions"]["post"]
    assert start["security"] == [{"tokenAuth": []}, {"cookieAuth": []}, {}]
    assert {} not in schema["paths"]["/api/v1/token"]["delete"]["security"]


@pytest.mark.parametrize("kind", ["training", "prediction"])
def test_it_tells_of_the_idempotency_key_of_the_pages_and_of_the_filter(
    schema: Any, kind: str
) -> None:
    here = schema["paths"][f"/api/v1/{kind}-sessions"]

    def parameters(operation: Any) -> set[tuple[str, str]]:
        return {(parameter["in"], parameter["name"]) for parameter in operation["parameters"]}

    assert ("header", "Idempotency-Key") in parameters(here["post"])
    wanted = {("query", "page"), ("query", "page_size"), ("query", "status")}
    assert wanted <= parameters(here["get"])
    paged = schema["paths"][f"/api/v1/{kind}-sessions/{{id}}/predictions"]["get"]
    assert {("query", "page"), ("query", "page_size")} <= parameters(paged)
    content = paged["responses"]["200"]["content"]["application/json"]["schema"]
    assert content["$ref"].endswith("/PaginatedObjectPredictionList")


def test_it_names_every_model_type_and_mission(schema: Any, variants: dict[str, Any]) -> None:
    new = schema["components"]["schemas"]["NewTrainingRequest"]["properties"]
    assert list(variants) == list(MODELS)
    assert all(name in new["model_type"]["description"] for name in MODELS)
    missions = schema["components"]["schemas"]["MissionEnum"]["enum"]
    assert missions == list(DATASETS)


@pytest.mark.parametrize(("model_type", "row"), EVERY)
def test_it_gives_each_hyperparameter_the_bounds_of_its_spec(
    variants: dict[str, Any], model_type: Any, row: Any
) -> None:
    field, spec = variants[model_type][row.name], row.describe()
    assert row.allowed in field["description"]
    if spec["type"] == "array of integers":
        assert (field["type"], field["items"]["type"]) == (["array", "null"], "integer")
        assert field["items"] == {
            "type": "integer",
            "minimum": spec["minimum"],
            "maximum": spec["maximum"],
        }
        assert (field["minItems"], field["maxItems"]) == (1, spec["longest"])
    else:
        assert field["type"] == [spec["type"], "null"]
        assert (field.get("minimum"), field.get("maximum")) == (
            spec.get("minimum"),
            spec.get("maximum"),
        )
        choices = [*spec["choices"], None] if "choices" in spec else None
        assert field.get("enum") == choices
    assert field.get("default") == spec["default"]


@pytest.mark.parametrize("encoding", ["application/json", "multipart/form-data"])
@pytest.mark.parametrize("kind", ["training", "prediction"])
def test_a_session_can_be_made_in_both_encodings(schema: Any, kind: str, encoding: str) -> None:
    create = schema["paths"][f"/api/v1/{kind}-sessions"]["post"]
    assert encoding in create["requestBody"]["content"]
    assert {"202", "400", "409", "413", "415", "422", "429"} <= set(create["responses"])


def operations(schema: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_it_is_openapi_3_1_and_uses_no_word_of_older_ones(schema: Any) -> None:
    assert schema["openapi"] == "3.1.1"
    assert "nullable" not in json.dumps(schema)


@pytest.mark.parametrize("field", ["score_interval", "conformal"])
def test_what_may_be_any_json_or_null_is_valid_when_it_is_null(schema: Any, field: str) -> None:
    said = schema["components"]["schemas"]["Predicted"]["properties"][field]
    Draft202012Validator(said).validate(None)
    Draft202012Validator(said).validate({"possible": ["confirmed"]})


def test_every_operation_has_a_summary_of_its_own_and_a_tag_that_is_explained(schema: Any) -> None:
    explained = {tag["name"] for tag in schema["tags"] if tag["description"]}
    summaries: dict[str, set[str]] = {}
    for name, operation in operations(schema):
        assert operation["summary"], name
        assert len(operation["tags"]) == 1, name
        assert set(operation["tags"]) <= explained, name
        summaries.setdefault(operation["tags"][0], set()).add(operation["summary"])
    assert sum(map(len, summaries.values())) == len(list(operations(schema)))


def test_every_body_and_every_answer_has_an_example_that_is_valid(schema: Any) -> None:
    for name, operation in operations(schema):
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in body.get("content", {}).values():
                if media["schema"].get("format") == "binary":
                    continue
                (example,) = media["examples"].values()
                shape = media["schema"] | {"components": schema["components"]}
                Draft202012Validator(shape).validate(example["value"])
        assert operation["responses"], name


def test_what_starts_something_tells_where_it_is(schema: Any) -> None:
    started = [
        (name, operation["responses"]["202"]["headers"])
        for name, operation in operations(schema)
        if "202" in operation["responses"]
    ]
    assert len(started) == 7
    for _, headers in started:
        assert headers["Location"]["schema"] == {"type": "string", "format": "uri"}
        assert headers["Retry-After"]["schema"] == {"type": "integer"}


def test_what_is_read_has_an_etag_and_may_be_known(schema: Any) -> None:
    for path, methods in schema["paths"].items():
        if "get" in methods:
            answers = methods["get"]["responses"]
            assert "ETag" in answers["200"]["headers"], path
            assert "content" not in answers["304"]


@pytest.mark.parametrize("kind", ["Training", "Prediction"])
def test_files_are_binary_in_forms_and_not_in_json(schema: Any, kind: str) -> None:
    create = schema["paths"][f"/api/v1/{kind.lower()}-sessions"]["post"]["requestBody"]["content"]
    assert create["multipart/form-data"]["schema"]["$ref"].endswith(f"/New{kind}Form")
    form, whole = (schema["components"]["schemas"][f"New{kind}{of}"] for of in ("Form", "Request"))
    files = {"training_file", "testing_file"}
    assert set(form["properties"]) - set(whole["properties"]) == files
    for file in files:
        one = form["properties"][file]
        assert (one["type"], one["format"]) == ("string", "binary")
        assert one["contentMediaType"] == "application/octet-stream"
    assert form["additionalProperties"] is whole["additionalProperties"] is False


@pytest.mark.django_db
def test_it_is_served(client: Client) -> None:
    answer = client.get("/api/v1/schema")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/vnd.oai.openapi")
