"""How often one may ask: by scope, exactly, counted over all processes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from sessions_app.access import request_counts
from sessions_app.models import RequestCount, Session
from tests.sessions_app.api.at_once import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper
    from rest_framework.test import APIClient

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db

LIST = "/api/v1/training-sessions"
TOKEN = "/api/v1/token"
OLD = {"model_type": "decision_tree", "data_source": "nasa", "dataset_name": "kepler"}
NEW = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of the counts in the middle of a minute."""
    set_clock(monkeypatch, 15.0)


def set_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(
        request_counts, "time", SimpleNamespace(time=lambda: 1_800_000_000.0 + seconds)
    )


def refused(answer: Any) -> None:
    assert answer.status_code == 429
    assert answer["Retry-After"] == "45"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "These are too many requests: wait 45 seconds."


@pytest.mark.parametrize(
    "address",
    [
        LIST,
        f"{LIST}/{{id}}",
        f"{LIST}/{{id}}/result",
        f"{LIST}/{{id}}/predictions",
        "/api/v1/schema",
        "/api/v1/docs",
    ],
)
def test_reading_has_a_rate(
    client: Client,
    settings: SettingsWrapper,
    make_session: Callable[..., TrainingSession],
    address: Any,
) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = 2
    here = address.format(id=make_session(model={"columns": []}).pk)
    assert [client.get(here).status_code for _ in range(2)] == [200, 200]
    refused(client.get(here))


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/models",
        "/train",
        "/predict",
        "/sessions/",
        "/sessions/{id}",
        "/sessions/{id}/objects",
        "/sessions/{id}/plots/roc",
        "/metrics",
        "/api/datasets",
    ],
)
def test_reading_a_page_has_the_same_rate(
    client: Client,
    settings: SettingsWrapper,
    make_session: Callable[..., TrainingSession],
    address: str,
) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = 1
    here = address.format(id=make_session(status="failed").pk)
    assert client.get(here).status_code != 429
    answer = client.get(here)
    assert (answer.status_code, answer["Retry-After"]) == (429, "45")
    assert "These are too many requests: wait 45 seconds." in answer.text


def test_health_is_free(client: Client, settings: SettingsWrapper) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = 1
    for here in ("/api/health", "/api/v1/ready"):
        assert {client.get(here).status_code for _ in range(3)} == {503}


def test_starting_has_a_rate_of_its_own(client: Client, settings: SettingsWrapper) -> None:
    settings.EXOPLANET_STARTS_PER_MINUTE = 2
    assert [client.post(LIST).status_code for _ in range(2)] == [400, 400]
    refused(client.post(LIST))
    refused(client.post("/api/v1/prediction-sessions"))
    assert client.get(LIST).status_code == 200


def test_changing_counts_as_starting(
    client: Client, settings: SettingsWrapper, make_session: Callable[..., TrainingSession]
) -> None:
    settings.EXOPLANET_STARTS_PER_MINUTE = 1
    client.post(LIST)
    refused(client.delete(f"{LIST}/{make_session('anonymous:x').pk}"))


def test_asking_for_progress_is_free_and_never_refused(
    client: Client, settings: SettingsWrapper, make_session: Callable[..., TrainingSession]
) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = 1
    session = make_session()
    for here in (f"{LIST}/{session.pk}/progress", f"/api/custom/progress/{session.pk}"):
        assert {client.get(here).status_code for _ in range(20)} == {200}
    assert not RequestCount.objects.exists()


def test_the_old_contract_is_throttled_in_its_envelope(
    client: Client, settings: SettingsWrapper, make_session: Callable[..., TrainingSession]
) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = settings.EXOPLANET_STARTS_PER_MINUTE = 1
    session = make_session(status="running")
    read, start = f"/api/custom/result/{session.pk}", "/api/custom/train"
    assert client.get(read).status_code == 400
    assert client.post(start, {}).status_code == 400
    for answer in (client.get(read), client.post(start, {})):
        assert (answer.status_code, answer.json()) == (
            429,
            {"success": False, "error": "These are too many requests: wait 45 seconds."},
        )
        assert answer["Retry-After"] == "45"


def test_one_callers_requests_cost_another_nothing(
    as_user: Callable[[User], APIClient],
    anonymous: Callable[[], APIClient],
    settings: SettingsWrapper,
    ada: User,
    bob: User,
) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = 1
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    for ask in (
        lambda: as_user(ada).get(LIST),
        lambda: as_user(bob).get(LIST),
        lambda: anonymous().get(LIST),
        lambda: anonymous().get(LIST, **elsewhere),
    ):
        assert ask().status_code == 200
        refused(ask())


def test_dropping_the_cookie_gives_no_new_count(
    anonymous: Callable[[], APIClient], settings: SettingsWrapper, kepler: DatasetSnapshot
) -> None:
    settings.EXOPLANET_STARTS_PER_MINUTE = 1
    fields = NEW
    assert anonymous().post(LIST, fields).status_code == 202
    refused(anonymous().post(LIST, fields))


def test_what_a_caller_says_of_their_address_counts_only_behind_a_proxy(
    anonymous: Callable[[], APIClient], settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = 1

    def ask(said: str) -> Any:
        return anonymous().get(LIST, HTTP_X_FORWARDED_FOR=said)

    assert ask("192.0.2.1").status_code == 200
    refused(ask("192.0.2.2"))
    settings.EXOPLANET_PROXIES = 1
    assert ask("192.0.2.1").status_code == 200
    assert ask("192.0.2.2").status_code == 200
    refused(ask("192.0.2.99, 192.0.2.2"))


def test_a_network_of_ipv6_is_one_caller(
    anonymous: Callable[[], APIClient], settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = 1
    assert anonymous().get(LIST, REMOTE_ADDR="2001:db8:0:1::5").status_code == 200
    refused(anonymous().get(LIST, REMOTE_ADDR="2001:db8:0:1:ffff::6"))
    assert anonymous().get(LIST, REMOTE_ADDR="2001:db8:0:2::5").status_code == 200


def test_no_address_is_kept(client: Client, kepler: DatasetSnapshot) -> None:
    client.post(LIST, NEW, REMOTE_ADDR="192.0.2.7")
    [count], [session] = RequestCount.objects.all(), Session.objects.all()
    assert session.address_key.startswith("address:")
    for kept in (count.key, session.address_key, session.counted_as, session.owner_key):
        assert "192.0.2" not in kept


def test_the_next_minute_counts_anew(
    client: Client, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EXOPLANET_READS_PER_MINUTE = 1
    client.get(LIST)
    refused(client.get(LIST))
    set_clock(monkeypatch, 60.0)
    assert client.get(LIST).status_code == 200


def test_passwords_cannot_be_guessed_fast(
    client: Client, settings: SettingsWrapper, ada: User
) -> None:
    settings.EXOPLANET_LOGINS_PER_MINUTE = 3
    guesses = [{"username": "ada", "password": str(number)} for number in range(3)]
    assert [client.post(TOKEN, guess).status_code for guess in guesses] == [400, 400, 400]
    right = {"username": "ada", "password": "a passphrase for the tests"}
    refused(client.post(TOKEN, right))
    assert client.post(TOKEN, right, REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_time_no_more_than_the_rate_are_allowed() -> None:
    waits = at_once(8, lambda: request_counts.seconds_to_wait("reading", "user:1", per_minute=5))
    assert sorted(waits) == [0] * 5 + [45] * 3


def test_the_counts_survive_no_crash_and_cost_no_disk(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpersistence FROM pg_class WHERE relname = %s", [RequestCount._meta.db_table]
        )
        assert cursor.fetchone() == ("u",)


def test_counts_of_the_past_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    request_counts.seconds_to_wait("reading", "old", per_minute=1)
    set_clock(monkeypatch, 60.0)
    request_counts.seconds_to_wait("reading", "new", per_minute=1)
    assert request_counts.forget_old_counts() == 1
    assert [count.key for count in RequestCount.objects.all()] == ["reading new"]


def test_the_defaults_bear_many_open_pages_and_a_test_of_every_refusal(
    settings: SettingsWrapper,
) -> None:
    assert settings.EXOPLANET_READS_PER_MINUTE >= 60 * 50
    assert settings.EXOPLANET_STARTS_PER_MINUTE >= 1000
