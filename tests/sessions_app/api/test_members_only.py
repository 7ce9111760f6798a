"""Where nobody may use the server without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.models import AnalysisSession, Session
from tests.sessions_app.api.owned import LIST, OLD_TREE, TREE, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper
    from rest_framework.test import APIClient

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db


# Without anonymous use


@pytest.fixture
def members_only(settings: SettingsWrapper) -> None:
    settings.EXOPLANET_ANONYMOUS = False


SENTENCE = "Only users who are signed in can do this: send a token, or sign in."


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("kind", ["training", "prediction"])
def test_without_anonymous_use_listing_and_starting_need_a_user(
    anonymous: Callable[[], APIClient], members_only: Any, method: str, kind: str
) -> None:
    answer = getattr(anonymous(), method)(f"/api/v1/{kind}-sessions")
    assert (answer.status_code, answer.json()["detail"]) == (401, SENTENCE)
    assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("act", ["delete", "cancel", "retry"])
@pytest.mark.parametrize("kind", ["training-sessions", "analyses"])
def test_without_anonymous_use_strangers_change_no_anonymous_session(
    anonymous: Callable[[], APIClient],
    client: Client,
    members_only: Any,
    nobodys: Any,
    kind: str,
    act: str,
) -> None:
    session = nobodys
    Session.objects.update(status="failed")
    if kind == "analyses":
        session = AnalysisSession.objects.create(
            kind="analysis",
            status="failed",
            mission="kepler",
            data_source="nasa",
            owner_key=nobodys.owner_key,
            of=nobodys,
            analysis="drop_columns",
        )
    here = f"/api/v1/{kind}/{session.pk}"
    stranger = anonymous()
    answer = stranger.delete(here) if act == "delete" else stranger.post(f"{here}/{act}")
    assert (answer.status_code, answer.json()["detail"]) == (401, SENTENCE)
    if act != "delete":
        assert client.post(f"/sessions/{session.pk}/{act}").status_code == 401
    session.refresh_from_db()
    assert session.status == "failed"


@pytest.mark.parametrize("address", ["/api/custom/train", "/api/pretrained/predict"])
def test_without_anonymous_use_the_old_contract_starts_nothing(
    anonymous: Callable[[], APIClient], members_only: Any, address: str
) -> None:
    answer = anonymous().post(address, OLD_TREE)
    assert (answer.status_code, answer.json()) == (401, {"success": False, "error": SENTENCE})


def test_without_anonymous_use_users_go_on(
    as_user: Callable[[User], APIClient], ada: User, kepler: DatasetSnapshot, members_only: Any
) -> None:
    assert as_user(ada).post(LIST, TREE).status_code == 202
    assert as_user(ada).post("/api/custom/train", OLD_TREE).status_code == 202
    assert len(listed(as_user(ada))) == 2
