"""The modern API: what can be done with sessions of every kind."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from sessions_app import selectors, services
from sessions_app.access import identity
from sessions_app.access.ownership import Act, Owner, is_private
from sessions_app.access.rate_limits import READING, STARTING
from sessions_app.api.filtering import Filters
from sessions_app.api.parameters import KnownParameters
from sessions_app.api.polls import SESSION_ID, Poll, etag_of, is_known
from sessions_app.api.previews import DRY_RUN_EXAMPLE, PreviewSerializer
from sessions_app.api.requests import ProgressSerializer, RenamingSerializer, WaitFor
from sessions_app.api.schema import IDEMPOTENCY_KEY, STARTED, TURNED_AWAY
from sessions_app.api.serializers import StandingSerializer
from sessions_app.exceptions import RefusedError
from sessions_app.files.upload_handler import limit_uploads
from sessions_app.selectors.sessions import BULKY
from sessions_app.services.idempotency import REPEATED, Answer, answer_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rest_framework.request import Request

    from sessions_app.models import Session, SessionKind

__all__ = [
    "ACCEPTS",
    "SessionViewSet",
    "described",
    "poll_of",
]

_REFUSED = OpenApiResponse(description="One sentence that says what is wrong and what is allowed.")
_MOVES = dict.fromkeys((403, 409, 422), _REFUSED)
"""What moving a session from state to state can answer beside success."""
ACCEPTS = dict.fromkeys((400, 409, 413, 415, 422), _REFUSED)
"""What starting a session can answer beside success."""
_ASK_AGAIN_SECONDS = 1
"""When it is worth asking where a session stands."""


_PREVIEWED = {
    200: OpenApiResponse(
        response=PreviewSerializer, description="With `dry_run`: what the request would do."
    )
}


def described(
    one: str, many: str, *, refusals: Mapping[int, OpenApiResponse] = ACCEPTS
) -> Callable[[Any], Any]:
    """Return what describes a kind of session in the schema, by its words and its serializers."""

    def describe(view: Any) -> Any:
        answer, new = view.serializer_class, view.new_serializer_class
        return extend_schema_view(
            create=extend_schema(
                request=new,
                responses={202: answer, **(_PREVIEWED if _previews(new) else {}), **refusals},
                parameters=[IDEMPOTENCY_KEY, *STARTED],
                summary=f"Start {one}",
                description=new.start.__doc__,
                examples=[DRY_RUN_EXAMPLE] if _previews(new) else [],
            ),
            list=extend_schema(summary=f"List {many}"),
            retrieve=extend_schema(summary=f"Show {one}"),
            partial_update=extend_schema(
                request=RenamingSerializer,
                responses={200: answer, **dict.fromkeys((400, 403), _REFUSED)},
                summary=f"Rename {one}",
            ),
            destroy=extend_schema(summary=f"Delete {one}"),
            cancel=extend_schema(
                request=None,
                parameters=[IDEMPOTENCY_KEY],
                responses={200: answer, **_MOVES},
                summary=f"Cancel {one}",
            ),
            retry=extend_schema(
                request=None,
                parameters=[IDEMPOTENCY_KEY, *STARTED],
                responses={202: answer, **_MOVES},
                summary=f"Run {one} again",
            ),
            progress=extend_schema(
                parameters=[ProgressSerializer, TURNED_AWAY],
                responses=StandingSerializer,
                summary=f"Tell where {one} stands",
            ),
        )(view)

    return describe


def _previews(new: Any) -> bool:
    """Tell whether what reads a request for a new session can tell what it would do."""
    return hasattr(new, "preview")


_TOLD = tuple(StandingSerializer().fields)


def _told(standing: selectors.Standing) -> dict[str, Any]:
    return {name: getattr(standing, name) for name in _TOLD}


def poll_of(name: str, kind: SessionKind) -> Poll:
    """Return how the progress of a kind of session is polled, by the name of its addresses."""
    return Poll(
        address=re.compile(f"/api/v1/{name}/({SESSION_ID})/progress"),
        kinds={kind},
        body=_body,
    )


def _body(standing: selectors.Standing) -> bytes:
    body: bytes = JSONRenderer().render(_told(standing))
    return body


class SessionViewSet(
    KnownParameters, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]
):
    """What all kinds of session share: list, retrieve, progress, rename, cancel, retry, delete.

    Whoever is signed in sees their own sessions, operators see all. A session that was started
    anonymously can be read and changed by whoever knows its id.
    """

    lookup_value_converter = "uuid"
    filter_backends = (Filters,)
    filterset_class: Any
    new_serializer_class: Any
    """What reads a request for a new session, and can `start` it for an owner."""
    kind: SessionKind
    asking: frozenset[str] = frozenset()
    """Actions that send what they ask for and change nothing."""

    @property
    def _only_reads(self) -> bool:
        return self.request.method in SAFE_METHODS or self.action in self.asking

    @property
    def throttle_scope(self) -> str | None:
        """Return how often this may be asked; progress is asked for all the time, at no cost."""
        if self.action == "progress":
            return None
        return READING if self._only_reads else STARTING

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

    def get_queryset(self) -> Any:
        """Return the sessions, without what is large: it is read when it is told."""
        return super().get_queryset().defer(*BULKY)

    def get_object(self) -> Any:
        """Return the session of the address, if the caller may do with it what they ask.

        What does not only read changes the session.
        """
        session = super().get_object()
        caller = self._caller()
        if not caller.may_read(session.owner_key):
            raise Http404
        if not self._only_reads:
            act = Act.DELETE if self.request.method == "DELETE" else Act.CHANGE
            identity.refuse_unless_allowed(caller, act, session)
        return session

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave in a list what is the caller's own and what they ask for."""
        if self.action != "list":
            return queryset
        return super().filter_queryset(self._caller().own(queryset))

    def list(self, request: Request) -> Response:
        """List the caller's own sessions, the newest first; operators see everybody's."""
        identity.refuse_strangers(request.user)
        return super().list(request)

    def create(self, request: Request) -> Response:
        """Start a session once for each Idempotency-Key, or tell what the request would do."""
        serializer = self.new_serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        if _previews(self.new_serializer_class) and serializer.is_dry_run:
            # Nothing is kept, so that it is of no account who asks again.
            preview = serializer.preview(self._caller())
            return Response(PreviewSerializer(preview).data)
        owner, visitor = identity.starter(request, request.user)
        response = self._once(owner, HTTPStatus.ACCEPTED, lambda: serializer.start(owner))
        if visitor and REPEATED not in response:
            identity.remember(response, visitor)
        return response

    def partial_update(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Call the session by a name of one's own; an empty one takes it away."""
        session = self.get_object()
        asked = RenamingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        session.name = services.rename_session(session.pk, asked.validated_data["name"])
        return Response(self.get_serializer(session).data)

    @extend_schema(responses={204: None, 403: _REFUSED, 409: _REFUSED})
    def destroy(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Delete the session with its files; 409 as long as it runs or its model is needed."""
        services.delete_session(self.get_object(), by=request.user.pk)
        return Response(status=HTTPStatus.NO_CONTENT)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Cancel the session; 409 when it has ended already."""
        by = request.user.pk
        return self._moved(
            HTTPStatus.OK, lambda session: services.cancel_session(session.pk, by=by)
        )

    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Run a failed or cancelled session again; 409 when it is neither."""

        def retry(session: Session) -> None:
            # It counts for whoever started it, whoever asks.
            owner = Owner.of(session, staff=self._caller().staff)
            services.retry_session(session.pk, owner=owner, by=request.user.pk)

        return self._moved(HTTPStatus.ACCEPTED, retry)

    @action(detail=True)
    def progress(self, request: Request, pk: Any = None) -> Response:
        """Tell where the session stands."""
        seconds, with_evidence = 0, False
        if request.query_params:
            asked = ProgressSerializer(data=request.query_params.dict())
            asked.is_valid(raise_exception=True)
            seconds = asked.validated_data["wait"]
            with_evidence = asked.validated_data["wait_for"] == WaitFor.EVIDENCE
        look = selectors.standing_with_evidence if with_evidence else selectors.standing
        standing, headers = self._readable(look(pk)), {}
        if seconds:
            seen = request.headers.get("If-None-Match") or etag_of(_body(standing))
            latest, waited = selectors.standing_once_changed(
                pk,
                standing,
                with_evidence=with_evidence,
                is_known=lambda found: is_known(etag_of(_body(found)), seen),
                who=identity.address_key(request),
                seconds=seconds,
            )
            # It may have been deleted meanwhile.
            standing = self._readable(latest)
            headers = {} if waited else {"Retry-After": str(_ASK_AGAIN_SECONDS)}
        return Response(_told(standing), headers=headers)

    def _readable(self, standing: selectors.Standing | None) -> selectors.Standing:
        # Who asks is not looked at as long as everybody with the id may know.
        if (
            standing is None
            or standing.kind != self.kind
            or (is_private(standing.owner_key) and not self._caller().may_read(standing.owner_key))
        ):
            raise Http404
        return standing

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
        headers = answered.headers
        if answered.status == HTTPStatus.ACCEPTED:
            address = self.reverse_action("detail", args=[answered.body["id"]])
            headers |= {"Location": address, "Retry-After": str(_ASK_AGAIN_SECONDS)}
        return Response(answered.body, status=answered.status, headers=headers)
