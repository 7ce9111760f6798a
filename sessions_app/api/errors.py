"""Errors as JSON: one sentence, never a page, a traceback or a library's own message.

The modern API answers with problem details (RFC 9457), the old contract with its envelope.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from django.http import HttpResponse as PlainHttpResponse
from django.http.multipartparser import MultiPartParserError
from django.views import defaults
from rest_framework import exceptions

from sessions_app.access.identity import BAD_TOKEN, SIGN_IN
from sessions_app.api.problems import problem_of
from sessions_app.exceptions import RefusedError
from sessions_app.log_context import request_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

__all__ = [
    "DATABASE_AWAY",
    "FIELDS_TOO_LARGE",
    "PROBLEM",
    "bad_request",
    "error_response",
    "handle",
    "not_found",
    "permission_denied",
    "problem_response",
    "refusal_of",
    "server_error",
]

_log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
DATABASE_AWAY = "The database does not answer; try again in a moment."
FIELDS_TOO_LARGE = "The request's fields are too large."
_UNREADABLE = "The request's body could not be read: it is no valid JSON or form."
_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The request could not be understood.",
    HTTPStatus.UNAUTHORIZED: SIGN_IN,
    HTTPStatus.FORBIDDEN: "This is not allowed.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.NOT_ACCEPTABLE: "The answer is JSON, which the request's Accept header excludes.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server met a fault; it is in the server's log.",
}

_PLAIN: tuple[tuple[Any, HTTPStatus, str], ...] = (
    (RequestDataTooBig, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, FIELDS_TOO_LARGE),
    (
        (SuspiciousOperation, MultiPartParserError, UnicodeError, exceptions.ParseError),
        HTTPStatus.BAD_REQUEST,
        _UNREADABLE,
    ),
    # Nothing else here is nested as deeply as a body can be.
    (RecursionError, HTTPStatus.BAD_REQUEST, "The request's body is nested too deeply."),
    (Http404, HTTPStatus.NOT_FOUND, _SENTENCES[HTTPStatus.NOT_FOUND]),
    (DjangoPermissionDenied, HTTPStatus.FORBIDDEN, _SENTENCES[HTTPStatus.FORBIDDEN]),
    (exceptions.AuthenticationFailed, HTTPStatus.UNAUTHORIZED, BAD_TOKEN),
)
"""Errors that have one sentence each; of two that fit the first."""


def error_response(sentence: str, status: HTTPStatus, *, retry_after: int = 0) -> HttpResponse:
    """Return the envelope of every error of the old contract."""
    body = {"success": False, "error": sentence}
    return _with_headers(JsonResponse(body, status=status), retry_after)


def problem_response(refusal: RefusedError) -> HttpResponse:
    """Return problem details, the form of every error of the modern API."""
    kind = problem_of(refusal.status)
    body: dict[str, Any] = {
        "type": kind.address,
        "title": kind.title,
        "status": refusal.status.value,
        "detail": refusal.sentence,
    }
    details = {"field": refusal.field, "allowed": refusal.allowed, "errors": refusal.errors}
    body |= {name: value for name, value in details.items() if value}
    body["request_id"] = request_id.get()
    response = JsonResponse(body, status=refusal.status, content_type=PROBLEM)
    return _with_headers(response, refusal.retry_after)


def _with_headers(response: HttpResponse, retry_after: int) -> HttpResponse:
    if retry_after:
        response["Retry-After"] = str(retry_after)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Token"
    return response


def refusal_of(
    request: HttpRequest, sentence: str, status: HTTPStatus, *, retry_after: int = 0
) -> HttpResponse:
    """Return the refusal of a request before a view has seen it, in the form of its address."""
    response = _in_form(request, sentence, status) or PlainHttpResponse(
        sentence, status=status, content_type="text/plain; charset=utf-8"
    )
    return _with_headers(response, retry_after)


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Word the errors of the modern API; None leaves a defect to Django, which logs it."""
    if isinstance(error, RefusedError):
        return problem_response(error)
    if isinstance(error, OperationalError | InterfaceError):
        _log.exception("the database does not answer")
        away = RefusedError(DATABASE_AWAY, status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after=1)
        return problem_response(away)
    for kinds, status, sentence in _PLAIN:
        if isinstance(error, kinds):
            return problem_response(RefusedError(sentence, status=status))
    if isinstance(error, exceptions.APIException):
        return _of_the_framework(error, context["request"], context["view"])
    return None


def _of_the_framework(error: exceptions.APIException, request: Any, view: Any) -> HttpResponse:
    status = HTTPStatus(error.status_code)
    sentence = _SENTENCES.get(status, _SENTENCES[HTTPStatus.BAD_REQUEST])
    facts: dict[str, Any] = {}
    match error:
        case exceptions.UnsupportedMediaType():
            sent = str(request.content_type or "").split(";")[0][:60]
            sentence = f"Content-Type was {sent!r}, but the body must be JSON or a form."
            types = [parser.media_type for parser in view.get_parsers()]
            facts = {"field": "Content-Type", "allowed": types}
        case exceptions.MethodNotAllowed():
            methods = [name for name in view.allowed_methods if name != "OPTIONS"]
            sentence = f"This address takes {', '.join(methods)} and not {request.method}."
            facts = {"allowed": methods}
        case exceptions.PermissionDenied() if "CSRF" in str(error.detail):
            sentence = "The X-CSRFToken header that belongs to the signed-in session is missing."
    return problem_response(RefusedError(sentence, status=status, **facts))


def _in_form(request: HttpRequest, sentence: str, status: HTTPStatus) -> HttpResponse | None:
    if f"{request.path}/".startswith("/api/v1/"):
        return problem_response(RefusedError(sentence, status=status))
    if f"{request.path}/".startswith("/api/"):
        return error_response(sentence, status)
    return None


def _answering(
    status: HTTPStatus, page: Callable[..., HttpResponse]
) -> Callable[..., HttpResponse]:
    """Return what answers where no view does: in the form of an interface, else with a page."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _in_form(request, _SENTENCES[status], status) or page(request, *args, **kwargs)

    return answer


bad_request = _answering(HTTPStatus.BAD_REQUEST, defaults.bad_request)
permission_denied = _answering(HTTPStatus.FORBIDDEN, defaults.permission_denied)
not_found = _answering(HTTPStatus.NOT_FOUND, defaults.page_not_found)
server_error = _answering(HTTPStatus.INTERNAL_SERVER_ERROR, defaults.server_error)
