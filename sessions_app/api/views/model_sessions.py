"""The modern API: training and prediction sessions, with their results."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from sessions_app import selectors
from sessions_app.api.downloads import (
    DOWNLOADS,
    EXPORT_FORMAT,
    EXPORT_NUMBERS,
    ExportHeaderSerializer,
    download,
    sent_result,
)
from sessions_app.api.filtering import checked
from sessions_app.api.filtersets import ObjectFilters, PredictionFilters, TrainingFilters
from sessions_app.api.requests import (
    NewPredictionSerializer,
    NewTrainingSerializer,
    PlanetRateSerializer,
    ResultParametersSerializer,
    WaitFor,
)
from sessions_app.api.serializers import (
    ObjectPredictionSerializer,
    PredictionSessionSerializer,
    ResultFactsSerializer,
    ResultSerializer,
    TrainingSessionSerializer,
)
from sessions_app.api.streaming import json_pieces
from sessions_app.api.views.artifacts import OffersArtifacts
from sessions_app.api.views.at_once import AsksOfObjects
from sessions_app.api.views.citations import ShowsCitation
from sessions_app.api.views.manifests import ShowsManifest
from sessions_app.api.views.plots import ShowsPlots
from sessions_app.api.views.sessions import SessionViewSet, described
from sessions_app.exceptions import ConflictError, RefusedError
from sessions_app.files.curves import curves_of
from sessions_app.lifecycle import Status
from sessions_app.models import PredictionSession, SessionKind, TrainingSession
from sessions_app.selectors.planet_rate import expected_rate
from sessions_app.web.report import REPORT_POLICY, report_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = ["PredictionSessionViewSet", "TrainingSessionViewSet"]

_JSON = "application/json"
_NO_RESULT = OpenApiResponse(description="The session has not completed.")
_NO_OBJECT = OpenApiResponse(description="The session has no object of this number.")


class ModelSessionViewSet(
    ShowsPlots, AsksOfObjects, OffersArtifacts, ShowsCitation, ShowsManifest, SessionViewSet
):
    """What the kinds of session share that end with a model: its result and its objects."""

    @extend_schema(
        summary="Read a result: figures, report, model and, if asked for, predictions",
        parameters=[ResultParametersSerializer],
        responses={200: ResultSerializer, 409: _NO_RESULT},
    )
    @action(detail=True)
    def result(self, request: Request, pk: Any = None) -> HttpResponseBase:  # noqa: ARG002
        """Return the result, with every prediction if asked for; 409 as long as there is none."""
        session = self._completed()
        asked = ResultParametersSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        waits = asked.validated_data["wait_for"] == WaitFor.EVIDENCE
        if waits and not selectors.evidence_of(session)["complete"]:
            raise ConflictError("The session's evidence is still being gathered.")
        rate = self._rate(session)
        if "include" not in asked.validated_data:
            if rate is not None:
                raise RefusedError(
                    "planet_rate says something of predictions, which are given with"
                    " include=predictions.",
                    field="planet_rate",
                )

            def facts() -> Iterator[bytes]:
                yield JSONRenderer().render(ResultFactsSerializer(session).data)

            return sent_result(request, session, "facts.json", facts, content_type=_JSON)

        def pieces() -> Iterator[bytes]:
            # One for all rows: each is a knot of objects that stays until the collector comes.
            one = ObjectPredictionSerializer(context=self._expecting(session))
            objects = selectors.objects_of(session)
            return json_pieces(
                before=ResultFactsSerializer(session).data,
                name="predictions",
                batches=(map(one.to_representation, batch) for batch in objects.batches()),
                after={},
            )

        if rate is not None:
            return StreamingHttpResponse(pieces(), content_type=_JSON)
        return sent_result(request, session, "result.json", pieces, content_type=_JSON)

    @extend_schema(
        summary="List a result's predictions in pages",
        parameters=[PlanetRateSerializer],
        responses={200: ObjectPredictionSerializer(many=True), 409: _NO_RESULT},
    )
    @action(detail=True, serializer_class=ObjectPredictionSerializer, filterset_class=ObjectFilters)
    def predictions(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """List the result's predictions in pages; 409 as long as there is none."""
        session = self._completed()
        filters = partial(ObjectFilters, mission=session.mission)
        fit = checked(filters, request, selectors.objects_of(session)).qs
        rows = selectors.explained(session, self.paginate_queryset(fit))
        serializer = ObjectPredictionSerializer(rows, many=True, context=self._expecting(session))
        return self.get_paginated_response(serializer.data)

    @extend_schema(
        summary="Read one object of a result with its explanation",
        parameters=[PlanetRateSerializer],
        responses={200: ObjectPredictionSerializer, 404: _NO_OBJECT, 409: _NO_RESULT},
    )
    @action(
        detail=True,
        url_path="objects/<int:number>",
        url_name="object",
        serializer_class=ObjectPredictionSerializer,
    )
    def one_object(self, _request: Request, number: int, pk: Any = None) -> Response:  # noqa: ARG002
        """Return one of the result's objects by its number, with all that is said of it."""
        session = self._completed()
        row = selectors.objects_of(session).numbered(number)
        if row is None:
            raise Http404
        (row,) = selectors.explained(session, [row])
        serializer = ObjectPredictionSerializer(row, context=self._expecting(session))
        return Response(serializer.data)

    @extend_schema(
        summary="Download a result's predictions as a file",
        parameters=[
            EXPORT_FORMAT,
            EXPORT_NUMBERS,
            ExportHeaderSerializer,
            PlanetRateSerializer,
        ],
        responses={**DOWNLOADS, 409: _NO_RESULT},
    )
    @action(detail=True)
    def export(self, request: Request, pk: Any = None) -> HttpResponseBase:  # noqa: ARG002
        """Download the result's predictions as a file; 409 as long as there is none."""
        session = self._completed()
        at = self._rate(session)
        asked = request.query_params
        header = ExportHeaderSerializer(data=asked.dict())
        header.is_valid(raise_exception=True)
        return download(
            request,
            session,
            asked.get("as"),
            at=at,
            numbers=asked.get("numbers"),
            header=header.validated_data["header"],
        )

    @extend_schema(
        summary="Download a report of the result",
        responses={(200, "text/html"): OpenApiTypes.STR, 409: _NO_RESULT},
    )
    @action(detail=True)
    def report(self, request: Request, pk: Any = None) -> HttpResponseBase:  # noqa: ARG002
        """Download the result as one HTML file without any address; 409 as long as there is none.

        What it means, figures, plots, how it was tested, settings and provenance.
        """
        session = self._completed()
        return sent_result(
            request,
            session,
            "report.html",
            lambda: report_file(session),
            content_type="text/html; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="report-{str(session.pk)[:8]}.html"',
                "Content-Security-Policy": REPORT_POLICY,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-cache",
            },
            also=[session.name],
        )

    def _expecting(self, session: Session) -> dict[str, Any]:
        """Return what the serializers take of the session, and the rate of planets asked for."""
        columns = (session.model or {}).get("columns", ())
        return {
            "mark": session.mark,
            "curves": curves_of(session),
            "mission": session.mission,
            "planet_rate": self._rate(session),
            "columns": columns,
            "explained": (session.model or {}).get("explained_output_meaning", ""),
        }

    def _rate(self, session: Session) -> ExpectedRate | None:
        serializer = PlanetRateSerializer(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        rate = serializer.validated_data.get("planet_rate")
        return None if rate is None else expected_rate(session, rate)

    def _completed(self) -> Any:
        session = self.get_object()
        if session.status != Status.COMPLETED:
            raise ConflictError(
                session.error or f"The session has no result yet: it is {session.status}."
            )
        return session


@described("a training session", "training sessions")
class TrainingSessionViewSet(ModelSessionViewSet):
    """Sessions that train a model."""

    queryset = TrainingSession.objects.select_related("snapshot", "reference")
    serializer_class = TrainingSessionSerializer
    new_serializer_class = NewTrainingSerializer
    filterset_class = TrainingFilters
    kind = SessionKind.TRAINING


@described("a prediction session", "prediction sessions")
class PredictionSessionViewSet(ModelSessionViewSet):
    """Sessions that predict with a published model."""

    queryset = PredictionSession.objects.select_related("snapshot", "reference")
    serializer_class = PredictionSessionSerializer
    new_serializer_class = NewPredictionSerializer
    filterset_class = PredictionFilters
    kind = SessionKind.PREDICTION
