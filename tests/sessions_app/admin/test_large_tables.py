"""Lists of the admin that stay cheap: found by ids, counted up to a bound, without reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app.models import AnalysisSession, PredictionSession, ProgressEntry, TrainingSession
from sessions_app.selectors import pages
from sessions_app.selectors.pages import IdsFirstPaginator
from tests.sessions_app.services.ended_sessions import analysis_of, common, ended

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def changelist(model: type[Model]) -> str:
    return reverse(f"admin:sessions_app_{model._meta.model_name}_changelist")


def listed(client: Client, model: type[Model], **query: Any) -> list[Any]:
    answer = client.get(changelist(model), query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize("digits", [8, 13, 36])
def test_a_session_and_its_rows_are_found_by_how_its_id_begins(
    admin_client: Client, digits: int
) -> None:
    session, _ = ended(), ended()
    analysis_of(session, 1, "completed")
    word = str(session.pk)[:digits].upper()
    assert listed(admin_client, TrainingSession, q=word) == [session]
    assert [row.session_id for row in listed(admin_client, ProgressEntry, q=word)] == [session.pk]
    assert [row.of_id for row in listed(admin_client, AnalysisSession, q=word)] == [session.pk]


def test_a_word_that_is_no_id_is_not_looked_for_in_every_progress_row(
    admin_client: Client,
) -> None:
    ended()
    with CaptureQueriesContext(connection) as queries:
        assert listed(admin_client, ProgressEntry, q="completed") == []
    assert not any("LIKE" in query["sql"] for query in queries)


def test_more_rows_than_anybody_turns_pages_of_are_not_counted(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_MOST_COUNTED", 3)
    for _ in range(4):
        ended()
    answer = admin_client.get(changelist(TrainingSession))
    assert answer.context["cl"].result_count == 3
    assert "more than 3 training sessions" in answer.content.decode()
    monkeypatch.setattr(pages, "_MOST_COUNTED", 4)
    assert "more than" not in admin_client.get(changelist(TrainingSession)).content.decode()


@pytest.mark.parametrize(
    "model", [TrainingSession, PredictionSession, AnalysisSession, ProgressEntry]
)
def test_a_list_loads_no_report(admin_client: Client, model: type[Model]) -> None:
    session = ended()
    analysis_of(session, 1, "completed")
    with CaptureQueriesContext(connection) as queries:
        listed(admin_client, model)
    loading = [query["sql"] for query in queries if '"report"' in query["sql"]]
    assert loading == []


def test_an_order_that_is_not_offered_is_not_taken_from_the_address(
    admin_client: Client,
) -> None:
    for _ in range(3):
        ended()
    newest_first = listed(admin_client, ProgressEntry)
    assert [row.pk for row in newest_first] == sorted(
        (row.pk for row in newest_first), reverse=True
    )
    assert listed(admin_client, ProgressEntry, o="4") == newest_first


def test_a_page_is_found_by_ids_and_its_rows_keep_their_order() -> None:
    for days in range(5):
        TrainingSession.objects.create(**common(days, "failed"), kind="training", model_type="svm")
    rows = TrainingSession.objects.order_by("finished_at")
    with CaptureQueriesContext(connection) as queries:
        page = list(IdsFirstPaginator(rows.filter(status="failed"), 2).page(2))
    assert page == list(rows)[2:4]
    ids, whole = (query["sql"] for query in queries[-2:])
    assert "OFFSET 2" in ids
    assert '"mission"' not in ids
    assert "OFFSET" not in whole
