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
    """Answer with a JSON object that has fields before and after a long list, named `name`.

    The list comes some items at a time. What fails on the way ends the answer in the middle, which
    no reader takes for JSON.
    """

    def pieces() -> Iterator[str]:
        yield "{" + "".join(f"{_field(item)}, " for item in before.items())
        yield f"{_text(name)}: ["
        separator = ""
        for batch in batches:
            yield separator + ", ".join(map(_text, batch))
            separator = ", "
        yield "]" + "".join(f", {_field(item)}" for item in after.items()) + "}"

    return StreamingHttpResponse(pieces(), content_type="application/json")


def _field(item: tuple[str, Any]) -> str:
    return _text(dict([item]))[1:-1]


def _text(value: Any) -> str:
    # Strict: a number that JSON does not have is a defect here, and not for a browser to find.
    return json.dumps(value, cls=JSONEncoder, allow_nan=False)
