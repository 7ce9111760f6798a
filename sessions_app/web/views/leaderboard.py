"""The page of an automatic search: each trial with what it was, its time and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from sessions_app.exceptions import RefusedError
from sessions_app.lifecycle import Status
from sessions_app.web.requests import asks_for_part, readable_session, refused
from sessions_app.web.tables.leaderboard import trials_table
from sessions_app.web.views.sessions import tabbed

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

_PLOT = "search"


@require_safe
def search(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show what a session's search tried, in the order asked for; to htmx the trials alone."""
    session = readable_session(request, session_id)
    if session.status != Status.COMPLETED:
        return redirect("session", session_id)
    found = (session.report or {}).get("search")
    if not found:
        raise Http404
    shown = tabbed(request, session) | {
        "search": found,
        "tried": len(found["trials"]),
        "finished": sum(trial["rank"] is not None for trial in found["trials"]),
        "in_ensemble": sum(trial["weight"] > 0 for trial in found["trials"]),
        "ensemble": found["ensemble"],
        "plot": {
            "address": reverse(f"{session.kind}-session-plot", args=[session.pk, _PLOT]),
            "numbers": reverse("session_plot", args=[session.pk, _PLOT]),
        },
    }
    template = "session_trials.html" if asks_for_part(request) else "session_search.html"
    try:
        shown["table"] = trials_table(found["trials"], sort=request.GET.get("sort", ""))
    except RefusedError as refusal:
        return refused(request, template, shown, refusal)
    response = render(request, template, shown)
    # One address has two answers.
    response["Vary"] = "HX-Request-Type"
    return response
