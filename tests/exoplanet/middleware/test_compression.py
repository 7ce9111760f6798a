"""Answers are compressed once, for whoever takes that, and not where bytes have to stay."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from exoplanet.middleware.compression import CompressionMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = b'{"name": "K00755.01", "label": "confirmed"} ' * 200
STYLES = "/static/sessions_app/pages.css"


def answered(
    response: Any, *, path: str = "/api/v1/models", takes: str = "gzip, br", **headers: str
) -> Any:
    """Return what the middleware makes of a response."""
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    request = RequestFactory().get(path, headers={"Accept-Encoding": takes})
    return CompressionMiddleware(lambda _: response)(request)


def whole(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize(
    "kind",
    [
        *("application/json", "application/problem+json", "text/html; charset=utf-8", "text/csv"),
        *("image/svg+xml", "application/vnd.oai.openapi; charset=utf-8", "text/javascript"),
    ],
)
@pytest.mark.parametrize(
    "make", [HttpResponse, lambda text, **of: StreamingHttpResponse([text], **of)]
)
def test_what_becomes_smaller_is_compressed(make: Callable[..., Any], kind: str) -> None:
    answer = answered(make(TEXT, content_type=kind), ETag='"a"')
    content = whole(answer)
    assert gzip.decompress(content) == TEXT
    assert len(content) < len(TEXT) / 10
    assert (answer["Content-Encoding"], answer["Vary"]) == ("gzip", "Accept-Encoding")
    # Other bytes than those of the strong one.
    assert answer["ETag"] == 'W/"a"'


def test_who_does_not_take_it_gets_it_as_it_is_and_caches_are_told() -> None:
    answer = answered(HttpResponse(TEXT, content_type="application/json"), takes="identity")
    assert (answer.content, answer["Vary"]) == (TEXT, "Accept-Encoding")
    assert "Content-Encoding" not in answer


@pytest.mark.parametrize(
    ("response", "headers"),
    [
        (HttpResponse(TEXT, content_type="application/json"), {"Content_Encoding": "br"}),
        (HttpResponse(TEXT, content_type="application/json"), {"Accept_Ranges": "bytes"}),
        (
            StreamingHttpResponse([TEXT], content_type="application/json", status=206),
            {"Content_Range": "bytes 0-9/10"},
        ),
        (HttpResponse(TEXT, content_type="application/vnd.apache.parquet"), {}),
        (HttpResponse(TEXT, content_type="application/zip"), {}),
        (HttpResponse(b"{}", content_type="application/json"), {}),
    ],
    ids=["compressed already", "in parts", "a part", "parquet", "zip", "short"],
)
def test_what_must_keep_its_bytes_keeps_them(response: Any, headers: dict[str, str]) -> None:
    before = dict(response.headers) | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    answer = answered(response, **headers)
    assert whole(answer) in {TEXT, b"{}"}
    assert dict(answer.headers) == before


def test_a_poll_is_not_compressed_however_long_its_step_is() -> None:
    path = "/api/custom/progress/37dcc9c4-134e-5456-8ebc-f317ad304418"
    answer = answered(HttpResponse(TEXT, content_type="application/json"), path=path)
    assert (answer.content, "Vary" in answer) == (TEXT, False)


# In the chain of all


def test_a_static_file_is_compressed_once_and_its_etag_is_known_again(client: Client) -> None:
    plain = client.get(STYLES)
    packed = client.get(STYLES, headers={"Accept-Encoding": "gzip"})
    content = packed.content
    assert gzip.decompress(content) == plain.getvalue()
    assert int(packed["Content-Length"]) == len(content) < int(plain["Content-Length"])
    for name in ("Content-Type", "Last-Modified", "Cache-Control"):
        assert packed[name] == plain[name]
    # The same bytes again: it was kept.
    assert client.get(STYLES, headers={"Accept-Encoding": "gzip"}).content == content
    for answer in (packed, plain):
        known = {"Accept-Encoding": "gzip", "If-None-Match": answer["ETag"]}
        assert client.get(STYLES, headers=known).status_code == 304


def test_a_part_of_a_static_file_is_a_part_of_its_bytes(client: Client) -> None:
    content = client.get(STYLES).getvalue()
    part = client.get(STYLES, headers={"Accept-Encoding": "gzip", "Range": "bytes=10-29"})
    assert (part.status_code, part.getvalue()) == (206, content[10:30])
    assert "Content-Encoding" not in part


@pytest.mark.django_db
def test_a_page_and_the_schema_are_compressed(client: Client) -> None:
    for path in ("/features", "/api/v1/features", "/api/v1/schema"):
        plain = client.get(path)
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed["Content-Encoding"] == "gzip"
        assert len(packed.content) < len(plain.content) / 4


def test_a_megabyte_is_compressed_in_a_fraction_of_a_second() -> None:
    text = b"".join(b'{"number": %d, "p": %f},' % (n, n**0.5) for n in range(40_000))
    began = time.process_time()
    answered(HttpResponse(text, content_type="application/json"))
    assert len(text) > 10**6
    assert time.process_time() - began < 0.5
