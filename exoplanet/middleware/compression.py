"""Answers compressed for whoever takes gzip, where that is worth it and nothing else did it."""

from __future__ import annotations

import gzip
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse

from sessions_app.api.urls import POLLS

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

__all__ = ["CompressionMiddleware"]

_WORTH = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/javascript",
    "application/vnd.oai.openapi",
    "application/vnd.vegalite",
    "application/xml",
    "application/x-votable+xml",
    "image/svg+xml",
)
"""How the types begin of what becomes much smaller."""
_FILES_KEPT = 256
"""Static files that are kept compressed in memory; they are those of the project's pages."""


class CompressionMiddleware(GZipMiddleware):
    """Compresses as Django's own middleware does, but for some answers.

    What is sent in parts keeps its bytes. Polls are small, and are answered before Django does.
    Static files lie where their packages have them, without compressed ones beside them: each is
    compressed once.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress an answer."""
        if not _is_worth_it(request, response):
            return response
        if isinstance(response, WhiteNoiseFileResponse):
            return _static(request, response)
        answer: HttpResponseBase = super().process_response(request, response)
        return answer


def _is_worth_it(request: HttpRequest, response: HttpResponseBase) -> bool:
    headers = response.headers
    return (
        response.status_code != HTTPStatus.PARTIAL_CONTENT
        and "Accept-Ranges" not in headers
        and headers.get("Content-Type", "").startswith(_WORTH)
        and not any(poll.address.fullmatch(request.path) for poll in POLLS)
    )


def _static(request: HttpRequest, response: WhiteNoiseFileResponse) -> HttpResponseBase:
    patch_vary_headers(response, ["Accept-Encoding"])
    file = response.file_to_stream
    takes = re_accepts_gzip.search(request.headers.get("Accept-Encoding", ""))
    if file is None or not takes or "Content-Encoding" in response.headers:
        return response
    path = Path(file.name)
    answer = HttpResponse(_packed(path, path.stat().st_mtime_ns), headers=dict(response.headers))
    file.close()
    answer["Content-Encoding"] = "gzip"
    answer["Content-Length"] = str(len(answer.content))
    if etag := answer.get("ETag"):
        answer["ETag"] = f"W/{etag}"
    return answer


@lru_cache(_FILES_KEPT)
def _packed(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
