"""Errors as JSON: one sentence, never a page, a traceback or a library's own message."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, JsonResponse
from django.views import defaults
from rest_framework.exceptions import ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_framework_handler

from sessions_app.refusals import RefusedError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = [
    "bad_request",
    "error_response",
    "handle",
    "not_found",
    "permission_denied",
    "server_error",
]

_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The request could not be understood.",
    HTTPStatus.FORBIDDEN: "This is not allowed.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server met a fault; it is in the server's log.",
}


def error_response(sentence: str, status: HTTPStatus) -> JsonResponse:
    """Return the envelope of every error of the old contract."""
    return JsonResponse({"success": False, "error": sentence}, status=status)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Word the errors of the modern API: the sentence, and the field that it is about."""
    if isinstance(error, RefusedError):
        body = {"detail": error.sentence} | ({"field": error.field} if error.field else {})
        return Response(body, status=error.status)
    if isinstance(error, RequestDataTooBig):
        return Response(
            {"detail": "The request's fields are too large."},
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    if isinstance(error, ParseError):
        return Response(
            {"detail": "The request's body could not be read: it is no valid JSON or form."},
            status=error.status_code,
        )
    if isinstance(error, Http404):
        return Response({"detail": _SENTENCES[HTTPStatus.NOT_FOUND]}, status=HTTPStatus.NOT_FOUND)
    return rest_framework_handler(error, context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refuses before a view sees it."""
    return _answer(request, HTTPStatus.BAD_REQUEST) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what is not allowed."""
    return _answer(request, HTTPStatus.FORBIDDEN) or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that nothing has."""
    return _answer(request, HTTPStatus.NOT_FOUND) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after a defect, which is in the log."""
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR) or defaults.server_error(request)


def _answer(request: HttpRequest, status: HTTPStatus) -> JsonResponse | None:
    if request.path == "/api" or request.path.startswith("/api/"):
        return error_response(_SENTENCES[status], status)
    return None
