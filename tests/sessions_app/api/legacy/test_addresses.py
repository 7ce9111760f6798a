"""The addresses, their methods, and who may call them from a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlcore import MODELS
from tests.archive_tables import ARCHIVED, whole
from tests.sessions_app.api.legacy.contract import check_shape

if TYPE_CHECKING:
    from pathlib import Path

    from tests.served import Served

pytestmark = pytest.mark.cluster

READ = ["/api/health", "/api/datasets", "/api/models"]
START = ["/api/custom/train", "/api/pretrained/predict"]
FOLLOW = [
    f"/api/{pair}/{route}/00000000-0000-4000-8000-000000000000"
    for pair in ("custom", "pretrained")
    for route in ("progress", "result")
]


def test_health_is_healthy(served: Served) -> None:
    answer = served.get("/api/health")
    assert answer.status == 200
    check_shape("health", answer.body)


def test_datasets_tells_what_is_loaded(served: Served, served_archive: Path) -> None:
    answer = served.get("/api/datasets")
    assert answer.status == 200
    check_shape("datasets", answer.body)
    details = answer.body["details"]
    assert {name: dataset["rows"] for name, dataset in details.items()} == {
        name: len(whole(served_archive, name)) for name in ARCHIVED
    }
    labels = whole(served_archive, "kepler")["koi_disposition"].value_counts()
    assert details["kepler"]["label_counts"] == {
        "Candidate": labels["CANDIDATE"],
        "False Positive": labels["FALSE POSITIVE"],
        "Exoplanet": labels["CONFIRMED"],
    }
    assert {dataset["snapshot_date"] for dataset in details.values()} == {"2025-10-04"}
    assert {dataset["source"] for dataset in details.values()} == {"folder"}
    for name, dataset in details.items():
        assert set(dataset["columns"]) <= set(whole(served_archive, name).columns)


def test_models_lists_every_type_with_its_hyperparameters(served: Served) -> None:
    answer = served.get("/api/models")
    assert answer.status == 200
    check_shape("models", answer.body)
    assert answer.body["models"] == list(MODELS)
    for name, entry in MODELS.items():
        assert answer.body["details"][name]["hyperparameters"] == [
            row.describe() for row in entry.hyperparameters
        ]


@pytest.mark.parametrize("address", [*READ, *FOLLOW])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_what_is_read_takes_get_alone(served: Served, address: Any, method: str) -> None:
    answer = served.ask(method, address)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"
    check_shape("error", answer.body)
    assert answer.body["error"] == f"This address takes GET and not {method}."


@pytest.mark.parametrize("address", START)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_what_starts_a_session_takes_post_alone(served: Served, address: Any, method: str) -> None:
    answer = served.ask(method, address)
    assert answer.status == 405
    assert answer.headers["Allow"] == "POST"
    check_shape("error", answer.body)


@pytest.mark.parametrize(
    "address",
    ["/api", "/api/", "/api/nothing", "/api/custom", "/api/custom/progress", "/api/health.php"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_is_nowhere_under_api_is_a_404_in_json(
    served: Served, address: str, method: str
) -> None:
    answer = served.ask(method, address)
    assert answer.status == 404
    check_shape("error", answer.body)


@pytest.mark.parametrize("address", READ)
def test_an_address_answers_directly_without_a_trailing_slash(served: Served, address: Any) -> None:
    # `ask` follows no redirect.
    assert served.get(address).status == 200
    assert served.get(f"{address}/").status == 404


@pytest.mark.parametrize("address", START)
def test_a_form_is_not_redirected_either(served: Served, address: Any) -> None:
    assert served.post(address, data={}).status == 400


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://localhost:5173"])
@pytest.mark.parametrize("address", [*READ, *START, *FOLLOW])
def test_the_frontends_origins_may_call(served: Served, origin: str, address: Any) -> None:
    method = "POST" if address in START else "GET"
    preflight = served._wire.options(
        served.url + address,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "content-type",
        },
        timeout=60,
    )
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    assert method in preflight.headers["Access-Control-Allow-Methods"].split(", ")
    assert "content-type" in preflight.headers["Access-Control-Allow-Headers"].split(", ")
    # Errors too: without the header the page could not read what is wrong.
    answer = served.ask(method, address, headers={"Origin": origin})
    assert answer.status == (200 if address in READ else 400 if address in START else 404)
    assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize(
    "origin", ["http://localhost:3001", "https://localhost:3000", "http://evil.example", "null"]
)
def test_a_foreign_origin_may_not(served: Served, origin: str) -> None:
    preflight = served._wire.options(
        served.url + "/api/custom/train",
        headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
        timeout=60,
    )
    assert "Access-Control-Allow-Origin" not in preflight.headers
    answer = served.get("/api/health", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_foreign_host_name_is_refused_in_json(served: Served) -> None:
    answer = served.get("/api/health", headers={"Host": "planets.example"})
    assert answer.status == 400
    check_shape("error", answer.body)
