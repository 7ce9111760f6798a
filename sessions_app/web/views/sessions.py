"""The pages of sessions: the caller's own ones, and each with where it stands and its result."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from mlcore.metrics import METRICS
from sessions_app import selectors, services
from sessions_app.access import identity
from sessions_app.access.ownership import Act, Owner
from sessions_app.exceptions import RefusedError
from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import Session, SessionKind
from sessions_app.selectors.pages import IdsFirstPaginator
from sessions_app.web import charts
from sessions_app.web.requests import changeable_session, readable_session, refused, start
from sessions_app.web.tables.analyses import (
    answer_in_words,
    answer_tables,
    fitting_analyses,
)
from sessions_app.web.tables.reading import reading_tables
from sessions_app.web.tables.sessions import kind_row, result_of, session_facts, session_title

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from sessions_app.web.requests import View

_PAGE = 50


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List the sessions of whoever asks."""
    # What deepens a first answer is told on its own page.
    waited_for = Session.objects.filter(in_background=False)
    own = identity.caller(request, request.user).own(waited_for)
    rows = (
        selectors.with_newest_progress(own)
        .select_related("trainingsession", "predictionsession", "analysissession")
        .defer(
            "report",
            "model",
            "reading",
            "traceback",
            "trainingsession__card",
            "analysissession__answer",
        )
    )
    page = IdsFirstPaginator(rows, _PAGE).get_page(request.GET.get("page"))
    listed = [{"session": row, "title": session_title(row)} for row in page]
    return render(request, "sessions.html", {"page": page, "listed": listed})


@require_safe
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show where a session stands and what came of it."""
    return render(request, "session.html", _shown(request, readable_session(request, session_id)))


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
    services.cancel_session(changeable_session(request, session_id).pk)
    return redirect("session", session_id)


@require_POST
@_refused_on_its_page
def retry(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Run a failed or cancelled session again."""
    row = changeable_session(request, session_id)
    # It counts for whoever started it, whoever asks.
    staff = identity.caller(request, request.user).staff
    services.retry_session(row.pk, owner=Owner.of(row, staff=staff))
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


@require_safe
def chart(request: HttpRequest, session_id: UUID, name: str) -> HttpResponse:
    """Draw one of a result's curves."""
    readable_session(request, session_id)
    curves = Session.objects.filter(pk=session_id).values_list("report__curves", flat=True).get()
    drawable = {picture.name: picture for picture in charts.drawable(curves)}
    if name not in drawable:
        raise Http404
    response = HttpResponse(charts.draw(drawable[name], curves), content_type="image/svg+xml")
    response["Content-Security-Policy"] = charts.CONTENT_POLICY
    # A result never changes, but its address may be the caller's alone.
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _shown(request: HttpRequest, row: Session) -> dict[str, Any]:
    standing = selectors.standing(row.pk)
    context: dict[str, Any] = {
        "session": row,
        "title": session_title(row),
        "facts": session_facts(row),
        "readings": list(reading_tables(row.reading)),
        "standing": standing,
        "ended": row.status in FINAL,
        "may_change": identity.caller(request, request.user).may(Act.CHANGE, row),
        "may_retry": row.status in {Status.FAILED, Status.CANCELLED},
        "progress_address": reverse(f"{row.kind}-session-progress", args=[row.pk])
        if row.kind != SessionKind.ANALYSIS
        else reverse("analysis-progress", args=[row.pk]),
    }
    if row.status != Status.COMPLETED:
        return context
    if row.kind == SessionKind.ANALYSIS:
        answer = answer_in_words(kind_row(row))
        return context | {"answer": answer, "tables": list(answer_tables(answer))}
    report = row.report or {}
    return context | {
        "report": report,
        "metrics": METRICS.values(),
        "result": result_of(report),
        "fitting": fitting_analyses(row, of_one_object=False),
        "evidence": selectors.evidence_of(row),
        "started": row.analyses.filter(object_number=None, in_background=False).order_by(
            "-created_at"
        )[:20],
    }
