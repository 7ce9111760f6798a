"""The list of one's own sessions: its filters and orders, names, and deleting."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from sessions_app.access import identity
from sessions_app.access.identity import COOKIE
from sessions_app.lifecycle import Status
from sessions_app.models import PredictionSession, ProgressEntry, Session, TrainingSession
from tests.sessions_app.services.ended_sessions import equip
from tests.sessions_app.web.pages import page, words

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
OWNER = "anonymous:somebody"


@pytest.fixture(autouse=True)
def visitor(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the browser be one that was here before."""
    monkeypatch.setattr(identity, "_visitor", lambda _: "somebody")
    client.cookies[COOKIE] = "signed"


def started(minutes_ago: float = 0, took: float | None = 10, **fields: Any) -> TrainingSession:
    now = timezone.now() - timedelta(minutes=minutes_ago)
    session = TrainingSession.objects.create(
        **{
            "kind": "training",
            "status": Status.COMPLETED,
            "mission": "kepler",
            "task": "vetting",
            "data_source": "nasa",
            "model_type": "svm",
            "owner_key": OWNER,
            "started_at": now,
            "finished_at": None if took is None else now + timedelta(seconds=took),
        }
        | fields
    )
    Session.objects.filter(pk=session.pk).update(created_at=now)
    return session


def listed(client: Client, **query: object) -> list[str]:
    text = client.get("/sessions/", query).content.decode()
    return re.findall(r'<a href="/sessions/[0-9a-f-]{36}">([^<]+)</a>', text)


def test_a_row_tells_figure_duration_status_and_files(client: Client) -> None:
    figure = {"name": "roc_auc", "of": None, "value": 0.98, "low": 0.97, "high": 0.99, "note": None}
    session = started(metrics={"figures": [figure]}, name="a forest", took=75)
    equip(session)
    running = started(status=Status.RUNNING, took=None)
    ProgressEntry.objects.create(session=running, percent=42.4, step="Fitting")
    text = page(client, "/sessions/")
    assert "a forest Support vector machine" in text
    assert "Vetting mine 0.980 [0.970, 0.990] 1 min 15 s completed" in text
    assert "running 42 %" in text
    assert "2 sessions." in text


def test_sessions_are_filtered_searched_and_put_in_order(client: Client) -> None:
    started(3, 30, name="a one")
    started(2, 20, name="Two of K2", mission="k2")
    started(1, None, name="b three", status=Status.FAILED)
    started(0, name="not mine", owner_key="anonymous:other")
    started(0, name="behind", in_background=True)
    for query, names in (
        ({}, ["b three", "Two of K2", "a one"]),
        ({"sort": "started"}, ["a one", "Two of K2", "b three"]),
        ({"sort": "took"}, ["Two of K2", "a one", "b three"]),
        ({"sort": "-took"}, ["a one", "Two of K2", "b three"]),
        ({"search": "TWO"}, ["Two of K2"]),
        ({"status": "failed"}, ["b three"]),
        ({"mission": "k2"}, ["Two of K2"]),
        ({"kind": "prediction"}, []),
    ):
        assert listed(client, **query) == names
    assert "None of your sessions fits." in page(client, "/sessions/", kind="prediction")


@pytest.mark.parametrize("name", ["kind", "status", "mission", "sort"])
def test_what_is_none_of_the_choices_is_said_with_400(client: Client, name: str) -> None:
    started()
    for headers in ({}, PART):
        answer = client.get("/sessions/", {name: "x"}, headers=headers)
        assert answer.status_code == 400
        assert f"{name}: Select a valid choice. x is not one of" in words(answer)


def test_a_page_takes_as_many_queries_however_many_sessions_there_are(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    started()
    page(client, "/sessions/")
    with django_assert_num_queries(5) as one:
        page(client, "/sessions/")
    for _ in range(60):
        started()
    with django_assert_num_queries(len(one)):
        text = page(client, "/sessions/")
    assert "Page 1 of 2" in text


def test_htmx_gets_the_rows_alone(client: Client) -> None:
    started()
    part = client.get("/sessions/", headers=PART)
    assert part.content.decode().startswith('<div id="rows">')
    assert "HX-Request-Type" in part["Vary"]


# Names


def test_a_session_is_renamed_on_a_page_and_within_the_list(client: Client) -> None:
    session = started()
    address = f"/sessions/{session.pk}/name"
    assert client.post(address, {"name": "mine"})["Location"] == f"/sessions/{session.pk}"
    part = client.get(address, headers=PART).content.decode()
    assert part.startswith("<form")
    assert 'value="mine"' in part
    part = client.post(address, {"name": "<b>bold</b>"}, headers=PART).content.decode()
    assert part.startswith("<span")
    assert "&lt;b&gt;bold&lt;/b&gt;" in part
    assert listed(client) == ["&lt;b&gt;bold&lt;/b&gt;"]
    for headers in ({}, PART):
        answer = client.post(address, {"name": "x" * 81}, headers=headers)
        assert answer.status_code == 400
        assert "name has 81 characters, but it can have 80 at most." in words(answer)
        assert "x" * 81 in answer.content.decode()


# Deleting


def test_a_session_is_deleted_when_somebody_has_said_so_twice(client: Client) -> None:
    session = started(name="old")
    equip(session)
    address = f"/sessions/{session.pk}/delete"
    text = page(client, address)
    assert "Delete “old”?" in text
    assert "your files (mine)" in text
    assert Session.objects.filter(pk=session.pk).exists()
    assert client.post(address)["Location"] == "/sessions/"
    assert not Session.objects.filter(pk=session.pk).exists()
    assert client.get(address).status_code == 404


def test_what_is_still_needed_is_not_deleted_and_says_why(client: Client) -> None:
    running = started(status=Status.RUNNING, took=None)
    used = started()
    PredictionSession.objects.create(
        kind="prediction",
        status=Status.COMPLETED,
        mission="kepler",
        data_source="nasa",
        published_model=used,
    )
    for session, said in ((running, "only one that has ended"), (used, "Another session uses")):
        answer = client.post(f"/sessions/{session.pk}/delete")
        assert answer.status_code == 409
        assert said in words(answer)
        assert Session.objects.filter(pk=session.pk).exists()


def test_nobody_renames_or_deletes_what_is_not_theirs(client: Client) -> None:
    private = started(owner_key="user:7")
    own = started(owner_key="")
    for act in ("name", "delete"):
        assert client.post(f"/sessions/{private.pk}/{act}").status_code == 404
        assert client.post(f"/sessions/{own.pk}/{act}", {"name": "x"}).status_code == 403
    assert set(Session.objects.values_list("name", flat=True)) == {""}
