"""The modern API: training and prediction sessions."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from sessions_app import selectors, services
from sessions_app.access import identity
from sessions_app.access.ownership import Act, Owner, is_private
from sessions_app.access.rate_limits import READING, STARTING
from sessions_app.api.downloads import DOWNLOADS, EXPORT_FORMAT, download
from sessions_app.api.requests import (
    NewPredictionSerializer,
    NewTrainingSerializer,
    PlanetRateSerializer,
    SessionFilterSerializer,
)
from sessions_app.api.schema import IDEMPOTENCY_KEY
from sessions_app.api.serializers import (
    ObjectPredictionSerializer,
    PredictionSessionSerializer,
    ResultFactsSerializer,
    ResultSerializer,
    StandingSerializer,
    TrainingSessionSerializer,
)
from sessions_app.api.streaming import streamed_json
from sessions_app.exceptions import RefusedError
from sessions_app.files.upload_handler import limit_uploads
from sessions_app.lifecycle import Status
from sessions_app.models import PredictionSession, SessionKind, TrainingSession
from sessions_app.selectors.planet_rate import expected_rate
from sessions_app.services.idempotency import REPEATED, Answer, answer_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import StreamingHttpResponse
    from rest_framework.request import Request

    from sessions_app.models import Session

__all__ = [
    "ACCEPTS",
    "PredictionSessionViewSet",
    "SessionViewSet",
    "TrainingSessionViewSet",
    "described",
]

_REFUSED = OpenApiResponse(description="One sentence that says what is wrong and what is allowed.")
_NO_RESULT = OpenApiResponse(description="The session has not completed.")
_NO_OBJECT = OpenApiResponse(description="The session has no object of this number.")
_MOVES = dict.fromkeys((403, 409, 422), _REFUSED)
"""What moving a session from state to state can answer beside success."""
ACCEPTS = dict.fromkeys((400, 409, 413, 415, 422), _REFUSED)
"""What starting a session can answer beside success."""


def described(
    one: str, many: str, *, refusals: Mapping[int, OpenApiResponse] = ACCEPTS
) -> Callable[[Any], Any]:
    """Return what describes a kind of session in the schema, by its words and its serializers."""

    def describe(view: Any) -> Any:
        answer, new = view.serializer_class, view.new_serializer_class
        moved: dict[str, Any] = {"request": None, "parameters": [IDEMPOTENCY_KEY]}
        return extend_schema_view(
            create=extend_schema(
                request=new,
                responses={202: answer, **refusals},
                parameters=[IDEMPOTENCY_KEY],
                summary=f"Start {one}",
                description=new.start.__doc__,
            ),
            list=extend_schema(parameters=[view.filter_serializer_class], summary=f"List {many}"),
            retrieve=extend_schema(summary=f"Show {one}"),
            destroy=extend_schema(summary=f"Delete {one}"),
            cancel=extend_schema(
                **moved, responses={200: answer, **_MOVES}, summary=f"Cancel {one}"
            ),
            retry=extend_schema(
                **moved, responses={202: answer, **_MOVES}, summary=f"Run {one} again"
            ),
        )(view)

    return describe


class SessionViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]
):
    """What all kinds of session share: list, retrieve, progress, cancel, retry, delete.

    Whoever is signed in sees their own sessions, operators see all. A session that was started
    anonymously can be read and changed by whoever knows its id.
    """

    lookup_value_converter = "uuid"
    filter_serializer_class = SessionFilterSerializer
    new_serializer_class: Any
    """What reads a request for a new session, and can `start` it for an owner."""
    kind: SessionKind

    @property
    def throttle_scope(self) -> str | None:
        """Return how often this may be asked; progress is asked for all the time, at no cost."""
        if self.action == "progress":
            return None
        return READING if self.request.method in SAFE_METHODS else STARTING

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Cap uploads before anything reads the body."""
        self._too_large = None
        try:
            limit_uploads(request)
        except RefusedError as refusal:
            self._too_large = refusal
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse here, where errors are worded, strangers and what was found too large."""
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            identity.refuse_strangers(request.user)
        if self._too_large is not None:
            raise self._too_large

    def perform_authentication(self, request: Request) -> None:
        """Find out who asks, except for progress, where most need not be known."""
        if self.action != "progress":
            super().perform_authentication(request)

    def get_object(self) -> Any:
        """Return the session of the address, if the caller may do with it what they ask.

        Every method but a reading one changes the session.
        """
        session = super().get_object()
        caller = self._caller()
        if not caller.may_read(session.owner_key):
            raise Http404
        if self.request.method not in SAFE_METHODS:
            act = Act.DELETE if self.request.method == "DELETE" else Act.CHANGE
            identity.refuse_unless_allowed(caller, act, session)
        return session

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave in a list what is the caller's own and of the status that they ask for."""
        if self.action != "list":
            return queryset
        filters = self.filter_serializer_class(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        return self._caller().own(queryset).filter(**filters.validated_data)

    def list(self, request: Request) -> Response:
        """List the caller's own sessions, the newest first; operators see everybody's."""
        identity.refuse_strangers(request.user)
        return super().list(request)

    def create(self, request: Request) -> Response:
        """Start a session for the caller, once for each Idempotency-Key."""
        serializer = self.new_serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        owner, visitor = identity.starter(request, request.user)
        response = self._once(owner, HTTPStatus.ACCEPTED, lambda: serializer.start(owner))
        if visitor and REPEATED not in response:
            identity.remember(response, visitor)
        return response

    @extend_schema(responses={204: None, 403: _REFUSED, 409: _REFUSED})
    def destroy(self, _request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Delete the session with its files; 409 as long as it runs or its model is needed."""
        services.delete_session(self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)

    @action(detail=True, methods=["post"])
    def cancel(self, _request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Cancel the session; 409 when it has ended already."""
        return self._moved(HTTPStatus.OK, lambda session: services.cancel_session(session.pk))

    @action(detail=True, methods=["post"])
    def retry(self, _request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Run a failed or cancelled session again; 409 when it is neither."""

        def retry(session: Session) -> None:
            # It counts for whoever started it, whoever asks.
            owner = Owner.of(session, staff=self._caller().staff)
            services.retry_session(session.pk, owner=owner)

        return self._moved(HTTPStatus.ACCEPTED, retry)

    @extend_schema(responses=StandingSerializer)
    @action(detail=True)
    def progress(self, _request: Request, pk: Any = None) -> Response:
        """Tell where the session stands."""
        standing = selectors.standing(pk)
        # Who asks is not looked at as long as everybody with the id may know.
        if (
            standing is None
            or standing.kind != self.kind
            or (is_private(standing.owner_key) and not self._caller().may_read(standing.owner_key))
        ):
            raise Http404
        return Response(StandingSerializer(standing).data)

    def _caller(self) -> Owner:
        return identity.caller(self.request, self.request.user)

    def _moved(self, status: HTTPStatus, move: Callable[[Session], None]) -> Response:
        """Move the session of the address to another state, once for each Idempotency-Key."""
        session = self.get_object()

        def moved() -> Session:
            move(session)
            return self.get_object()

        return self._once(self._caller(), status, moved)

    def _once(self, owner: Owner, status: HTTPStatus, act: Callable[[], Session]) -> Response:
        """Do what is asked and tell the session, once for each Idempotency-Key."""

        def answer() -> Answer:
            return Answer(status=status, body=dict(self.get_serializer(act()).data))

        answered = answer_once(self.request, self.request.data, owner, answer)
        return Response(answered.body, status=answered.status, headers=answered.headers)


class ModelSessionViewSet(SessionViewSet):
    """What the kinds of session share that end with a model: its result and its objects."""

    @extend_schema(
        parameters=[PlanetRateSerializer], responses={200: ResultSerializer, 409: _NO_RESULT}
    )
    @action(detail=True)
    def result(self, _request: Request, pk: Any = None) -> StreamingHttpResponse:  # noqa: ARG002
        """Return the result with every prediction; 409 as long as there is none."""
        session = self._completed()
        # One for all rows: each is a knot of objects that stays until the collector comes.
        one = ObjectPredictionSerializer(context=self._expecting(session))
        return streamed_json(
            before=ResultFactsSerializer(session).data,
            name="predictions",
            batches=(
                map(one.to_representation, batch) for batch in selectors.prediction_batches(session)
            ),
            after={},
        )

    @extend_schema(
        parameters=[PlanetRateSerializer],
        responses={200: ObjectPredictionSerializer(many=True), 409: _NO_RESULT},
    )
    @action(detail=True, serializer_class=ObjectPredictionSerializer)
    def predictions(self, _request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """List the result's predictions in pages; 409 as long as there is none."""
        session = self._completed()
        rows = self.paginate_queryset(session.predictions.all())
        serializer = ObjectPredictionSerializer(rows, many=True, context=self._expecting(session))
        return self.get_paginated_response(serializer.data)

    @extend_schema(
        parameters=[PlanetRateSerializer],
        responses={200: ObjectPredictionSerializer, 404: _NO_OBJECT, 409: _NO_RESULT},
    )
    @action(
        detail=True,
        url_path="objects/<int:number>",
        serializer_class=ObjectPredictionSerializer,
    )
    def one_object(self, _request: Request, number: int, pk: Any = None) -> Response:  # noqa: ARG002
        """Return one of the result's objects by its number, with its explanation and judgement."""
        session = self._completed()
        row = session.predictions.filter(number=number).first()
        if row is None:
            raise Http404
        serializer = ObjectPredictionSerializer(row, context=self._expecting(session))
        return Response(serializer.data)

    @extend_schema(
        parameters=[EXPORT_FORMAT, PlanetRateSerializer], responses={**DOWNLOADS, 409: _NO_RESULT}
    )
    @action(detail=True)
    def export(self, request: Request, pk: Any = None) -> StreamingHttpResponse:  # noqa: ARG002
        """Download the result's predictions as a file; 409 as long as there is none."""
        session = self._completed()
        at = self._expecting(session)["planet_rate"]
        return download(session, request.query_params.get("as"), at=at)

    def _expecting(self, session: Session) -> dict[str, Any]:
        """Return the mark and the rate of planets asked for, as the serializers take them."""
        serializer = PlanetRateSerializer(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        rate = serializer.validated_data.get("planet_rate")
        at = None if rate is None else expected_rate(session, rate)
        return {"mark": session.mark, "planet_rate": at}

    def _completed(self) -> Any:
        session = self.get_object()
        if session.status != Status.COMPLETED:
            raise RefusedError(
                session.error or f"The session has no result yet: it is {session.status}.",
                status=HTTPStatus.CONFLICT,
            )
        return session


@described("a training session", "training sessions")
class TrainingSessionViewSet(ModelSessionViewSet):
    """Sessions that train a model."""

    queryset = TrainingSession.objects.select_related("snapshot")
    serializer_class = TrainingSessionSerializer
    new_serializer_class = NewTrainingSerializer
    kind = SessionKind.TRAINING


@described("a prediction session", "prediction sessions")
class PredictionSessionViewSet(ModelSessionViewSet):
    """Sessions that predict with a published model."""

    queryset = PredictionSession.objects.select_related("snapshot")
    serializer_class = PredictionSessionSerializer
    new_serializer_class = NewPredictionSerializer
    kind = SessionKind.PREDICTION
