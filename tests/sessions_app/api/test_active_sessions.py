"""How many sessions one owner may have active at the same time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from sessions_app import lifecycle
from sessions_app.models import Session
from tests.sessions_app.api.at_once import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User
    from pytest_django.fixtures import SettingsWrapper

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db

LIST = "/api/v1/training-sessions"
TREE = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}
OLD_TREE = {"model_type": "decision_tree", "data_source": "nasa", "dataset_name": "kepler"}
SENTENCE = (
    "2 of your sessions are active, and at most 2 may wait or run at the same time: wait until one"
    " has ended, or cancel one."
)


@pytest.fixture(autouse=True)
def two(settings: SettingsWrapper, kepler: DatasetSnapshot) -> None:
    settings.EXOPLANET_ACTIVE_SESSIONS = 2


def refused(answer: Any) -> None:
    assert answer.status_code == 429
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == SENTENCE


def start(client: APIClient, **more: Any) -> int:
    return client.post(LIST, TREE, **more).status_code


def test_a_user_has_no_more_active_sessions_than_the_cap(
    as_user: Callable[[User], APIClient], ada: User, bob: User
) -> None:
    client = as_user(ada)
    assert [start(client), start(client)] == [202, 202]
    refused(client.post(LIST, TREE))
    assert Session.objects.count() == 2
    assert start(as_user(bob)) == 202


def test_both_interfaces_count_together(as_user: Callable[[User], APIClient], ada: User) -> None:
    client = as_user(ada)
    assert [start(client), start(client)] == [202, 202]
    answer = client.post("/api/custom/train", OLD_TREE)
    assert (answer.status_code, answer.json()) == (429, {"success": False, "error": SENTENCE})


def test_a_session_that_ended_makes_room(as_user: Callable[[User], APIClient], ada: User) -> None:
    client = as_user(ada)
    first = client.post(LIST, TREE).json()["id"]
    start(client)
    refused(client.post(LIST, TREE))
    lifecycle.cancel(Session.objects.all(), first)
    assert start(client) == 202


def test_staff_have_no_cap(as_user: Callable[[User], APIClient], staff: User) -> None:
    assert [start(as_user(staff)) for _ in range(4)] == [202] * 4


def test_a_cookie_has_a_count_of_its_own(anonymous: Callable[[], APIClient]) -> None:
    first, second = anonymous(), anonymous()
    # The first session of each comes without a cookie and counts for the address.
    assert [start(first), start(second)] == [202, 202]
    assert [start(first), start(first)] == [202, 202]
    refused(first.post(LIST, TREE))
    assert start(second) == 202


def test_without_a_cookie_the_address_is_counted(anonymous: Callable[[], APIClient]) -> None:
    assert [start(anonymous()), start(anonymous())] == [202, 202]
    refused(anonymous().post(LIST, TREE))
    assert start(anonymous(), REMOTE_ADDR="192.0.2.7") == 202


def test_the_old_frontend_is_counted_by_address(anonymous: Callable[[], APIClient]) -> None:
    answers = [anonymous().post("/api/custom/train", OLD_TREE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].json() == {"success": False, "error": SENTENCE}


def test_cookies_cannot_be_collected_to_have_more_than_five_people_have(
    anonymous: Callable[[], APIClient], make_session: Callable[..., TrainingSession]
) -> None:
    clients = []
    while len(clients) < 6:
        client = anonymous()
        session = client.post(LIST, TREE).json()["id"]
        lifecycle.cancel(Session.objects.all(), session)
        clients.append(client)
    answers = Counter(start(client) for client in clients for _ in range(2))
    assert answers == {202: 10, 429: 2}


def test_the_servers_own_sessions_are_not_counted(
    as_user: Callable[[User], APIClient], ada: User, make_session: Callable[..., TrainingSession]
) -> None:
    for _ in range(3):
        make_session("", status="queued")
    assert start(as_user(ada)) == 202


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_time_no_more_than_the_cap_are_accepted(
    as_user: Callable[[User], APIClient], ada: User
) -> None:
    token = as_user(ada)._credentials

    def ask() -> int:
        client = APIClient(raise_request_exception=False)
        client.credentials(**token)
        return start(client)

    assert Counter(at_once(6, ask)) == {202: 2, 429: 4}
    assert Session.objects.filter(owner=ada).count() == 2


@pytest.mark.parametrize("change", [{}, {"REMOTE_ADDR": "192.0.2.7"}])
def test_a_session_that_is_run_again_counts_for_whoever_started_it(
    anonymous: Callable[[], APIClient], change: dict[str, Any]
) -> None:
    first = anonymous()
    sessions = []
    for _ in range(5):
        sessions.append(first.post(LIST, TREE).json()["id"])
        lifecycle.cancel(Session.objects.all(), sessions[-1])
    # The first one was started without a cookie.
    answers = [anonymous().post(f"{LIST}/{session}/retry", **change) for session in sessions[1:]]
    assert [answer.status_code for answer in answers] == [202, 202, 429, 429]
