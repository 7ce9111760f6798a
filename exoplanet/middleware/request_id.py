"""A name for each request, in its answer and in every line that is logged about it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sessions_app.log_context import request_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

REQUEST_ID = "X-Request-ID"
"""The header that names a request."""

# Nothing that could end a line of the log or stand for something else in it.
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def name_of(sent: str) -> str:
    """Return the caller's name for a request, if sane, or one of its own."""
    return sent if _SANE.fullmatch(sent) else os.urandom(16).hex()


def name_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a middleware that takes the caller's name for a request, if sane, or makes one."""

    def answer(request: HttpRequest) -> HttpResponse:
        name = name_of(request.META.get("HTTP_X_REQUEST_ID", ""))
        # Not reset at the end: Django logs the answer when this has returned, and the next request
        # of the thread has a name of its own.
        request_id.set(name)
        response = get_response(request)
        response.headers[REQUEST_ID] = name
        return response

    return answer
