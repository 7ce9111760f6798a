"""What is answered where the store of files is needed and does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.api.errors import refusal_of
from sessions_app.exceptions import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class StoreAwayMiddleware:
    """Answers 503 with one sentence; what the API's views meet, they word themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass a request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Word what a page or the admin did not get."""
        if not isinstance(error, StoreError):
            return None
        return refusal_of(request, error.sentence, error.status, retry_after=error.retry_after)
