"""Tokens, Django's own sessions, and the token against forged requests that these need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from sessions_app.models import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db

LIST, TOKEN = "/api/v1/training-sessions", "/api/v1/token"
TREE = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}
ADA = {"username": "ada", "password": "a passphrase for the tests"}


def test_a_password_is_exchanged_for_a_token_that_works(
    anonymous: Callable[[], APIClient], ada: User, kepler: DatasetSnapshot
) -> None:
    answer = anonymous().post(TOKEN, ADA)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    client = anonymous()
    client.credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    client.post(LIST, TREE)
    assert Session.objects.get().owner == ada


def test_the_token_stays_the_same_until_it_is_revoked(
    anonymous: Callable[[], APIClient], as_user: Callable[[User], APIClient], ada: User
) -> None:
    first, second = (anonymous().post(TOKEN, ADA).json() for _ in range(2))
    assert first == second
    assert as_user(ada).delete(TOKEN).status_code == 204
    assert not Token.objects.exists()
    old = anonymous()
    old.credentials(HTTP_AUTHORIZATION=f"Token {first['token']}")
    assert old.get(LIST).status_code == 401
    assert anonymous().post(TOKEN, ADA).json() != first


def test_only_who_has_a_token_revokes_it(anonymous: Callable[[], APIClient], ada: User) -> None:
    answer = anonymous().delete(TOKEN)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


@pytest.mark.parametrize(
    "change", [{"password": "wrong"}, {"username": "eve"}, {"username": "a" * 150}]
)
def test_a_wrong_password_and_an_unknown_user_are_told_the_same(
    anonymous: Callable[[], APIClient], ada: User, change: dict[str, Any]
) -> None:
    answer = anonymous().post(TOKEN, ADA | change)
    assert answer.status_code == 400
    assert answer.json()["detail"] == (
        "username and password do not belong to a user of this server."
    )


def test_a_user_who_was_shut_out_gets_no_token_and_has_none_that_works(
    anonymous: Callable[[], APIClient], as_user: Callable[[User], APIClient], ada: User
) -> None:
    client = as_user(ada)
    ada.is_active = False
    ada.save()
    assert anonymous().post(TOKEN, ADA).status_code == 400
    assert client.get(LIST).status_code == 401


@pytest.mark.parametrize("fields", [{}, {"username": "ada"}, {"username": ["a"], "password": 1}])
def test_credentials_of_another_form_are_refused(
    anonymous: Callable[[], APIClient], fields: dict[str, Any]
) -> None:
    assert anonymous().post(TOKEN, fields).status_code == 400


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token \xff", "Bearer x", "Basic eDp5"])
def test_another_authorization_is_none(anonymous: Callable[[], APIClient], header: str) -> None:
    client = anonymous()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.get(LIST).status_code in {200, 401}
    assert client.get(LIST).json().get("results", []) == []


# Forged requests


@pytest.fixture
def signed_in(ada: User) -> Any:
    client = APIClient(enforce_csrf_checks=True, raise_request_exception=False)
    client.login(**ADA)
    return client


def test_a_page_of_somebody_else_cannot_start_a_session_with_a_users_cookie(
    signed_in: Any, kepler: DatasetSnapshot
) -> None:
    answer = signed_in.post(LIST, TREE)
    assert answer.status_code == 403
    assert answer.json()["detail"] == (
        "The X-CSRFToken header that belongs to the signed-in session is missing."
    )
    assert not Session.objects.exists()


def test_a_page_of_somebody_else_cannot_delete_with_a_users_cookie(
    signed_in: Any, make_session: Callable[..., TrainingSession], ada: User
) -> None:
    session = make_session(f"user:{ada.pk}", owner=ada)
    assert signed_in.delete(f"{LIST}/{session.pk}").status_code == 403
    assert Session.objects.filter(pk=session.pk).exists()


def test_a_page_of_the_server_can(signed_in: Any, kepler: DatasetSnapshot) -> None:
    signed_in.get("/admin/login/")
    token = signed_in.cookies["csrftoken"].value
    assert signed_in.post(LIST, TREE, HTTP_X_CSRFTOKEN=token).status_code == 202


def test_a_token_needs_no_other(ada: User, kepler: DatasetSnapshot) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=ada).key}")
    assert client.post(LIST, TREE).status_code == 202


def test_an_anonymous_caller_needs_none(kepler: DatasetSnapshot) -> None:
    client = APIClient(enforce_csrf_checks=True)
    assert [client.post(LIST, TREE).status_code for _ in range(2)] == [202, 202]
