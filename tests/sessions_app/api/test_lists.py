"""Lists come in pages and can be filtered."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.api.serializers import ObjectPredictionSerializer
from sessions_app.models import TrainingSession
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User
    from django.test import Client
    from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db

LIST = "/api/v1/training-sessions"


@pytest.fixture
def client(as_user: Callable[[User], APIClient], ada: User) -> APIClient:
    return as_user(ada)


@pytest.fixture
def many(ada: User) -> Any:
    """Write sixty sessions of a user, every sixth of which failed."""
    return [
        TrainingSession.objects.create(
            kind="training",
            status="completed" if number % 6 else "failed",
            mission="kepler",
            data_source="nasa",
            model_type="decision_tree",
            owner_key=f"user:{ada.pk}",
        )
        for number in range(60)
    ]


def test_fifty_stand_on_a_page_the_newest_first(client: Client, many: Any) -> None:
    newest = [str(session.pk) for session in reversed(many)]
    first = client.get(LIST).json()
    assert (first["count"], first["previous"]) == (60, None)
    assert [session["id"] for session in first["results"]] == newest[:50]
    second = client.get(first["next"]).json()
    assert (second["count"], second["next"]) == (60, None)
    assert [session["id"] for session in second["results"]] == newest[50:]


def test_a_caller_may_ask_for_smaller_pages(client: Client, many: Any) -> None:
    page = client.get(f"{LIST}?page_size=7&page=last").json()
    assert len(page["results"]) == 60 % 7


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("page", ["0", "-1", "3", "x", "1.5", "9" * 5000, "%00", ""])
def test_a_page_that_is_none_is_a_sentence(client: Client, many: Any, page: str) -> None:
    answer = client.get(f"{LIST}?page={page}")
    if page == "":
        assert answer.status_code in {200, 404}
        return
    assert answer.status_code == 404
    assert answer.json()["field"] == "page"
    assert answer.json()["detail"].startswith("There is no page '")


def test_a_list_can_be_of_one_status(client: Client, many: Any) -> None:
    page = client.get(f"{LIST}?status=failed").json()
    assert page["count"] == 10
    assert {session["status"] for session in page["results"]} == {"failed"}
    assert client.get(f"{LIST}?status=queued").json()["results"] == []


@pytest.mark.parametrize("status", ["lost", "%00", "failed'--", ""])
def test_a_status_that_is_none_is_refused_with_those_that_are(client: Client, status: str) -> None:
    answer = client.get(f"{LIST}?status={status}")
    assert answer.status_code == 400
    assert answer.json()["field"] == "status"
    assert answer.json()["allowed"] == ["queued", "running", "completed", "failed", "cancelled"]


# Predictions


@pytest.fixture
def result(make_session: Callable[..., TrainingSession]) -> Any:
    return with_predictions(make_session, 120)


def with_predictions(make_session: Callable[..., TrainingSession], count: int) -> Any:
    session = make_session("anonymous:x", model={"columns": ["koi_depth"]})
    keep_objects(
        session,
        [
            an_object(number, values=[None], contributions=[0.5], output=0.5)
            for number in range(1, count + 1)
        ],
    )
    return session


def test_a_results_predictions_come_in_pages(client: Client, result: Any) -> None:
    address, numbers = f"{LIST}/{result.pk}/predictions", []
    while address:
        page = client.get(address).json()
        assert page["count"] == 120
        numbers.append([prediction["number"] for prediction in page["results"]])
        address = page["next"]
    assert numbers == [[*range(1, 51)], [*range(51, 101)], [*range(101, 121)]]


def test_the_whole_result_has_them_all(client: Client, result: Any) -> None:
    body = json.loads(client.get(f"{LIST}/{result.pk}/result?include=predictions").getvalue())
    page = client.get(f"{LIST}/{result.pk}/predictions?page_size=500").json()
    assert body["predictions"] == page["results"]
    assert len(page["results"]) == 120


def test_a_result_is_told_without_its_predictions_unless_they_are_asked_for(
    client: Client, result: Any
) -> None:
    address = f"{LIST}/{result.pk}/result"
    brief = json.loads(client.get(address).getvalue())
    whole = json.loads(client.get(f"{address}?include=predictions").getvalue())
    assert "predictions" not in brief
    assert len(whole.pop("predictions")) == 120
    assert whole == brief
    answer = client.get(f"{address}?include=everything")
    assert (answer.status_code, answer.json()["allowed"]) == (400, ["predictions"])


def test_a_rate_of_planets_says_nothing_of_a_result_without_predictions(
    client: Client, result: Any
) -> None:
    result.model |= {"frequencies": {"false_positive": 0.5, "confirmed": 0.5}}
    result.task = "vetting"
    result.save()
    address = f"{LIST}/{result.pk}/result?planet_rate=0.1"
    answer = client.get(address)
    assert (answer.status_code, answer.json()["field"]) == (400, "planet_rate")
    assert answer.json()["detail"].endswith("which are given with include=predictions.")
    rows = json.loads(client.get(f"{address}&include=predictions").getvalue())["predictions"]
    assert rows[0]["at_planet_rate"]["rate"] == 0.1


def test_what_is_made_while_it_is_sent_is_compressed_on_the_way(
    client: Client, result: Any
) -> None:
    result.model |= {"frequencies": {"false_positive": 0.5, "confirmed": 0.5}}
    result.task = "vetting"
    result.save()
    address = f"{LIST}/{result.pk}/result?planet_rate=0.1&include=predictions"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert (packed["Content-Encoding"], packed.streaming) == ("gzip", True)
    assert gzip.decompress(packed.getvalue()) == client.get(address).getvalue()


def test_values_and_contributions_have_the_names_of_the_models_columns(
    client: Client, result: Any
) -> None:
    row = client.get(f"{LIST}/{result.pk}/objects/7").json()
    assert (row["values"], row["contributions"]) == ({"koi_depth": None}, {"koi_depth": 0.5})


def test_an_object_that_is_not_explained_yet_has_no_values_as_a_whole() -> None:
    row = an_object(1, values=None, contributions=None, base=None, output=None)
    told = ObjectPredictionSerializer(row, context={"columns": ["koi_depth"]}).data
    assert (told["values"], told["contributions"], told["explained"]) == (None, None, None)


def test_no_page_is_larger_than_five_hundred(
    client: Client, make_session: Callable[..., TrainingSession]
) -> None:
    session = with_predictions(make_session, 501)
    page = client.get(f"{LIST}/{session.pk}/predictions?page_size=999999").json()
    assert (page["count"], len(page["results"])) == (501, 500)


@pytest.mark.parametrize("route", ["result", "predictions"])
def test_a_result_that_is_not_there_yet_is_409(
    client: Client, make_session: Callable[..., TrainingSession], route: str
) -> None:
    session = make_session("anonymous:x", status="running")
    answer = client.get(f"{LIST}/{session.pk}/{route}")
    assert answer.status_code == 409
    assert answer.json()["detail"] == "The session has no result yet: it is running."


@pytest.mark.parametrize("of", ["", "/{id}"])
def test_no_report_is_loaded_where_none_is_told(client: Client, many: Any, of: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(LIST + of.format(id=many[0].pk)).status_code == 200
    of_sessions = [query["sql"] for query in asked if "sessions_app_session" in query["sql"]]
    assert of_sessions
    assert not [sql for sql in of_sessions if '"report"' in sql or '"metrics"' in sql]
    # One session or fifty: as many questions, of a list how many, which, and what they are.
    assert len(of_sessions) <= 3
