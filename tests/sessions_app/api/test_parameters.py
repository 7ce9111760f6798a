"""What an address does not take is refused by its name, wherever it is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from sessions_app.api.parameters import KnownParameters
from sessions_app.api.schema import DocumentationView, SchemaView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db

FILLED = {
    "id": "37dcc9c4-134e-5456-8ebc-f317ad304418",
    "number": "1",
    "name": "gone",
    "mission": "kepler",
    "object_name": "K00752.01",
    "snapshot": "1",
}
TRAINING = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}


def filled(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda part: FILLED[part[1]], path)


def read(schema: Any) -> dict[str, set[str]]:
    """Return each address that is read, filled in, with the parameters that the schema has."""
    return {
        filled(path): {one["name"] for one in methods["get"]["parameters"] if one["in"] == "query"}
        for path, methods in schema["paths"].items()
        if "get" in methods
    }


def test_an_unknown_parameter_is_refused_with_those_that_the_schema_has(schema: Any) -> None:
    for path, taken in read(schema).items():
        answer = APIClient().get(path, {"colour": "blue"})
        assert answer.status_code == 400, path
        problem = answer.json()
        assert problem["field"] == "colour"
        assert problem["detail"].startswith("'colour' is no parameter of this address: it takes ")
        assert set(problem.get("allowed", ())) == taken, path


def test_a_parameter_that_the_schema_has_is_never_unknown(schema: Any) -> None:
    for path, taken in read(schema).items():
        answer = APIClient().get(path, dict.fromkeys(taken, "1"))
        assert "is no parameter" not in answer.content.decode()


def test_a_parameter_that_is_given_twice_is_refused() -> None:
    answer = APIClient().get("/api/v1/training-sessions?status=failed&status=completed")
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "status is given 2 times, and can be given once.",
    )


@pytest.mark.parametrize("method", ["post", "delete"])
def test_what_changes_something_takes_no_parameter(method: str) -> None:
    path = f"/api/v1/training-sessions{'' if method == 'post' else '/' + FILLED['id']}"
    answer = getattr(APIClient(), method)(f"{path}?seed=3")
    assert answer.json()["detail"] == "'seed' is no parameter of this address: it takes none."


def test_who_may_not_ask_is_told_that_first(ada: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Token nobodys")
    assert client.get("/api/v1/models?colour=blue").status_code == 401


def test_every_view_of_the_modern_api_looks_at_its_parameters() -> None:
    views = {
        view
        for view in (getattr(one.callback, "cls", None) for one in _patterns(get_resolver()))
        if view is not None and view.__module__.startswith("sessions_app.")
    }
    assert len(views) >= 8
    # The library's own have parameters of their own.
    views -= {SchemaView, DocumentationView}
    assert [view for view in views if not issubclass(view, KnownParameters)] == []


def _patterns(resolver: Any) -> Iterator[Any]:
    for one in resolver.url_patterns:
        if hasattr(one, "url_patterns"):
            yield from _patterns(one)
        else:
            yield one


@pytest.mark.parametrize("form", ["json", "multipart"])
@pytest.mark.parametrize(
    ("path", "sent", "known"),
    [
        ("training-sessions", TRAINING, "wait_for"),
        ("prediction-sessions", {"data_source": "nasa", "mission": "kepler"}, "fewer_columns"),
        ("analyses", {"session": FILLED["id"], "analysis": "probability"}, "object_number"),
        ("token", {"username": "ada", "password": "x"}, "username"),
    ],
)
def test_an_unknown_field_is_refused_with_those_that_are_known(
    schema: Any, form: str, path: str, sent: dict[str, Any], known: str
) -> None:
    answer = APIClient().post(f"/api/v1/{path}", sent | {"sede": "3"}, format=form)
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["field"] == "sede"
    assert problem["detail"].startswith("'sede' is no field of this request: it takes ")
    assert known in problem["allowed"]
    content = schema["paths"][f"/api/v1/{path}"]["post"]["requestBody"]["content"]
    body = content.get("multipart/form-data", content["application/json"])
    component = schema["components"]["schemas"][body["schema"]["$ref"].split("/")[-1]]
    assert set(problem["allowed"]) == set(component["properties"])


def test_an_unknown_field_is_listed_beside_what_else_is_wrong() -> None:
    sent = TRAINING | {"seed": "x", "sede": 3}
    problem = APIClient().post("/api/v1/training-sessions", sent, format="json").json()
    assert [error["field"] for error in problem["errors"]] == ["seed", "sede"]
    assert problem["field"] == "seed"
