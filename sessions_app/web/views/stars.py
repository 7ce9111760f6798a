"""The page of the stars whose light curves a session searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from sessions_app.exceptions import RefusedError
from sessions_app.files.curves import curves_of
from sessions_app.lifecycle import Status
from sessions_app.web.requests import in_one_sentence, readable_session, result_objects_of
from sessions_app.web.tables.stars import listed_stars
from sessions_app.web.views.sessions import tabbed

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

_PAGE = 50


@require_safe
def stars(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """List the stars of a session with what was understood of each, and its signals."""
    session = readable_session(request, session_id)
    try:
        curves = curves_of(session) if session.status == Status.COMPLETED else None
    except RefusedError as refusal:
        return in_one_sentence(refusal)
    if curves is None:
        return redirect("session", session_id)
    records = list(curves.stars.without_lists())
    page = Paginator(records, _PAGE).get_page(request.GET.get("page"))
    refused = sum(bool(star.refusal) for star in records)
    page.object_list = listed_stars(page.object_list, result_objects_of(session))
    return render(
        request,
        "stars.html",
        tabbed(request, session) | {"page": page, "refused": refused, "kept": ""},
    )
