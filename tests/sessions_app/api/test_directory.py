"""The first page of the modern API names all there is, read from its addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(client: Client) -> Any:
    answer = client.get("/api/v1/")
    assert answer.status_code == 200
    return answer.json()


def test_every_address_of_the_schema_is_in_it(directory: Any, schema: Any) -> None:
    root = "http://testserver"
    named = {address.removeprefix(root) for address in directory["addresses"].values()}
    assert named == set(schema["paths"]) | {"/api/v1/docs", "/api/v1/schema"}


def test_what_has_nothing_to_fill_in_can_be_asked_as_it_stands(
    client: Client, directory: Any
) -> None:
    for name, address in directory["addresses"].items():
        if "{" not in address and name != "token":
            assert client.get(address).status_code in {200, 503}, name


def test_it_leads_to_the_documentation_the_schema_and_the_problems(
    client: Client, directory: Any
) -> None:
    for name in ("documentation", "schema", "problems"):
        assert client.get(directory[name]).status_code == 200
    assert directory["title"] == "Exoplanet Playground"


def test_its_addresses_are_those_of_the_host_that_was_asked(client: Client) -> None:
    answer = client.get("/api/v1/", headers={"Host": "localhost:8123"}).json()
    assert {re.split("/api/", address)[0] for address in answer["addresses"].values()} == {
        "http://localhost:8123"
    }


def test_an_address_is_filled_in_by_an_id(client: Client, directory: Any, nobodys: Any) -> None:
    address = directory["addresses"]["training-session-progress"].format(id=nobodys.pk)
    assert client.get(address).json()["status"] == "completed"
