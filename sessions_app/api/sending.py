"""Files as answers: compressed where the reader takes that, with an ETag, and in ranges."""

from __future__ import annotations

import gzip
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from whitenoise.responders import StaticFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

__all__ = ["sent_file"]

_PIECE = 1 << 18
"""How much of a file is read at a time [bytes]."""


def sent_file(
    request: HttpRequest | Request,
    path: Path,
    *,
    content_type: str,
    headers: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    """Answer with a file whose name changes with its content.

    One that is compressed (``.gz``) is sent as it is to whoever takes that, and unpacked on the way
    to others, without ranges.
    """
    is_packed = path.suffix == ".gz"
    unpacked_on_the_way = is_packed and not _takes_gzip(request)
    etag = quote_etag(path.name.removesuffix(".gz") if unpacked_on_the_way else path.name)
    answer = get_conditional_response(request, etag=etag)
    if answer is None and unpacked_on_the_way:
        answer = StreamingHttpResponse(_unpacked(path), content_type=content_type)
    elif answer is None:
        answer = _as_it_is(request, path, etag)
        answer["Content-Type"] = content_type
        if is_packed:
            answer["Content-Encoding"] = "gzip"
    answer["ETag"] = etag
    if is_packed:
        patch_vary_headers(answer, ["Accept-Encoding"])
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def _as_it_is(request: HttpRequest | Request, path: Path, etag: str) -> HttpResponseBase:
    """Return a file, or the range of it that is asked for."""
    asked = dict(request.META)
    if asked.get("HTTP_IF_RANGE", etag) != etag:
        # What the reader has a part of is not this.
        asked.pop("HTTP_RANGE", None)
    # Of its headers alone: the file is opened when somebody reads the answer.
    found = StaticFile(str(path), [("Accept-Ranges", "bytes")]).get_response("HEAD", asked)
    headers = dict(found.headers)
    is_part = found.status == HTTPStatus.PARTIAL_CONTENT
    begin = int(headers["Content-Range"].removeprefix("bytes ").split("-")[0]) if is_part else 0
    length = int(headers.get("Content-Length", 0))
    answer = StreamingHttpResponse(_range_of(path, begin, length), status=found.status)
    for name, value in headers.items():
        answer[name] = value
    return answer


def _range_of(path: Path, begin: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(begin)
        while length and (piece := file.read(min(_PIECE, length))):
            length -= len(piece)
            yield piece


def _takes_gzip(request: HttpRequest | Request) -> bool:
    return "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")


def _unpacked(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        while piece := file.read(_PIECE):
            yield piece
