"""A result told whole: a page to print, and one file without any address in it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from sessions_app.files import storage
from sessions_app.plots.drawing import drawn
from sessions_app.services import rename_session
from sessions_app.web import report
from sessions_app.web.formatting import figure, figure_of
from sessions_app.web.report import REPORT_POLICY
from tests.sessions_app.web.pages import page, plain, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db

MARK = "Uses label-derived columns: koi_score"


@pytest.fixture
def ended(completed: Callable[..., TrainingSession]) -> Callable[..., TrainingSession]:
    """Return a function that completes a session that has a time and a name."""

    def make(kind: str = "vetting", name: str = "<my> report") -> TrainingSession:
        session = completed(kind, finished_at=None)
        session.finished_at, session.name = timezone.now(), name
        session.save()
        return session

    return make


def saved(client: Client, session: TrainingSession) -> Any:
    return client.get(f"/api/v1/training-sessions/{session.pk}/report")


def body_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_the_file_has_no_address_and_needs_nothing_else(
    client: Client, ended: Callable[..., TrainingSession]
) -> None:
    answer = saved(client, ended())
    text = body_of(answer)
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Security-Policy"] == REPORT_POLICY
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    for sign in ("http", "//", "href", "src=", "url(", "@import", "<script", "xmlns"):
        assert sign not in text.replace("text/html", "")
    assert "<title>&lt;my&gt; report</title>" in text
    assert text.count("<style>") == 1
    assert "--ink: #16202c" in text


def test_it_tells_what_the_result_means_its_figures_its_plots_and_where_it_comes_from(
    client: Client, ended: Callable[..., TrainingSession]
) -> None:
    session = ended()
    text = body_of(saved(client, session))
    seen = plain(html.unescape(re.sub(r"<[^>]+>", " ", text)))
    told = session.report or {}
    for name in ("roc_auc", "log_loss", "brier"):
        assert plain(figure(figure_of(told["measurement"], name))) in seen
    for probe in told["probes"]["probes"]:
        assert probe["title"] in seen
    drawings = text.count("<svg version")
    assert drawings == text.count("<figure")
    assert drawings >= 5
    for title in ("ROC curve", "Reliability", "What the model rests on"):
        assert title in text
    for fact in (str(session.pk), "Seed 0", "max depth 4", *(session.model or {})["versions"]):
        assert fact in seen or fact.capitalize() in seen
    assert "Whom to follow up first" in seen
    # Only words that it uses are explained.
    assert "False positive An object that is no planet" in seen
    assert "Threshold-crossing event" not in seen


def test_a_mark_stands_above_everything(
    client: Client, ended: Callable[..., TrainingSession]
) -> None:
    text = body_of(saved(client, ended("marked")))
    assert text.index(MARK) < text.index("What it means")
    assert MARK not in body_of(saved(client, ended()))


def test_it_is_drawn_once_and_anew_when_its_name_changes(
    client: Client, ended: Callable[..., TrainingSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, times = ended(), []
    monkeypatch.setattr(
        report, "drawn", lambda *given, **how: times.append(1) or drawn(*given, **how)
    )
    first = saved(client, session)
    body_of(first)
    plots = len(times)
    assert plots >= 5
    again = client.get(
        f"/api/v1/training-sessions/{session.pk}/report", headers={"If-None-Match": first["ETag"]}
    )
    assert again.status_code == 304
    body_of(saved(client, session))
    assert len(times) == plots
    rename_session(session.pk, "another name")
    assert "<title>another name</title>" in body_of(saved(client, session))


def test_the_page_to_print_says_the_same_and_leads_to_the_file(
    client: Client, ended: Callable[..., TrainingSession]
) -> None:
    session = ended()
    answer = client.get(f"/sessions/{session.pk}/report")
    shown = answer.content.decode()
    assert f'href="/api/v1/training-sessions/{session.pk}/report"' in shown
    assert f'src="/api/v1/training-sessions/{session.pk}/plots/roc?as=svg"' in shown
    # The site's own policy holds here.
    assert not re.search(r"<style|style=|<svg version", shown)
    for part in ("What it means", "How it was tested", "Where it comes from", "Words and what"):
        assert part in words(answer)


def test_without_a_result_there_is_no_report(
    client: Client, ended: Callable[..., TrainingSession]
) -> None:
    session = ended()
    storage.remove(storage.results_folder(session.pk))
    assert saved(client, session).status_code == 410
    assert "no longer on this server" in page(client, f"/sessions/{session.pk}/report")
    session.status = "failed"
    session.save()
    assert saved(client, session).status_code == 409
    assert client.get(f"/sessions/{session.pk}/report")["Location"] == f"/sessions/{session.pk}"
