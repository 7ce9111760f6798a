"""The modern API: light curves in, signals with their vetting tests out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.response import Response

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS
from sessions_app.api.filtersets import PredictionFilters
from sessions_app.api.light_curve_serializers import (
    DeclaredTestSerializer,
    NewLightCurveSerializer,
    SignalSerializer,
    StarSerializer,
    StarSummarySerializer,
    declared_of,
    given,
)
from sessions_app.api.schema import IDEMPOTENCY_KEY, STARTED
from sessions_app.api.serializers import PredictionSessionSerializer
from sessions_app.api.vetting_serializer import FoldStretchSerializer, VettingTestSerializer
from sessions_app.api.views.sessions import ACCEPTS, SessionViewSet
from sessions_app.exceptions import ConflictError
from sessions_app.files.curves import curves_of
from sessions_app.lifecycle import Status
from sessions_app.models import PredictionSession, SessionKind
from sessions_app.selectors.stretches import stretches_of
from sessions_app.selectors.vetting import vetting_of

if TYPE_CHECKING:
    from rest_framework.request import Request

    from sessions_app.files.curves import CurveRecords

__all__ = ["LightCurveViewSet"]

_NO_RESULT = OpenApiResponse(description="The session has not completed.")
_NONE = OpenApiResponse(description="There is none of this number.")


@extend_schema_view(
    create=extend_schema(
        request={"multipart/form-data": NewLightCurveSerializer},
        responses={202: PredictionSessionSerializer, **ACCEPTS},
        parameters=[IDEMPOTENCY_KEY, *STARTED],
        summary="Search light curves for transits, and judge what is found",
        description=NewLightCurveSerializer.start.__doc__,
    ),
    list=extend_schema(summary="List sessions of light curves"),
    retrieve=extend_schema(summary="Show a session of light curves"),
)
class LightCurveViewSet(SessionViewSet):
    """Prediction sessions whose objects are signals in light curves."""

    queryset = PredictionSession.objects.filter(mission=LIGHT_CURVES.name).select_related(
        "snapshot", "reference"
    )
    serializer_class = PredictionSessionSerializer
    new_serializer_class = NewLightCurveSerializer
    filterset_class = PredictionFilters
    kind = SessionKind.PREDICTION
    http_method_names = ("get", "head", "options", "post")
    # Everything else of a session is done at its address among the prediction sessions.
    cancel = retry = progress = None

    @extend_schema(
        summary="List the vetting tests",
        responses=DeclaredTestSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None, serializer_class=DeclaredTestSerializer)
    def tests(self, _request: Request) -> Response:
        """List the tests that have a limit: question, formula, limit and sources."""
        tests = [test for test in VETTING_TESTS.values() if test.decides is not None]
        return Response([declared_of(test) for test in tests])

    @extend_schema(
        summary="List a session's stars",
        responses={200: StarSummarySerializer(many=True), 409: _NO_RESULT},
        filters=False,
    )
    @action(detail=True, pagination_class=None, serializer_class=StarSummarySerializer)
    def stars(self, _request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """List the stars whose light curves were sent, with what was understood of each."""
        listed = [asdict(star) for star in self._records().stars.without_lists()]
        return Response(StarSummarySerializer(listed, many=True).data)

    @extend_schema(
        summary="Show a star's light curve and periodogram",
        responses={200: StarSerializer, 404: _NONE, 409: _NO_RESULT},
    )
    @action(
        detail=True,
        url_path="stars/<int:number>",
        url_name="star",
        serializer_class=StarSerializer,
    )
    def star(self, _request: Request, number: int, pk: Any = None) -> Response:  # noqa: ARG002
        """Return one star by its number, with its curve as it is drawn."""
        star = self._records().stars.numbered(number)
        if star is None:
            raise Http404
        return Response(given(star))

    @extend_schema(
        summary="Show a signal's folds and vetting tests",
        responses={200: SignalSerializer, 404: _NONE, 409: _NO_RESULT},
    )
    @action(
        detail=True,
        url_path="signals/<int:number>",
        url_name="signal",
        serializer_class=SignalSerializer,
    )
    def signal(self, _request: Request, number: int, pk: Any = None) -> Response:  # noqa: ARG002
        """Return one signal by its number among the session's objects."""
        records = self._records()
        record = records.signals.numbered(number)
        if record is None:
            raise Http404
        tests = vetting_of(LIGHT_CURVES.name, records.measured(number))
        vetting = VettingTestSerializer(tests, many=True).data
        said = stretches_of(records, number)
        stretches = FoldStretchSerializer(said, many=True).data or None
        return Response(given(record) | {"vetting": vetting, "stretches": stretches})

    def _records(self) -> CurveRecords:
        session: PredictionSession = self.get_object()
        if session.status != Status.COMPLETED:
            raise ConflictError(
                session.error or f"The session has no result yet: it is {session.status}."
            )
        records = curves_of(session)
        if records is None:
            # Its signals came as a table.
            raise Http404
        return records
