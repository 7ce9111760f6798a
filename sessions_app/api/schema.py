"""What the OpenAPI schema tells beyond the views themselves: how every error looks."""

from __future__ import annotations

import copy
import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer

from sessions_app.access.rate_limits import READING
from sessions_app.api.errors import PROBLEM
from sessions_app.api.problems import PROBLEMS, problem_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "IDEMPOTENCY_KEY",
    "STARTED",
    "TURNED_AWAY",
    "DocumentationView",
    "SchemaView",
    "describe_problems",
]

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description=(
        "A name of the request, best a UUID. The same request with the same key is answered as it"
        " was the first time, for 24 hours."
    ),
)
STARTED = (
    OpenApiParameter(
        "Location",
        location=OpenApiParameter.HEADER,
        type=OpenApiTypes.URI,
        response=[202],
        description="Address of the session.",
    ),
    OpenApiParameter(
        "Retry-After",
        location=OpenApiParameter.HEADER,
        type=int,
        response=[202],
        description="When it is worth asking for its progress [s].",
    ),
)
"""What the answer to a request says that starts something."""
TURNED_AWAY = OpenApiParameter(
    "Retry-After",
    location=OpenApiParameter.HEADER,
    type=int,
    response=[200],
    description="There is this header where `wait` was asked for and too many wait already: it was"
    " answered at once; when to ask again [s].",
)
_TEXT = {"type": "string"}
_ALLOWED = {
    "type": "array",
    "items": _TEXT,
    "description": "What the field may be, where that can be listed.",
}
_FIELD = {**_TEXT, "description": "Name of the field that is wrong."}
_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {
            **_TEXT,
            "format": "uri-reference",
            "description": "Address that explains the kind of problem.",
        },
        "title": {**_TEXT, "description": "What the kind is called."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {**_TEXT, "description": "What is wrong, in one sentence."},
        "field": _FIELD,
        "allowed": _ALLOWED,
        "errors": {
            "type": "array",
            "description": "Each field, when several are wrong.",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": _FIELD, "detail": _TEXT, "allowed": _ALLOWED},
            },
        },
        "request_id": {**_TEXT, "description": "What the server's log calls the request."},
    },
}
_RETRY = {"Retry-After": {"description": "When to ask again [s].", "schema": {"type": "integer"}}}


def describe_problems(
    result: dict[str, Any],
    generator: Any,  # noqa: ARG001
    request: Any,  # noqa: ARG001
    public: bool,  # noqa: ARG001, FBT001
) -> dict[str, Any]:
    """Give every operation the errors that it can answer with."""
    problem = copy.deepcopy(_PROBLEM)
    problem["properties"]["type"]["enum"] = [kind.address for kind in PROBLEMS]
    result["components"]["schemas"]["Problem"] = problem
    for path, operations in result["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            answers.setdefault("400", {"description": "A field or a parameter is wrong."})
            answers.setdefault("401", {"description": "The token is not valid, or one is needed."})
            answers.setdefault("429", {"description": "Too many requests.", "headers": _RETRY})
            if "{" in path:
                answers.setdefault("404", {"description": "There is none that the caller may see."})
            answers["default"] = {"description": "What is wrong."}
            for status, answer in answers.items():
                if not status.startswith(("1", "2", "3")):
                    answer.setdefault("content", {PROBLEM: _content(status)})
            operation["responses"] = dict(sorted(answers.items()))
    return result


def _content(status: str) -> dict[str, Any]:
    kind = problem_of(HTTPStatus(int(status) if status.isdecimal() else HTTPStatus.BAD_REQUEST))
    example = {
        "type": kind.address,
        "title": kind.title,
        "status": kind.status.value,
        "detail": kind.meaning,
        "request_id": "2f1f1c5e7f6b4a0c9d8e7f6a5b4c3d2e",
    }
    return {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {"example": {"value": example}},
    }


class _OpenApiJson(OpenApiJsonRenderer):
    def get_indent(
        self, accepted_media_type: str, renderer_context: Mapping[str, Any]
    ) -> int | None:
        """Indent where that is asked for: two thirds of what is sent would be spaces."""
        indent: int | None = JSONRenderer.get_indent(self, accepted_media_type, renderer_context)
        return indent


class _Json(_OpenApiJson):
    media_type = OpenApiJsonRenderer2.media_type


class _MadeOnce(SchemaGenerator):
    """Makes the schema, which is the same for everybody, once in each process."""

    def get_schema(
        self,
        request: Any = None,  # noqa: ARG002 - the same for everybody
        public: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> dict[str, Any]:
        return _made()


@functools.cache
def _made() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return schema


@functools.cache
def _as_yaml() -> bytes:
    written: bytes = OpenApiYamlRenderer().render(_made())
    return written


class _Yaml(OpenApiYamlRenderer):
    def render(
        self, data: Any, media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """Write the schema once in each process, which takes seconds; refusals each time."""
        if data is _made():
            return _as_yaml()
        refusal: bytes = super().render(data, media_type, renderer_context)
        return refusal


class _Yaml2(_Yaml):
    media_type = OpenApiYamlRenderer2.media_type


class SchemaView(SpectacularAPIView):
    """The schema, as YAML by default."""

    generator_class = _MadeOnce
    renderer_classes = (_Yaml, _Yaml2, _OpenApiJson, _Json)
    throttle_scope = READING


class DocumentationView(SpectacularSwaggerSplitView):
    """The schema for people; its scripts are files, as the content policy wants it."""

    # The framework's answer to OPTIONS is no page.
    http_method_names = ("get", "head")
    throttle_scope = READING
