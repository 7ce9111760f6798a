"""A result as JSON in pieces: however many rows it has, only some of them are in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rest_framework.utils.encoders import JSONEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["json_pieces"]


def json_pieces(
    *,
    before: Mapping[str, Any],
    name: str,
    batches: Iterable[Iterable[Any]],
    after: Mapping[str, Any],
) -> Iterator[bytes]:
    """Yield the parts of a JSON object that has fields before and after a long list, named `name`.

    The list comes some items at a time. What fails on the way ends the text in the middle, which
    no reader takes for JSON.
    """
    yield ("{" + "".join(f"{_field(item)}, " for item in before.items())).encode()
    yield f"{_text(name)}: [".encode()
    separator = ""
    for batch in batches:
        yield (separator + ", ".join(map(_text, batch))).encode()
        separator = ", "
    yield ("]" + "".join(f", {_field(item)}" for item in after.items()) + "}").encode()


def _field(item: tuple[str, Any]) -> str:
    return _text(dict([item]))[1:-1]


def _text(value: Any) -> str:
    # Strict: a number that JSON does not have is a defect here, and not for a browser to find.
    return json.dumps(value, cls=JSONEncoder, allow_nan=False)
