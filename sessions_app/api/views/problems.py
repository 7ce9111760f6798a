"""What each kind of problem means, at the address that its problems name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app.access.rate_limits import READING
from sessions_app.api.parameters import KnownParameters
from sessions_app.api.problems import PROBLEMS, ProblemKind

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["ProblemView", "ProblemsView"]


class ProblemKindSerializer(serializers.Serializer[ProblemKind]):
    """A kind of problem."""

    type = serializers.CharField(
        source="address", help_text="As every problem of the kind names it: this address."
    )
    title = serializers.CharField()
    status = serializers.IntegerField(help_text="The HTTP status.")
    meaning = serializers.CharField(help_text="What has happened.")
    remedy = serializers.CharField(help_text="What whoever asked can do.")


class ProblemsView(KnownParameters, GenericAPIView[Any]):
    """All kinds of problem."""

    throttle_scope = READING

    @extend_schema(
        summary="List the kinds of problem",
        operation_id="problems_list",
        responses=ProblemKindSerializer(many=True),
    )
    def get(self, _request: Request) -> Response:
        """List what an answer that is a problem (RFC 9457) can have as its type."""
        page: Any = self.paginate_queryset(PROBLEMS)  # type: ignore[arg-type]  # no rows of the database
        return self.get_paginated_response(ProblemKindSerializer(page, many=True).data)


class ProblemView(KnownParameters, APIView):
    """One kind of problem."""

    throttle_scope = READING

    @extend_schema(summary="Explain a kind of problem", responses=ProblemKindSerializer)
    def get(self, _request: Request, name: str) -> Response:
        """Tell what problems of the kind mean, and what can be done."""
        kind: Any = next((kind for kind in PROBLEMS if kind.name == name), None)
        if kind is None:
            raise Http404
        return Response(ProblemKindSerializer(kind).data)
