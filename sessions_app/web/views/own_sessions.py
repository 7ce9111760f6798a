"""The pages of the sessions that somebody has: the list, a session's name, and deleting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from sessions_app import services
from sessions_app.access import identity
from sessions_app.access.ownership import Act
from sessions_app.exceptions import RefusedError
from sessions_app.models import Session
from sessions_app.selectors.pages import BoundedPaginator
from sessions_app.selectors.session_titles import session_title
from sessions_app.services.naming import LONGEST_NAME
from sessions_app.web.context import step
from sessions_app.web.requests import (
    asks_for_part,
    changeable_session,
    readable_session,
    refused,
)
from sessions_app.web.tables.own_sessions import OwnSessionsFilter, session_table

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

_PAGE = 50
_METHODS = ["GET", "HEAD", "POST"]


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List the sessions of whoever asks; to htmx the rows alone."""
    # What deepens a first answer is told on its own page.
    waited_for = Session.objects.filter(in_background=False)
    own = identity.caller(request, request.user).own(waited_for)
    filter_ = OwnSessionsFilter(request.GET, own)
    understood = filter_.is_valid()
    rows = filter_.listed() if understood else own.none()
    page = BoundedPaginator(rows, _PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    shown = {
        "filter": filter_,
        "listed": understood,
        "page": page,
        "table": session_table(list(page), sort=filter_.order),
        "kept": kept.urlencode(),
        "trail": [],
    }
    template = "sessions_rows.html" if asks_for_part(request) else "sessions.html"
    response = render(request, template, shown, status=200 if understood else 400)
    # One address has two answers.
    response["Vary"] = "HX-Request-Type"
    return response


@require_http_methods(_METHODS)
def name(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show the form that renames a session, and rename it; to htmx within the list."""
    in_part = asks_for_part(request)
    template = "session_name_form.html" if in_part else "session_name_page.html"
    session = readable_session(request, session_id)
    context = {
        "session": session,
        "name": request.POST.get("name", session.name),
        "longest": LONGEST_NAME,
        "in_part": in_part,
        "trail": _trail(session),
    }
    if request.method != "POST":
        return render(request, template, context)
    try:
        changeable_session(request, session_id)
        session.name = services.rename_session(session_id, request.POST.get("name", ""))
    except RefusedError as refusal:
        return refused(request, template, context, refusal)
    if in_part:
        return render(request, "session_name.html", {"session": session})
    return redirect("session", session_id)


@require_http_methods(_METHODS)
def delete(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Ask whether a session is to go, and delete it."""
    session = readable_session(request, session_id)
    context = {
        "session": session,
        "files": [file.name for file in session.files.all()],
        "analyses": session.analyses.filter(in_background=False).count(),
        "trail": _trail(session),
    }
    if request.method != "POST":
        return render(request, "session_delete.html", context)
    try:
        services.delete_session(
            changeable_session(request, session_id, Act.DELETE), by=request.user.pk
        )
    except RefusedError as refusal:
        return refused(request, "session_delete.html", context, refusal)
    return redirect("sessions")


def _trail(session: Session) -> list[object]:
    return [
        step("My sessions", "sessions"),
        step(session_title(session), "session", session.pk),
    ]
