"""What pages say where something is wrong: in the site's own form, and in the API's there."""

from __future__ import annotations

import pytest
from django.test import Client

from sessions_app.web.views import glossary
from tests.sessions_app.web.pages import page, words


@pytest.mark.django_db
def test_a_page_that_is_nowhere_leads_on(client: Client) -> None:
    text = page(client, "/nowhere", status=404)
    assert "There is nothing here" in text
    shown = client.get("/nowhere").content.decode()
    for address in ("/", "/search", "/missions", "/sessions/", "/models"):
        assert f'"{address}"' in shown


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/nowhere", "/api/v1/nowhere"])
def test_an_interface_answers_in_its_own_form(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "json" in answer["Content-Type"]


@pytest.mark.django_db
def test_a_form_without_its_token_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "Open the page again, and send the form from there." in words(answer)


def test_what_cannot_be_read_says_so(client: Client) -> None:
    answer = client.get("/glossary", headers={"Host": "not.ours"})
    assert answer.status_code == 400
    assert "The request could not be understood" in words(answer)


def test_a_fault_is_said_without_the_database_even_to_who_is_signed_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Not one of the marks of a test that may use the database: a query would fail.
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(glossary, "render", broken)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "somebody"
    answer = client.get("/glossary")
    assert answer.status_code == 500
    text = words(answer)
    assert "The server met a fault" in text
    assert "secret" not in text
    assert client.get("/nowhere").status_code in {404, 500}
