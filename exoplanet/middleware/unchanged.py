"""Whoever has an answer already is told so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.middleware.http import ConditionalGetMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

__all__ = ["UnchangedMiddleware"]


class UnchangedMiddleware(ConditionalGetMiddleware):
    """Gives answers an ETag and compares it, as Django does, and closes a file that is not sent."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the answer, or that it is known already."""
        answer: HttpResponseBase = super().process_response(request, response)
        file = getattr(response, "file_to_stream", None)
        if answer is not response and file is not None:
            file.close()
        return answer
