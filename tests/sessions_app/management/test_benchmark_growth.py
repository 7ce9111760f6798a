"""`manage.py benchmark growth`: what it fills, and that it runs; no figure is held to a time."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from sessions_app.benchmark.filling import Filling, fill, originals
from sessions_app.benchmark.footprint import Footprint, footprint_of
from sessions_app.benchmark.growth_rows import (
    GrowthRow,
    as_markdown,
    as_when_empty,
    within_the_bars,
)
from sessions_app.files.orphans import find_missing
from sessions_app.models import (
    EVIDENCE,
    AnalysisSession,
    Attempt,
    ProgressEntry,
    Session,
    UploadedFile,
)
from tests.sessions_app.services.ended_sessions import analysis_of, ended, prediction_with

if TYPE_CHECKING:
    from pathlib import Path

    from sessions_app.benchmark.filling import Originals


@pytest.fixture
def ran(media: Path) -> Originals:
    """Sessions of each kind to copy."""
    trained = ended()
    prediction_with(trained, 0)
    analysis_of(trained, 0, "completed")
    evidence = analysis_of(trained, 0, "completed")
    AnalysisSession.objects.filter(pk=evidence.pk).update(analysis=EVIDENCE, in_background=True)
    for session in Session.objects.all():
        ProgressEntry.objects.create(session=session, percent=50.0, step="Fitting")
        now = timezone.now()
        Attempt.objects.create(
            session=session, number=1, started_at=now, ended_at=now, ending="completed"
        )
    return originals()


def statuses() -> Counter[str]:
    """Count the sessions that were added."""
    counted = Session.objects.exclude(counted_as="").values_list("status").order_by()
    return Counter(dict(counted.annotate(Count("pk"))))


@pytest.mark.django_db
def test_sessions_of_all_kinds_and_states_are_added_with_what_belongs_to_them(
    ran: Originals,
) -> None:
    before = {model: model.objects.count() for model in (Session, ProgressEntry)}
    filled = fill(Filling(sessions=1000, waiting=20, running=3), ran)
    counts = statuses()
    assert filled.sessions == Session.objects.count() == before[Session] + counts.total()
    assert counts.total() > 900
    assert (counts["queued"], counts["running"]) == (20, 3)
    assert min(counts["failed"], counts["cancelled"]) > 10
    added = Session.objects.exclude(counted_as="")
    assert set(added.values_list("kind", "in_background").distinct()) == {
        ("training", False),
        ("prediction", False),
        ("analysis", False),
        ("analysis", True),
    }
    begun = added.exclude(status="queued")
    rows = ProgressEntry.objects.filter(session__in=begun).values("session").order_by()
    assert set(rows.annotate(rows=Count("pk")).values_list("rows", flat=True)) == {22}
    assert ProgressEntry.objects.count() == before[ProgressEntry] + 22 * begun.count()
    assert Attempt.objects.filter(ending="").count() == 3
    assert UploadedFile.objects.filter(session__in=added).count() > 100
    # What the rows name is there.
    assert find_missing() == []


@pytest.mark.django_db
def test_what_is_added_later_is_older_and_nothing_is_added_twice(ran: Originals) -> None:
    fill(Filling(sessions=40), ran)
    first = set(Session.objects.exclude(counted_as="").values_list("pk", flat=True))
    fill(Filling(sessions=100, first=41, newest=0.5), ran)
    added = Session.objects.exclude(counted_as="").exclude(pk__in=first)
    assert added.count() > 80
    assert (
        added.order_by("-created_at")[0].created_at
        < Session.objects.filter(pk__in=first).order_by("-created_at")[0].created_at
    )


@pytest.mark.django_db
def test_without_a_session_of_each_kind_there_is_nothing_to_copy(media: Path) -> None:
    ended()
    with pytest.raises(LookupError, match="A session of each kind must have completed"):
        originals()


@pytest.mark.django_db
def test_what_a_call_takes_is_measured_here_and_in_postgres() -> None:
    from django.db import connection

    def call() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(n) FROM generate_series(1, 200000) AS n")
        list(range(10**6))

    taken = footprint_of(call, times=2)
    assert taken.seconds > taken.postgres_seconds > 0
    assert taken.megabytes > 5


def test_a_line_holds_what_was_measured_beside_its_bar() -> None:
    little = Footprint(seconds=0.1, postgres_seconds=0.05, megabytes=60.0)
    rows = within_the_bars("GET /", little)
    assert [(row.what, row.holds) for row in rows] == [
        ("GET /: processor time", True),
        ("GET /: memory", False),
    ]
    (time, _) = as_when_empty("a pass", little, empty=little)
    assert time.holds
    assert 0.1 < time.bar < 0.2
    assert [GrowthRow.from_json(row.as_json()) for row in rows] == rows
    assert "| GET / | 0.100 s (≤ 0.300) | 60 MB (≤ 50) | **missed** |" in as_markdown(rows)


def test_it_has_no_parts() -> None:
    with pytest.raises(CommandError, match="growth has no parts that could be measured alone"):
        call_command("benchmark", "growth", only=["svm"])


@pytest.mark.long
@pytest.mark.slow
def test_a_quick_run_asks_for_every_page(served_archive: Path) -> None:
    out = io.StringIO()
    options: dict[str, Any] = {"quick": True, "json": True, "folder": served_archive}
    call_command("benchmark", "growth", stdout=out, stderr=io.StringIO(), **options)
    rows = json.loads(out.getvalue())
    for row in rows:
        assert list(row)[:4] == ["what", "value", "bar", "holds"]
        assert row["holds"] is (row["value"] <= row["bar"])
    asked = " ".join(row["what"] for row in rows)
    for model in admin.site._registry:
        assert f"/{model._meta.app_label}/{model._meta.model_name}/" in asked
    for what in ("a session is claimed", "a pass of the reaper", "/metrics", "deleting ten"):
        assert what in asked
