"""What whoever runs the service asks: whether it is ready, and its figures for Prometheus."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError
from django.http import HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app import selectors
from sessions_app.access.rate_limits import READING, refuse_one_too_many
from sessions_app.api.errors import refusal_of
from sessions_app.api.parameters import KnownParameters
from sessions_app.exceptions import RefusedError
from sessions_app.monitoring.prometheus import REGISTRY

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

__all__ = ["ReadinessView", "metrics"]


class MachineSerializer(serializers.Serializer[Any]):
    """Who is there to work on one machine."""

    name = serializers.CharField(
        help_text="What it is called; a number where only `manage.py work` was started on it."
    )
    workers = serializers.IntegerField(help_text="Workers that are alive on it.")
    busy_workers = serializers.IntegerField(source="busy", help_text="Sessions that it runs.")
    reapers = serializers.IntegerField()


class ReadinessSerializer(serializers.Serializer[selectors.Health]):
    """Whether the service can accept sessions and run them, and what that was judged by."""

    ready = serializers.BooleanField()
    problems = serializers.ListField(
        child=serializers.CharField(), help_text="Why it is not ready, in sentences."
    )
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What an operator should look at."
    )
    database = serializers.BooleanField(help_text="Whether the database answers.")
    workers = serializers.IntegerField(help_text="Workers that are alive.")
    busy_workers = serializers.IntegerField(help_text="Sessions that are run.")
    reapers = serializers.IntegerField(
        help_text="Processes that are alive and take up interrupted sessions."
    )
    waiting = serializers.IntegerField(help_text="Sessions that wait.")
    oldest_wait_seconds = serializers.FloatField(
        help_text="How long the one that waits longest has waited [s]."
    )
    machines = MachineSerializer(many=True, help_text="Who of them is where.")
    free_bytes = serializers.DictField(
        child=serializers.IntegerField(), help_text="Room left on the disks, by folder."
    )


class ReadinessView(KnownParameters, APIView):
    """Readiness, for whoever decides whether requests are sent here."""

    authentication_classes: tuple[()] = ()
    throttle_scope = None

    @extend_schema(
        summary="Tell whether sessions are accepted and run",
        responses={200: ReadinessSerializer, 503: ReadinessSerializer},
    )
    def get(self, _request: Request) -> Response:
        """Tell whether sessions are accepted and run; 503 when they are not."""
        health = selectors.health()
        queue = health.queue
        facts: dict[str, Any] = {
            "ready": not health.problems,
            "problems": health.problems,
            "warnings": health.warnings,
            "database": health.database,
            "workers": health.workers,
            "busy_workers": queue.busy if queue else 0,
            "reapers": queue.reapers if queue else 0,
            "waiting": queue.waiting if queue else 0,
            "oldest_wait_seconds": queue.oldest_seconds if queue else 0.0,
            "machines": health.hosts,
            "free_bytes": health.free_bytes,
        }
        return Response(
            ReadinessSerializer(facts).data,
            status=HTTPStatus.SERVICE_UNAVAILABLE if health.problems else HTTPStatus.OK,
        )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the figures in Prometheus' text format."""
    try:
        # Without a database nobody can be counted, and that it is away must be told.
        with suppress(DatabaseError):
            refuse_one_too_many(READING, request, None)
    except RefusedError as refusal:
        return refusal_of(
            request, refusal.sentence, refusal.status, retry_after=refusal.retry_after
        )
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
