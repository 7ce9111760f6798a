"""Who asks for a page, what they may see, and how a page refuses.

What a page starts, it starts as the API does: for the same owners, at the same rates.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from sessions_app.access import identity
from sessions_app.access.ownership import Act
from sessions_app.access.rate_limits import READING, STARTING, refuse_one_too_many
from sessions_app.exceptions import GoneError, RefusedError
from sessions_app.files.results import objects_of
from sessions_app.files.upload_handler import limit_uploads
from sessions_app.lifecycle import Status
from sessions_app.models import Session, SessionKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest

    from sessions_app.access.ownership import Owner
    from sessions_app.files.results import ObjectList

    View = Callable[..., HttpResponse]


def readable_session(request: HttpRequest, session_id: UUID) -> Session:
    """Return the session of an address, if whoever asks may see it; else there is none."""
    session = Session.objects.filter(pk=session_id).select_related("snapshot").first()
    if session is None or not identity.caller(request, request.user).may_read(session.owner_key):
        raise Http404
    return session


def result_objects_of(session: Session) -> ObjectList:
    """Return the objects of a session's result; there are none where it has no result."""
    if session.status != Status.COMPLETED or session.kind == SessionKind.ANALYSIS:
        raise Http404
    try:
        return objects_of(session)
    except GoneError as refusal:
        raise Http404(refusal.sentence) from None


def changeable_session(request: HttpRequest, session_id: UUID, act: Act = Act.CHANGE) -> Session:
    """Return the session of an address, to change or to delete it; else refuse."""
    session = readable_session(request, session_id)
    require_room_to_start(request)
    identity.refuse_unless_allowed(identity.caller(request, request.user), act, session)
    return session


def asks_for_part(request: HttpRequest) -> bool:
    """Tell whether htmx asks, and for what it puts into a page instead of for a whole one."""
    return request.headers.get("HX-Request-Type") == "partial"


def slowed_down(view: View) -> View:
    """Return a page that refuses to be read more often than may be; posting has its own rate."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            try:
                refuse_one_too_many(READING, request, request.user)
            except RefusedError as refusal:
                return in_one_sentence(refusal)
        return view(request, *args, **kwargs)

    return counted


def in_one_sentence(refusal: RefusedError) -> HttpResponse:
    """Return a refusal as plain text."""
    return HttpResponse(
        refusal.sentence,
        status=refusal.status,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(refusal.retry_after)},
    )


def require_room_to_start(request: HttpRequest) -> None:
    """Refuse a request that changes something when it is one too many, or needs an account."""
    refuse_one_too_many(STARTING, request, request.user)
    identity.refuse_strangers(request.user)


def start(request: HttpRequest, begin: Callable[[Owner], Session]) -> HttpResponse:
    """Start a session for whoever asks, and lead to its page."""
    require_room_to_start(request)
    owner, visitor = identity.starter(request, request.user)
    response = redirect("session", begin(owner).pk)
    if visitor:
        identity.remember(response, visitor)
    return response


def receives_files(view: View) -> View:
    """Cap what a form may bring before anything reads it, the check against forgery included.

    The view is called with a `refusal` beside the request: None, or why nothing was read.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def capped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            limit_uploads(request)
            return checked(request, *args, refusal=None, **kwargs)
        except RefusedError as refusal:
            return view(request, *args, refusal=refusal, **kwargs)

    return capped


def refused(
    request: HttpRequest, template: str, context: dict[str, Any], refusal: RefusedError
) -> HttpResponse:
    """Return a page that says why something was refused."""
    response = render(
        request, template, context | {"refusal": refusal.sentence}, status=refusal.status
    )
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response
