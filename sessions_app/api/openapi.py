"""What the schema says of everything alike: null, bodies, what is known already, examples."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sessions_app.api.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["describe_any_json", "describe_bodies", "describe_what_is_known", "give_examples"]

_COMPONENT = "#/components/schemas/"
_JSON, _FORM = "application/json", "multipart/form-data"
_ETAG = {
    "ETag": {
        "description": "Names the answer, for If-None-Match of the next request.",
        "schema": {"type": "string"},
    }
}
_KNOWN = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "ETag of an answer that you have; if it is the same still, it is not sent.",
}
_ANY_OR_NULL = [{}, {"type": "null"}]
_PAGE = {"count": 1, "next": None, "previous": None}


def describe_any_json(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Let JSON of any kind be null: said as one of any kind and null, null would be both."""
    left: list[Any] = [result]
    for part in left:
        if isinstance(part, dict):
            if part.get("oneOf") == _ANY_OR_NULL:
                del part["oneOf"]
            left += part.values()
        elif isinstance(part, list):
            left += part
    return result


def describe_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Let JSON have no files, a form have them, and neither what is no field.

    A form without files is taken too; JSON says the same in fewer ways.
    """
    components = result["components"]["schemas"]
    for operation in _operations(result):
        content = operation.get("requestBody", {}).get("content", {})
        name = _component(content.get(_JSON, {"schema": {}})["schema"])
        if name not in components:
            continue
        whole = components[name]
        files = {field for field, one in whole["properties"].items() if _is_file(one)}
        content.pop("application/x-www-form-urlencoded", None)
        form = content.pop(_FORM, None)
        whole["additionalProperties"] = False
        if not files:
            continue
        with_files = f"{name.removesuffix('Request')}Form"
        components[with_files] = copy.deepcopy(whole)
        for field in files:
            # The word of 3.1, beside the one that generators of clients know.
            components[with_files]["properties"][field]["contentMediaType"] = (
                "application/octet-stream"
            )
            del whole["properties"][field]
        content[_FORM] = form | {"schema": {"$ref": _COMPONENT + with_files}}
    return result


def describe_what_is_known(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Tell of the ETag of whatever is read, and of the answer to who has it already."""
    for methods in result["paths"].values():
        read = methods.get("get", {"responses": {}})
        if found := read["responses"].get("200"):
            read["parameters"] = [*read.get("parameters", []), _KNOWN]
            found["headers"] = found.get("headers", {}) | _ETAG
            read["responses"]["304"] = {"description": "You have it already.", "headers": _ETAG}
    return result


def give_examples(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give each body and each answer the example of its name, or of its media type."""
    for operation in _operations(result):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for kind, media in body.get("content", {}).items():
                example = _example(media["schema"]) or EXAMPLES.get(kind)
                if example is not None:
                    media["examples"] = {"example": {"value": example}}
    return result


def _example(schema: dict[str, Any]) -> Any:
    if schema.get("type") == "array":
        one = _example(schema["items"])
        return None if one is None else [one]
    name = _component(schema).removesuffix("Request").removesuffix("Form")
    one = EXAMPLES.get(name.removeprefix("Paginated").removesuffix("List"))
    return _PAGE | {"results": [one]} if one and name.startswith("Paginated") else one


def _component(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).removeprefix(_COMPONENT)


def _is_file(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "binary"


def _operations(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in result["paths"].values():
        yield from methods.values()
