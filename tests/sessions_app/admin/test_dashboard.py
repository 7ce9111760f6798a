"""The admin's first page: how the place runs, to a bound."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sessions_app.models import AnalysisSession, ProgressEntry, Session, TrainingSession
from sessions_app.selectors import operations
from sessions_app.selectors.operations import dashboard
from tests.sessions_app.reviewers import reviewer
from tests.sessions_app.services.ended_sessions import common, ended

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def failed(sentence: str) -> TrainingSession:
    return TrainingSession.objects.create(
        **common(0, "failed"), kind="training", model_type="svm", error=sentence
    )


def reports(session: Session, *steps: tuple[str, float]) -> None:
    for step, seconds in steps:
        entry = ProgressEntry.objects.create(session=session, percent=1.0, step=step)
        at = timezone.now() - timedelta(seconds=100 - seconds)
        ProgressEntry.objects.filter(pk=entry.pk).update(at=at)


def test_sessions_are_counted_by_kind_state_and_day() -> None:
    ended()
    old = ended()
    Session.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    failed("No.")
    AnalysisSession.objects.create(
        kind="analysis", mission="kepler", data_source="nasa", of=old, analysis="evidence",
        in_background=True,
    )  # fmt: skip
    board = dashboard()
    assert {kind: sum(counts.values()) for kind, counts in board.counts.items()} == {
        "training": 3,
        "prediction": 0,
        "analysis": 0,
    }
    assert (board.counts["training"]["failed"], board.gathered["queued"]) == (1, 1)
    assert len(board.days) == 14
    assert [day.total for day in board.days] == [2, *[0] * 13]
    assert board.days[0].date == timezone.localdate()


def test_failures_for_one_reason_are_one_row_that_finds_them_all(admin_client: Client) -> None:
    for rows in (3, 14, 1_500):
        failed(f"The table has {rows:,} rows and too few stars in column 'a{rows}'.")
    failed("Out of memory.")
    board = dashboard()
    assert board.failures == 4
    assert [(one.count, one.begins) for one in board.reasons] == [
        (3, "The table has "),
        (1, "Out of memory."),
    ]
    page = admin_client.get(reverse("admin:index")).content.decode()
    link = (
        f"{reverse('admin:sessions_app_trainingsession_changelist')}"
        "?status__exact=failed&amp;error__startswith=The+table+has+"
    )
    assert link in page
    found = admin_client.get(link.replace("&amp;", "&"))
    assert found.context["cl"].result_count == 3


def test_the_slowest_stages_come_first_and_what_follows_ends_one() -> None:
    first, second = ended(), ended()
    ProgressEntry.objects.all().delete()
    reports(
        first, ("Waiting for a worker again", 0), ("Reading", 10), ("Fitting: 1 of 2", 11),
        ("Fitting: 2 of 2", 20), ("Saving", 41), ("Completed. It is good.", 42),
    )  # fmt: skip
    reports(second, ("Reading", 0), ("Fitting", 3), ("Saving", 13))
    stages = {one.name: (one.count, round(one.median), round(one.longest)) for one in
              dashboard().stages}  # fmt: skip
    assert stages == {"Fitting": (2, 20, 30), "Reading": (2, 2, 3), "Saving": (1, 1, 1)}
    assert list(stages) == ["Fitting", "Reading", "Saving"]


def test_a_stage_leads_to_its_reports(admin_client: Client) -> None:
    reports(ended(), ("Reading", 0), ("Fitting", 3), ("Fitting: 2 of 2", 5), ("Saving", 9))
    page = admin_client.get(reverse("admin:index")).content.decode()
    link = re.search(r'href="([^"]+step__startswith=Fitting[^"]+)"', page)
    assert link is not None
    found = admin_client.get(html.unescape(link[1])).context["cl"]
    assert sorted(row.step for row in found.result_list) == ["Fitting", "Fitting: 2 of 2"]


def test_only_the_newest_rows_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        failed("No.")
        reports(ended(), ("Reading", 0), ("Fitting", 3))
    monkeypatch.setattr(operations, "_NEWEST_FAILURES", 2)
    monkeypatch.setattr(operations, "_NEWEST_REPORTS", 2)
    board = dashboard()
    assert (board.failures, [one.count for one in board.stages]) == (2, [1])


def test_the_page_takes_as_many_queries_however_much_there_is(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(reverse("admin:index")).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for number in range(5):
        failed(f"Reason {'x' * number}.")
        reports(ended(), ("Reading", 0), (f"Fitting {number}", 3))
    assert queries() == few


def test_it_says_what_is_wrong_and_where_to_look(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:index")).content.decode()
    assert "No worker is running, so that sessions only wait." in page
    assert "No host is present." in page
    assert "Disk of the media folder" in page
    for name in ("trainingsession", "objectreview", "datasetsnapshot"):
        assert reverse(f"admin:sessions_app_{name}_changelist") in page
    assert reverse("admin:admin_logentry_changelist") in page


def test_a_reviewer_sees_it_without_the_record_of_deeds(client: Client) -> None:
    client.force_login(reviewer())
    page = client.get(reverse("admin:index")).content.decode()
    assert "Sessions by state" in page
    assert "Who did what" not in page
    assert reverse("admin:auth_user_changelist") not in page
