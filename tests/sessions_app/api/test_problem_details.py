"""Every error of the modern API is problem details (RFC 9457): one sentence, no insides."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from mlcore import DATASETS
from sessions_app.api.problems import PROBLEMS, problem_of
from sessions_app.api.views import sessions

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db

TRAINING, PREDICTION = "/api/v1/training-sessions", "/api/v1/prediction-sessions"
UNKNOWN = f"{TRAINING}/00000000-0000-4000-8000-000000000000"
TREE = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}
MISSIONS = ", ".join(DATASETS)
INSIDE = re.compile(
    r"/tmp|/home|/work|(?<!manage)\.py\b|Traceback|<[a-z!/]|Exception|django|rest_framework"
)


@pytest.fixture
def api() -> APIClient:
    return APIClient(raise_request_exception=False)


def problem(answer: Any, status: int) -> dict[str, Any]:
    """Check the form of problem details and return them."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "request_id"} <= set(body)
    assert set(body) <= {
        *("type", "title", "status", "detail", "request_id", "field", "allowed", "errors")
    }
    assert body["type"] == problem_of(HTTPStatus(status)).address
    assert body["status"] == status
    assert body["request_id"] == answer["X-Request-ID"] != ""
    assert re.fullmatch(r"\S.*[.]", body["detail"])
    assert not INSIDE.search(body["detail"])
    assert "dataset_name" not in answer.content.decode()
    assert "data_format" not in answer.content.decode()
    return body


@pytest.mark.parametrize(
    ("method", "address", "status", "title", "sentence"),
    [
        ("get", "/api/v1/nowhere", 404, "Not Found", "There is nothing at this address."),
        ("get", "/api/v1", 404, "Not Found", "There is nothing at this address."),
        ("get", f"{TRAINING}/42", 404, "Not Found", "There is nothing at this address."),
        ("get", f"{TRAINING}/", 404, "Not Found", "There is nothing at this address."),
        ("get", UNKNOWN, 404, "Not Found", "There is nothing at this address."),
        ("get", f"{UNKNOWN}/progress", 404, "Not Found", "There is nothing at this address."),
        ("get", f"{UNKNOWN}/result", 404, "Not Found", "There is nothing at this address."),
        ("delete", UNKNOWN, 404, "Not Found", "There is nothing at this address."),
        (
            *("put", TRAINING, 405, "Method Not Allowed"),
            "This address takes GET, POST, HEAD and not PUT.",
        ),
    ],
)
def test_what_is_not_there(
    api: APIClient, method: Any, address: Any, status: Any, title: Any, sentence: Any
) -> None:
    body = problem(getattr(api, method)(address), status)
    assert (body["title"], body["detail"]) == (title, sentence)


def test_a_method_that_an_address_does_not_take_names_those_that_it_takes(api: APIClient) -> None:
    answer = api.put(UNKNOWN)
    body = problem(answer, 405)
    assert body["allowed"] == ["GET", "PATCH", "DELETE", "HEAD"]
    assert answer["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"


def test_the_documentations_errors_are_problems_too(api: APIClient) -> None:
    problem(api.post("/api/v1/docs"), 405)
    problem(api.post("/api/v1/schema"), 405)
    problem(api.options("/api/v1/docs"), 405)


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"seed": NaN}', b"[" * 100_000, b"", b"[1]"])
def test_a_body_that_is_no_json_object(api: APIClient, body: bytes) -> None:
    refusal = problem(api.generic("POST", TRAINING, body, "application/json"), 400)
    assert refusal["detail"] in {
        "The request's body could not be read: it is no valid JSON or form.",
        "The request's body must be a JSON object.",
        "The request's body is nested too deeply.",
        "data_source is missing; it must be one of nasa, user.",
    }


def test_hyperparameters_in_a_form_that_are_nested_too_deeply(api: APIClient) -> None:
    fields = TREE | {"hyperparameters": "[" * 100_000}
    body = problem(api.post(TRAINING, fields, format="multipart"), 400)
    assert body["detail"] == "The request's body is nested too deeply."


def test_a_form_that_is_none(api: APIClient) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=é", "multipart/form-data;"):
        problem(api.generic("POST", TRAINING, b"x", kind), 400)


def test_a_form_of_too_many_fields(api: APIClient) -> None:
    form = "&".join(f"a{i}=1" for i in range(2000))
    problem(api.generic("POST", TRAINING, form, "application/x-www-form-urlencoded"), 400)


def test_a_body_of_another_type(api: APIClient) -> None:
    body = problem(api.generic("POST", TRAINING, b"<a/>", "application/xml"), 415)
    assert body["detail"] == (
        "Content-Type was 'application/xml', but the body must be JSON or a form."
    )
    assert body["field"] == "Content-Type"
    assert body["allowed"] == [
        "application/json",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
    ]


def test_a_body_that_is_too_large(api: APIClient, settings: SettingsWrapper) -> None:
    fields = TREE | {"hyperparameters": " " * 2_000_000}
    body = problem(api.post(TRAINING, fields, format="multipart"), 413)
    assert body["detail"] == "The request's fields are too large."
    settings.EXOPLANET_UPLOAD_LIMIT_MB = 1
    body = problem(
        api.generic("POST", TRAINING, b"x" * 4_000_001, "multipart/form-data; boundary=b"), 413
    )
    assert body["detail"] == "The request is too large: a file may have at most 1 MB."


def test_an_answer_that_the_caller_does_not_take(api: APIClient) -> None:
    body = problem(api.get(TRAINING, HTTP_ACCEPT="image/png"), 406)
    assert body["detail"] == "The answer is JSON, which the request's Accept header excludes."


# Fields


@pytest.mark.parametrize(
    ("change", "field", "sentence", "allowed"),
    [
        (
            {"mission": "plato"},
            "mission",
            f"mission was 'plato', but it must be one of {MISSIONS}.",
            [*DATASETS],
        ),
        ({"mission": None}, "mission", f"mission is missing; it must be one of {MISSIONS}.", ...),
        (
            {"data_source": "esa"},
            "data_source",
            "data_source was 'esa', but it must be one of nasa, user.",
            ["nasa", "user"],
        ),
        (
            {"seed": -1},
            "seed",
            "seed was '-1', but it must be a whole number from 0 to 2147483647.",
            None,
        ),
        (
            {"seed": {}},
            "seed",
            "seed must be a whole number from 0 to 2147483647.",
            None,
        ),
        (
            {"model_type": None},
            "model_type",
            "model_type is missing; it must be text of at most 60 characters.",
            None,
        ),
        (
            {"model_type": "a\0b"},
            "model_type",
            "model_type was 'a\\x00b', but it must be text of at most 60 characters.",
            None,
        ),
        (
            {"hyperparameters": [1]},
            "hyperparameters",
            'hyperparameters must be a JSON object, such as {"n_estimators": 200}.',
            None,
        ),
        (
            {"training_file": "no file"},
            "training_file",
            "training_file was 'no file', but it must be a file, sent in a form.",
            None,
        ),
    ],
)
def test_a_field_of_the_wrong_kind(
    api: APIClient, change: dict[str, Any], field: str, sentence: str, allowed: Any
) -> None:
    body = problem(api.post(TRAINING, TREE | change, format="json"), 400)
    assert (body["field"], body["detail"]) == (field, sentence)
    assert "errors" not in body
    if allowed is not ...:
        assert body.get("allowed") == allowed


def test_several_wrong_fields_are_all_listed(api: APIClient) -> None:
    body = problem(api.post(TRAINING, {"mission": "plato", "seed": "x"}, format="json"), 400)
    assert body["detail"] == body["errors"][0]["detail"]
    assert body["field"] == body["errors"][0]["field"]
    assert {error["field"]: error["detail"] for error in body["errors"]} == {
        "data_source": "data_source is missing; it must be one of nasa, user.",
        "mission": f"mission was 'plato', but it must be one of {MISSIONS}.",
        "seed": "seed was 'x', but it must be a whole number from 0 to 2147483647.",
        "model_type": "model_type is missing; it must be text of at most 60 characters.",
    }


@pytest.mark.parametrize(
    ("address", "change"),
    [(TRAINING, {"mission": "k2"}), (PREDICTION, {"mission": "k2"}), (PREDICTION, {})],
)
def test_what_the_server_does_not_have_is_told_in_the_modern_names(
    api: APIClient, kepler: DatasetSnapshot, address: Any, change: dict[str, Any]
) -> None:
    sent = {name: TREE[name] for name in ("data_source", "mission")}
    sent |= {"model_type": TREE["model_type"]} if address == TRAINING else {}
    body = problem(api.post(address, sent | change, format="json"), 400)
    assert body["field"] == "mission"
    assert body["detail"].startswith("mission: ")


def test_the_old_names_stay_in_the_old_contract(api: APIClient, kepler: DatasetSnapshot) -> None:
    body = {"model_type": "svm", "data_source": "nasa", "dataset_name": "k2"}
    answer = api.post("/api/custom/train", body, format="json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert answer.json()["error"].startswith("dataset_name: the k2 table is not loaded")


# Faults of the server


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the list of sessions fail with whatever is given."""

    def breaks(error: Exception) -> None:
        def fail(*_: Any) -> None:
            raise error

        monkeypatch.setattr(sessions.SessionViewSet, "filter_queryset", fail)

    return breaks


def test_a_defect_is_a_problem_without_its_insides(
    api: APIClient, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken(RuntimeError("password=hunter2 in /etc/passwd"))
    answer = api.get(TRAINING)
    body = problem(answer, 500)
    assert body["detail"] == "The server met a fault; it is in the server's log."
    assert b"hunter2" not in answer.content
    assert "hunter2" in caplog.text


def test_a_database_that_is_away_is_503_and_soon_back(
    api: APIClient, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken(OperationalError("server closed the connection"))
    answer = api.get(TRAINING)
    assert problem(answer, 503)["detail"] == (
        "The database does not answer; try again in a moment."
    )
    assert answer["Retry-After"] == "1"
    assert "server closed the connection" in caplog.text


# The old addresses


@pytest.mark.parametrize("address", ["/api/nowhere", "/api", "/api/custom/train/"])
def test_an_old_address_that_is_none_is_the_old_envelope(api: APIClient, address: str) -> None:
    answer = api.get(address)
    assert (answer.status_code, answer.json()) == (
        404,
        {"success": False, "error": "There is nothing at this address."},
    )


def test_a_page_that_is_none_is_no_json(api: APIClient) -> None:
    assert api.get("/nowhere")["Content-Type"].startswith("text/html")


def test_a_name_in_the_place_of_an_id_is_told_what_an_id_is(api: APIClient) -> None:
    sent = {"model": "kepler-vetting", "data_source": "nasa", "mission": "kepler"}
    body = problem(api.post(PREDICTION, sent, format="json"), 400)
    assert (body["field"], body["detail"]) == (
        "model",
        (
            "model was 'kepler-vetting', but it must be an id such as"
            " 37dcc9c4-134e-5456-8ebc-f317ad304418, as lists have it."
        ),
    )


# What they mean


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.name)
def test_the_type_of_a_problem_is_an_address_that_explains_it(api: APIClient, kind: Any) -> None:
    assert kind.address == f"/api/v1/problems/{kind.name}"
    answer = api.get(kind.address)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["type"], body["status"], body["title"]) == (
        kind.address,
        kind.status.value,
        kind.status.phrase,
    )
    assert (body["meaning"], body["remedy"]) == (kind.meaning, kind.remedy)


def test_all_kinds_of_problem_are_listed_each_once(api: APIClient) -> None:
    listed = api.get("/api/v1/problems").json()["results"]
    assert [one["type"] for one in listed] == [kind.address for kind in PROBLEMS]
    assert len({one["status"] for one in listed}) == len(listed)


def test_a_kind_of_problem_that_is_none_is_not_found(api: APIClient) -> None:
    problem(api.get("/api/v1/problems/bad-luck"), 404)


@pytest.mark.parametrize(("status", "name"), [(402, "validation"), (502, "fault")])
def test_a_status_without_a_kind_of_its_own_is_the_callers_fault_or_the_servers(
    status: int, name: str
) -> None:
    assert problem_of(HTTPStatus(status)).name == name
