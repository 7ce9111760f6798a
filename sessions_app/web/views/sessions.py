"""The pages of sessions: the caller's own ones, and each with where it stands and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sessions_app import selectors, services
from sessions_app.access import identity
from sessions_app.access.ownership import Act, Owner
from sessions_app.exceptions import RefusedError
from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import Session, SessionKind
from sessions_app.web import charts
from sessions_app.web.requests import changeable_session, readable_session, refused, start
from sessions_app.web.tables.analyses import answer_tables, fitting_analyses
from sessions_app.web.tables.sessions import kind_row, result_of, session_facts, session_title

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

__all__ = ["analyse", "cancel", "chart", "retry", "session", "sessions"]

_PAGE = 50


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List the sessions of whoever asks."""
    own = identity.caller(request, request.user).own(Session.objects.all())
    found = (
        selectors.with_newest_progress(own)
        .select_related("trainingsession", "predictionsession", "analysissession")
        .defer("report", "model", "traceback", "trainingsession__card", "analysissession__answer")
    )
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    listed = [{"session": each, "title": session_title(each)} for each in page]
    return render(request, "sessions.html", {"page": page, "listed": listed})


@require_safe
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show where a session stands and what came of it."""
    return render(request, "session.html", _shown(request, readable_session(request, session_id)))


@require_POST
def cancel(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Cancel a session."""
    try:
        services.cancel_session(changeable_session(request, session_id).pk)
    except RefusedError as refusal:
        return _refused(request, session_id, refusal)
    return redirect("session", session_id)


@require_POST
def retry(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Run a failed or cancelled session again."""
    try:
        asked = changeable_session(request, session_id)
        # It counts for whoever started it, whoever asks.
        staff = identity.caller(request, request.user).staff
        services.retry_session(asked.pk, owner=Owner.of(asked, staff=staff))
    except RefusedError as refusal:
        return _refused(request, session_id, refusal)
    return redirect("session", session_id)


@require_POST
def analyse(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Start an analysis of a session, or of one of its objects."""
    readable_session(request, session_id)
    number = request.POST.get("object_number", "")
    try:
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
    except RefusedError as refusal:
        return _refused(request, session_id, refusal)


@require_safe
def chart(request: HttpRequest, session_id: UUID, name: str) -> HttpResponse:
    """Draw one of a result's curves."""
    readable_session(request, session_id)
    curves = Session.objects.filter(pk=session_id).values_list("report__curves", flat=True).get()
    found = {each.value: each for each in charts.drawable(curves)}
    if name not in found:
        raise Http404
    response = HttpResponse(charts.draw(found[name], curves), content_type="image/svg+xml")
    response["Content-Security-Policy"] = charts.CONTENT_POLICY
    # A result never changes, but its address may be the caller's alone.
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _refused(request: HttpRequest, session_id: UUID, refusal: RefusedError) -> HttpResponse:
    return refused(
        request, "session.html", _shown(request, readable_session(request, session_id)), refusal
    )


def _shown(request: HttpRequest, found: Session) -> dict[str, Any]:
    standing = selectors.standing(found.pk)
    context: dict[str, Any] = {
        "session": found,
        "title": session_title(found),
        "facts": session_facts(found),
        "standing": standing,
        "ended": found.status in FINAL,
        "may_change": identity.caller(request, request.user).may(Act.CHANGE, found),
        "may_retry": found.status in {Status.FAILED, Status.CANCELLED},
        "progress_address": reverse(f"{found.kind}-session-progress", args=[found.pk])
        if found.kind != SessionKind.ANALYSIS
        else reverse("analysis-progress", args=[found.pk]),
    }
    if found.status != Status.COMPLETED:
        return context
    if found.kind == SessionKind.ANALYSIS:
        answer = kind_row(found).answer or {}
        return context | {"answer": answer, "tables": list(answer_tables(answer))}
    return context | {
        "result": result_of(found),
        "fitting": fitting_analyses(found, of_one_object=False),
        "started": found.analyses.filter(object_number=None).order_by("-created_at")[:20],
    }
