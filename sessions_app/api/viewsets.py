"""The modern API: training and prediction sessions."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from sessions_app import queries, services
from sessions_app.api.serializers import (
    NewPredictionSerializer,
    NewTrainingSerializer,
    PredictionSessionSerializer,
    ResultSerializer,
    StandingSerializer,
    TrainingSessionSerializer,
)
from sessions_app.lifecycle import Status
from sessions_app.models import PredictionSession, TrainingSession
from sessions_app.refusals import RefusedError
from sessions_app.uploading import limit_uploads

if TYPE_CHECKING:
    from rest_framework.request import Request

    from sessions_app.models import Session

__all__ = ["PredictionSessionViewSet", "TrainingSessionViewSet"]

_REFUSED = OpenApiResponse(description="One sentence that says what is wrong and what is allowed.")


class SessionViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]
):
    """What both kinds of session share: list, retrieve, progress, result."""

    lookup_value_converter = "uuid"

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Cap uploads before anything reads the body."""
        self._too_large = None
        try:
            limit_uploads(request)
        except RefusedError as refusal:
            self._too_large = refusal
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse here what was found too large, where errors are worded."""
        if self._too_large is not None:
            raise self._too_large
        super().initial(request, *args, **kwargs)

    @extend_schema(responses=StandingSerializer)
    @action(detail=True)
    def progress(self, _request: Request, pk: Any = None) -> Response:
        """Tell where the session stands."""
        self.get_object()
        return Response(StandingSerializer(queries.standing(pk)).data)

    @extend_schema(responses={200: ResultSerializer, 409: _REFUSED})
    @action(detail=True)
    def result(self, _request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Return the result; 409 as long as there is none."""
        session = self.get_object()
        if session.status != Status.COMPLETED:
            raise RefusedError(
                session.error or f"The session has no result yet: it is {session.status}.",
                status=HTTPStatus.CONFLICT,
            )
        return Response(ResultSerializer(session).data)

    def _accepted(self, session: Session) -> Response:
        return Response(self.get_serializer(session).data, status=HTTPStatus.ACCEPTED)


_ACCEPTS = {400: _REFUSED, 413: _REFUSED, 415: _REFUSED}


@extend_schema_view(
    list=extend_schema(summary="List training sessions"),
    retrieve=extend_schema(summary="Show a training session"),
)
class TrainingSessionViewSet(SessionViewSet):
    """Sessions that train a model."""

    queryset = TrainingSession.objects.select_related("snapshot")
    serializer_class = TrainingSessionSerializer

    @extend_schema(
        request=NewTrainingSerializer,
        responses={202: TrainingSessionSerializer, **_ACCEPTS},
        summary="Start a training session",
    )
    def create(self, request: Request) -> Response:
        """Start training on NASA's table or on the user's files."""
        asked = NewTrainingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        session = services.start_training(
            model_type=asked.validated_data["model_type"],
            hyperparameters=asked.validated_data["hyperparameters"],
            data=asked.data_of_request(),
            seed=asked.validated_data["seed"],
        )
        return self._accepted(session)


@extend_schema_view(
    list=extend_schema(summary="List prediction sessions"),
    retrieve=extend_schema(summary="Show a prediction session"),
)
class PredictionSessionViewSet(SessionViewSet):
    """Sessions that predict with a published model."""

    queryset = PredictionSession.objects.select_related("snapshot")
    serializer_class = PredictionSessionSerializer

    @extend_schema(
        request=NewPredictionSerializer,
        responses={202: PredictionSessionSerializer, **_ACCEPTS},
        summary="Start a prediction session",
    )
    def create(self, request: Request) -> Response:
        """Predict a mission's test rows or the user's, after fine-tuning on a training file."""
        asked = NewPredictionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        session = services.start_prediction(
            data=asked.data_of_request(), seed=asked.validated_data["seed"]
        )
        return self._accepted(session)
