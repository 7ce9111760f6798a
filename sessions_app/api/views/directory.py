"""What there is in the modern API, read from its addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import URLPattern, get_resolver, reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app.access.rate_limits import READING
from sessions_app.api.parameters import KnownParameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rest_framework.request import Request

__all__ = ["DirectoryView"]

_ROUTE = re.compile(r"<(?:\w+:)?(\w+)>")
_KEYS = {"pk": "id"}
"""What a part of an address is called in the schema."""


class DirectorySerializer(serializers.Serializer[Any]):
    """What there is."""

    title = serializers.CharField()
    version = serializers.CharField(help_text="Of the API.")
    documentation = serializers.URLField(help_text="The schema for people.")
    schema = serializers.URLField(help_text="The API in OpenAPI, to make a client of.")
    problems = serializers.URLField(help_text="What each kind of error means.")
    addresses = serializers.DictField(
        child=serializers.CharField(),
        help_text="Every address by its name; what is in braces stands for an id, a number or a"
        " name (RFC 6570).",
    )


class DirectoryView(KnownParameters, APIView):
    """The modern API's first page."""

    throttle_scope = READING

    @extend_schema(
        summary="List what there is",
        operation_id="directory",
        tags=["directory"],
        responses=DirectorySerializer,
    )
    def get(self, request: Request) -> Response:
        """Name every address of the API, its documentation and its schema."""
        addresses = dict(_addresses(request.build_absolute_uri(reverse("directory"))))
        facts: dict[str, Any] = {
            "title": settings.SPECTACULAR_SETTINGS["TITLE"],
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "documentation": addresses["docs"],
            "schema": addresses["schema"],
            "problems": addresses["problems"],
            "addresses": addresses,
        }
        return Response(DirectorySerializer(facts).data)


def _addresses(root: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the whole address of all that lies below this view's own."""
    below = reverse("directory").removeprefix("/")
    for route, name in _routes(get_resolver().url_patterns, ""):
        if route.startswith(below):
            address = _ROUTE.sub(lambda part: f"{{{_KEYS.get(part[1], part[1])}}}", route)
            yield name, root + address.removeprefix(below)


def _routes(patterns: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            if one.name:
                yield route, one.name
        else:
            yield from _routes(one.url_patterns, route)
