"""The pages of a session: where it stands, and its result in parts."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from mlcore.metrics import METRICS
from sessions_app import selectors, services
from sessions_app.access import identity
from sessions_app.access.ownership import Act, Owner
from sessions_app.exceptions import GoneError, RefusedError
from sessions_app.files.curves import has_curves
from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import FilePurpose, Session, SessionKind
from sessions_app.plots.of_session import (
    quantities_that_move,
    session_plots,
    threshold_counts,
)
from sessions_app.selectors.timeline import timeline, timing_of
from sessions_app.web.context import step
from sessions_app.web.formatting import words
from sessions_app.web.report import report_of, report_plots, words_used
from sessions_app.web.requests import changeable_session, readable_session, refused, start
from sessions_app.web.tables.analyses import (
    answer_in_words,
    answer_tables,
    fitting_analyses,
)
from sessions_app.web.tables.meaning import headline_of, meaning_of, verdict_counts
from sessions_app.web.tables.reading import reading_tables
from sessions_app.web.tables.sessions import (
    figures_of,
    kind_row,
    session_facts,
    session_title,
    settings_of,
    testing_of,
)
from sessions_app.web.tables.stars import few_stars

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from sessions_app.web.requests import View

_OF_FILES = tuple(f"In the {words(purpose)}: " for purpose in FilePurpose)
"""How what is told of the reading of a file begins."""
_TABS = (
    ("session", "What it means"),
    ("objects", "Objects"),
    ("session_stars", "Stars"),
    ("session_figures", "Figures"),
    ("session_plots", "Plots"),
    ("session_testing", "How it was tested"),
    ("session_search", "The search"),
    ("session_settings", "Settings"),
    ("session_report", "Report"),
)


@require_safe
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show where a session stands and what came of it."""
    return render(request, "session.html", _shown(request, readable_session(request, session_id)))


@require_safe
def progress(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Return where a session stands, as the part of its page that says so."""
    return render(request, "progress.html", _standing(readable_session(request, session_id)))


def _tab(template: str, tell: Callable[[Session], dict[str, Any]]) -> View:
    """Return the view of a part of a completed session's result."""

    @require_safe
    def view(request: HttpRequest, session_id: UUID) -> HttpResponse:
        row = readable_session(request, session_id)
        if row.status != Status.COMPLETED or row.kind == SessionKind.ANALYSIS:
            return redirect("session", session_id)
        return render(request, template, tabbed(request, row) | tell(row))

    return view


def _plots(row: Session) -> dict[str, Any]:
    try:
        drawable = session_plots(row)
        names = {plot.name for plot in drawable}
        counts = threshold_counts(row) if "thresholds" in names else []
        quantities = quantities_that_move(row) if "dependence" in names else []
    except GoneError as refusal:
        return {"gone": refusal.sentence}
    return {
        "plots": [
            {
                "name": plot.name,
                "title": plot.title,
                "address": reverse(f"{row.kind}-session-plot", args=[row.pk, plot.name]),
                "numbers": reverse("session_plot", args=[row.pk, plot.name]),
            }
            for plot in drawable
        ],
        "counts": counts,
        "quantities": quantities,
    }


def _report(row: Session) -> dict[str, Any]:
    download = reverse(f"{row.kind}-session-report", args=[row.pk])
    try:
        told = report_of(row) | {"plots": report_plots(row)}
    except GoneError as refusal:
        return {"gone": refusal.sentence}
    body = render_to_string("report_body.html", told)
    return {"body": body, "glossary": words_used(body), "download": download}


plots = _tab("session_plots.html", _plots)
figures = _tab(
    "session_figures.html",
    lambda row: figures_of(row.report or {}) | {"metrics": METRICS.values()},
)
testing = _tab(
    "session_testing.html",
    lambda row: {"report": row.report or {}} | testing_of(row.report or {}),
)
report = _tab("session_report.html", _report)
settings = _tab(
    "session_settings.html",
    lambda row: {
        "facts": session_facts(row),
        "readings": list(reading_tables(row.reading)),
        "report": row.report or {},
        "settings": settings_of(row.report or {}),
        "moments": timeline(row),
    },
)


def _refused_on_its_page(view: View) -> View:
    """Return a view of a session that says on the session's page why something was refused."""

    @wraps(view)
    def answer(request: HttpRequest, session_id: UUID) -> HttpResponse:
        try:
            return view(request, session_id)
        except RefusedError as refusal:
            shown = _shown(request, readable_session(request, session_id))
            return refused(request, "session.html", shown, refusal)

    return answer


@require_POST
@_refused_on_its_page
def cancel(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Cancel a session."""
    services.cancel_session(changeable_session(request, session_id).pk, by=request.user.pk)
    return redirect("session", session_id)


@require_POST
@_refused_on_its_page
def retry(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Run a failed or cancelled session again."""
    row = changeable_session(request, session_id)
    # It counts for whoever started it, whoever asks.
    staff = identity.caller(request, request.user).staff
    services.retry_session(row.pk, owner=Owner.of(row, staff=staff), by=request.user.pk)
    return redirect("session", session_id)


@require_POST
@_refused_on_its_page
def analyse(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Start an analysis of a session, or of one of its objects."""
    readable_session(request, session_id)
    number = request.POST.get("object_number", "")
    return start(
        request,
        lambda owner: services.start_analysis(
            session_id,
            request.POST.get("analysis", ""),
            object_number=int(number) if number.isdecimal() and len(number) < 10 else None,
            wanted=request.POST.get("wanted") or None,
            owner=owner,
        ),
    )


def tabbed(request: HttpRequest, row: Session) -> dict[str, Any]:
    """Return what the pages of a result's parts share: its name and the way to the others."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "session": row,
        "title": session_title(row),
        "mark": row.mark,
        "tabs": [
            {"title": title, "address": reverse(name, args=[row.pk]), "here": name == here}
            for name, title in _TABS
            if _has_tab(row, name)
        ],
        "trail": [step("My sessions", "sessions")],
    }


def _has_tab(row: Session, name: str) -> bool:
    """Tell whether a result has a part that not all of them have."""
    if name == "session_search":
        return bool((row.report or {}).get("search"))
    if name == "session_stars":
        try:
            return row.status == Status.COMPLETED and has_curves(row)
        except RefusedError:
            return False
    return True


def _standing(row: Session) -> dict[str, Any]:
    standing = selectors.standing(row.pk)
    return {
        "session": row,
        "standing": standing,
        "timing": standing and timing_of(row, standing),
        "moments": timeline(row),
    }


def _shown(request: HttpRequest, row: Session) -> dict[str, Any]:
    ended = row.status in FINAL
    context = {
        **tabbed(request, row),
        **_standing(row),
        "ended": ended,
        "warnings": [told for told in row.warnings if not told.startswith(_OF_FILES)],
        "read_as": [told for told in row.warnings if told.startswith(_OF_FILES)],
        "facts": session_facts(row),
        "may_change": identity.caller(request, request.user).may(Act.CHANGE, row),
        "may_retry": row.status in {Status.FAILED, Status.CANCELLED},
        "progress_address": reverse(f"{row.kind}-session-progress", args=[row.pk])
        if row.kind != SessionKind.ANALYSIS
        else reverse("analysis-progress", args=[row.pk]),
    }
    if row.status != Status.COMPLETED:
        return context | {"tabs": [], "readings": list(reading_tables(row.reading))}
    if row.kind == SessionKind.ANALYSIS:
        answer = answer_in_words(kind_row(row))
        return context | {"tabs": [], "answer": answer, "tables": list(answer_tables(answer))}
    return context | _result(row)


def _result(row: Session) -> dict[str, Any]:
    report = row.report or {}
    try:
        said = {"verdicts": verdict_counts(row), "meaning": meaning_of(row)}
    except GoneError as refusal:
        said = {"gone": refusal.sentence}
    return {
        **said,
        "stars": few_stars(row),
        "result": True,
        "report": report,
        "headline": headline_of(report),
        "probes_plot": reverse(f"{row.kind}-session-plot", args=[row.pk, "probes"])
        if (report.get("probes") or {}).get("probes") and report.get("measurement")
        else "",
        "fitting": fitting_analyses(row, of_one_object=False),
        "evidence": selectors.evidence_of(row),
        "started": row.analyses.filter(object_number=None, in_background=False).order_by(
            "-created_at"
        )[:20],
    }
