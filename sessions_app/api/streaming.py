"""A result as JSON in pieces: however many rows it has, only some of them are in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse
from rest_framework.utils.encoders import JSONEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["streamed_json"]


def streamed_json(
    *,
    before: Mapping[str, Any],
    name: str,
    batches: Iterable[Iterable[Any]],
    after: Mapping[str, Any],
) -> StreamingHttpResponse:
    """Answer with a JSON object, one field of which is a long list.

    What fails on the way ends the answer in the middle, which no reader takes for JSON.

    Parameters
    ----------
    before, after
        The object's other fields, by whether they come before or after the list.
    name
        The list's field.
    batches
        The list's items, some at a time.
    """
    return StreamingHttpResponse(
        _pieces(before, name, batches, after), content_type="application/json"
    )


def _pieces(
    before: Mapping[str, Any],
    name: str,
    batches: Iterable[Iterable[Any]],
    after: Mapping[str, Any],
) -> Iterator[str]:
    yield "{" + "".join(f"{_fields({key: value})}, " for key, value in before.items())
    yield f"{_text(name)}: ["
    separator = ""
    for batch in batches:
        yield separator + ", ".join(map(_text, batch))
        separator = ", "
    yield "]" + "".join(f", {_fields({key: value})}" for key, value in after.items()) + "}"


def _fields(fields: Mapping[str, Any]) -> str:
    return _text(fields)[1:-1]


def _text(value: Any) -> str:
    # Strict: a number that JSON does not have is a defect here, and not for a browser to find.
    return json.dumps(value, cls=JSONEncoder, allow_nan=False)
