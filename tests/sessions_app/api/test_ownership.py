"""Who sees and changes which session, on both interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission

from sessions_app.access.identity import COOKIE
from sessions_app.models import Session
from tests.sessions_app.api.owned import LIST, OLD_TREE, TREE, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper
    from rest_framework.test import APIClient

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db


def addresses(session: TrainingSession) -> list[str]:
    here = f"{LIST}/{session.pk}"
    return [here, f"{here}/progress", f"{here}/result", f"{here}/predictions"]


def legacy_addresses(session: TrainingSession) -> list[str]:
    return [
        f"/api/{pair}/{route}/{session.pk}"
        for pair in ("custom", "pretrained")
        for route in ("progress", "result")
    ]


@pytest.fixture
def adas(make_session: Callable[..., TrainingSession], ada: User) -> TrainingSession:
    return make_session(f"user:{ada.pk}", owner=ada, model={"columns": []})


# Users


def test_a_user_lists_their_own_sessions_and_no_others(
    as_user: Callable[[User], APIClient], ada: User, bob: User, adas: Any, nobodys: Any
) -> None:
    assert listed(as_user(ada)) == [str(adas.pk)]
    assert listed(as_user(bob)) == []


def test_a_session_that_a_user_starts_is_theirs(
    as_user: Callable[[User], APIClient], ada: User, kepler: DatasetSnapshot
) -> None:
    answer = as_user(ada).post(LIST, TREE)
    assert answer.status_code == 202
    session = Session.objects.get(pk=answer.json()["id"])
    assert (session.owner, session.owner_key) == (ada, f"user:{ada.pk}")
    assert COOKIE not in answer.cookies
    assert listed(as_user(ada)) == [str(session.pk)]


def test_a_users_session_does_not_exist_for_another_user(
    as_user: Callable[[User], APIClient], bob: User, adas: Any
) -> None:
    for address in addresses(adas):
        assert as_user(bob).get(address).status_code == 404, address
    assert as_user(bob).delete(addresses(adas)[0]).status_code == 404
    assert Session.objects.filter(pk=adas.pk).exists()


def test_a_users_session_does_not_exist_for_an_anonymous_caller(
    anonymous: Callable[[], APIClient], adas: Any
) -> None:
    for address in addresses(adas):
        assert anonymous().get(address).status_code == 404, address
    assert anonymous().delete(addresses(adas)[0]).status_code == 404
    assert Session.objects.filter(pk=adas.pk).exists()


def test_a_user_reads_their_own_session_everywhere(
    as_user: Callable[[User], APIClient], ada: User, adas: Any
) -> None:
    for address in addresses(adas):
        assert as_user(ada).get(address).status_code == 200, address


def test_a_user_of_the_admin_reads_their_own_session_by_its_cookie(
    client: Client, ada: User, adas: Any
) -> None:
    client.force_login(ada)
    for address in [*addresses(adas), *legacy_addresses(adas)[:1]]:
        assert client.get(address).status_code == 200, address


def test_the_session_of_a_user_who_is_gone_stays_private(
    as_user: Callable[[User], APIClient],
    anonymous: Callable[[], APIClient],
    ada: User,
    bob: User,
    adas: Any,
) -> None:
    ada.delete()
    assert Session.objects.get(pk=adas.pk).owner is None
    assert anonymous().get(addresses(adas)[0]).status_code == 404
    assert as_user(bob).get(addresses(adas)[0]).status_code == 404


# Operators


def test_staff_list_and_read_everything(
    as_user: Callable[[User], APIClient], staff: User, adas: Any, nobodys: Any
) -> None:
    assert set(listed(as_user(staff))) == {str(adas.pk), str(nobodys.pk)}
    for address in addresses(adas):
        assert as_user(staff).get(address).status_code == 200, address


def test_operators_delete_what_is_somebody_elses(
    as_user: Callable[[User], APIClient], operator: User, adas: Any
) -> None:
    assert as_user(operator).delete(addresses(adas)[0]).status_code == 204


@pytest.mark.parametrize("kind", ["adas", "nobodys", "the server's"])
@pytest.mark.parametrize("act", ["delete", "cancel", "retry"])
def test_staff_who_may_only_look_change_nothing(
    as_user: Callable[[User], APIClient],
    client: Client,
    staff: User,
    make_session: Callable[..., TrainingSession],
    adas: Any,
    nobodys: Any,
    kind: str,
    act: str,
) -> None:
    session = {"adas": adas, "nobodys": nobodys}.get(kind) or make_session("")
    Session.objects.update(status="failed")
    here = addresses(session)[0]
    viewer = as_user(staff)
    answer = viewer.delete(here) if act == "delete" else viewer.post(f"{here}/{act}")
    permission = "delete" if act == "delete" else "change"
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        f"Your account may see this session and not {permission} it: the permission is missing.",
    )
    client.force_login(staff)
    if act != "delete":
        assert client.post(f"/sessions/{session.pk}/{act}").status_code == 403
    assert f'action="/sessions/{session.pk}/' not in client.get(f"/sessions/{session.pk}").text


def test_a_permission_is_for_one_act_and_one_kind(
    as_user: Callable[[User], APIClient], staff: User, make_session: Callable[..., TrainingSession]
) -> None:
    staff.user_permissions.set(Permission.objects.filter(codename="change_trainingsession"))
    session = make_session("", status="queued")
    here = addresses(session)[0]
    assert as_user(staff).delete(here).status_code == 403
    assert as_user(staff).post(f"{here}/cancel").status_code == 200


def test_staff_change_their_own_sessions_like_anybody_else(
    as_user: Callable[[User], APIClient], staff: User, make_session: Callable[..., TrainingSession]
) -> None:
    here = addresses(make_session(f"user:{staff.pk}", owner=staff))[0]
    assert as_user(staff).delete(here).status_code == 204


def test_a_session_of_the_server_itself_is_read_by_all_and_changed_by_operators_alone(
    anonymous: Callable[[], APIClient],
    as_user: Callable[[User], APIClient],
    bob: User,
    operator: User,
    make_session: Callable[..., TrainingSession],
) -> None:
    here = addresses(make_session("", model={"columns": []}))[0]
    assert anonymous().get(here).status_code == 200
    for client in (anonymous(), as_user(bob)):
        answer = client.delete(here)
        assert answer.status_code == 403
        assert answer.json()["detail"] == (
            "The session is the server's own: only its operators may change it."
        )
    assert as_user(operator).delete(here).status_code == 204


# Anonymous callers


def test_whoever_knows_the_id_of_an_anonymous_session_may_read_and_delete_it(
    anonymous: Callable[[], APIClient],
    as_user: Callable[[User], APIClient],
    bob: User,
    nobodys: Any,
) -> None:
    for client in (anonymous(), as_user(bob)):
        for address in addresses(nobodys):
            assert client.get(address).status_code == 200, address
    assert anonymous().delete(addresses(nobodys)[0]).status_code == 204


def test_an_anonymous_caller_without_a_cookie_lists_nothing(
    anonymous: Callable[[], APIClient],
    adas: Any,
    nobodys: Any,
    make_session: Callable[..., TrainingSession],
) -> None:
    make_session("")
    assert listed(anonymous()) == []


def test_a_cookie_lists_the_callers_own_sessions_and_nothing_of_others(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot, nobodys: Any
) -> None:
    first, second = anonymous(), anonymous()
    started = [first.post(LIST, TREE).json()["id"] for _ in range(2)]
    other = second.post(LIST, TREE).json()["id"]
    assert listed(first) == started[::-1]
    assert listed(second) == [other]


def test_the_cookie_is_signed_and_hidden_from_scripts_and_other_sites(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot, settings: SettingsWrapper
) -> None:
    cookie = anonymous().post(LIST, TREE).cookies[COOKIE]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["secure"] == ""
    assert cookie.value.count(":") == 2
    settings.EXOPLANET_HTTPS = True
    assert anonymous().post(LIST, TREE).cookies[COOKIE]["secure"] is True


def test_the_cookie_is_given_once(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot
) -> None:
    client = anonymous()
    assert COOKIE in client.post(LIST, TREE).cookies
    assert COOKIE not in client.post(LIST, TREE).cookies


def test_a_cookie_of_ones_own_making_opens_nothing(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot, nobodys: Any
) -> None:
    client = anonymous()
    client.post(LIST, TREE)
    key, rest = client.cookies[COOKIE].value.split(":", 1)
    for forged in (f"somebody:{rest}", "somebody", "", f"{key}x:{rest}"):
        client.cookies[COOKIE] = forged
        assert listed(client) == []


def test_a_cookie_that_another_origins_page_sends_does_not_count(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot
) -> None:
    client = anonymous()
    mine = client.post(LIST, TREE).json()["id"]
    for origin in ("http://localhost:3000", "null", "https://testserver"):
        answer = client.get(LIST, HTTP_ORIGIN=origin)
        assert answer.json()["results"] == [], origin
    assert client.get(LIST, HTTP_ORIGIN="http://testserver").json()["results"][0]["id"] == mine


# The old contract


def test_the_old_contract_reads_an_anonymous_session_by_its_id_alone(
    client: Client, nobodys: Any
) -> None:
    nobodys.status = "running"
    nobodys.save()
    for address in legacy_addresses(nobodys):
        assert client.get(address).status_code == (200 if "progress" in address else 400)


def test_the_old_contract_does_not_show_a_users_session_to_anybody_else(
    client: Client, bob: User, adas: Any
) -> None:
    envelope = {"success": False, "error": f"There is no session {adas.pk}."}
    for address in legacy_addresses(adas):
        for _ in range(2):
            answer = client.get(address)
            assert (answer.status_code, answer.json()) == (404, envelope)
            client.force_login(bob)


def test_a_user_may_use_the_old_contract_with_their_token(
    as_user: Callable[[User], APIClient],
    anonymous: Callable[[], APIClient],
    ada: User,
    kepler: DatasetSnapshot,
) -> None:
    answer = as_user(ada).post("/api/custom/train", OLD_TREE)
    assert answer.status_code == 202
    here = f"/api/custom/progress/{answer.json()['session_id']}"
    assert as_user(ada).get(here).status_code == 200
    assert anonymous().get(here).status_code == 404


def test_the_cookie_of_a_signed_in_user_does_not_count_where_no_csrf_token_is_asked_for(
    client: Client, ada: User, kepler: DatasetSnapshot
) -> None:
    client.force_login(ada)
    answer = client.post("/api/custom/train", OLD_TREE, content_type="application/json")
    assert answer.status_code == 202
    session = Session.objects.get(pk=answer.json()["session_id"])
    assert session.owner is None
    assert session.owner_key.startswith("address:")


def test_a_wrong_token_is_refused_on_both(anonymous: Callable[[], APIClient]) -> None:
    client = anonymous()
    client.credentials(HTTP_AUTHORIZATION="Token 0123")
    answer = client.get(LIST)
    assert (answer.status_code, answer.json()["detail"]) == (401, "The token is not valid.")
    answer = client.post("/api/custom/train", OLD_TREE)
    assert (answer.status_code, answer.json()) == (
        401,
        {"success": False, "error": "The token is not valid."},
    )
    assert answer["WWW-Authenticate"] == "Token"
