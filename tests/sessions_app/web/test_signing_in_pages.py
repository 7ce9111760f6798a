"""Signing in and out on the pages, and how often a password may be guessed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

ADA = {"username": "ada", "password": "a passphrase for the tests"}
WRONG = ADA | {"password": "another one"}


@pytest.fixture(autouse=True)
def ada() -> User:
    return User.objects.create_user(**ADA)


def sign_in(client: Client, given: dict[str, str] = ADA, **more: str) -> Any:
    return client.post("/sign-in", given | more)


def test_a_user_signs_in_and_is_led_back_to_where_they_were(client: Client) -> None:
    assert '<a href="/sign-in?next=/train">Sign in</a>' in client.get("/train").text
    answer = sign_in(client, next="/train")
    assert (answer.status_code, answer["Location"]) == (302, "/train")
    page = client.get("/train").text
    assert "<span>ada</span>" in page
    assert "/sign-in" not in page


def test_without_a_place_to_go_back_to_ones_sessions_are_shown(client: Client) -> None:
    assert sign_in(client)["Location"] == "/sessions/"


def test_nobody_is_led_to_another_site(client: Client) -> None:
    assert sign_in(client, next="https://example.org/")["Location"] == "/sessions/"


def test_the_page_itself_is_no_place_to_go_back_to(client: Client) -> None:
    assert "?next=" not in client.get("/sign-in").text
    assert sign_in(client, next="/sign-in").status_code == 302
    assert client.get("/sign-in?next=/sign-in").status_code == 200


def test_signing_out_takes_a_button(client: Client) -> None:
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    answer = client.post("/sign-out")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "<span>ada</span>" not in client.get("/train").text


def test_another_sites_page_signs_nobody_in_or_out() -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client).status_code == 403
    client.force_login(User.objects.get())
    assert client.post("/sign-out").status_code == 403


def test_a_wrong_password_is_refused_in_words(client: Client) -> None:
    answer = sign_in(client, WRONG)
    assert answer.status_code == 400
    assert "Please enter a correct username and password." in answer.text


@pytest.mark.parametrize("address", ["/sign-in", "/admin/login/"])
def test_passwords_cannot_be_guessed_fast(
    client: Client, settings: SettingsWrapper, address: str, ada: User
) -> None:
    ada.is_staff = True
    ada.save()
    settings.EXOPLANET_LOGINS_PER_MINUTE = 3
    for _ in range(3):
        assert "Too many" not in client.post(address, WRONG).text
    answer = client.post(address, ADA)
    assert "Too many passwords were sent from this address: wait" in answer.text
    assert answer.status_code == (429 if address == "/sign-in" else 200)
    assert "_auth_user_id" not in client.session
    # The address that guesses keeps nobody else out.
    assert client.post(address, ADA, REMOTE_ADDR="192.0.2.7").status_code == 302
