"""The addresses of the Universal Worker Service: a façade, in front of what the API does."""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from sessions_app import selectors, services
from sessions_app.access import identity
from sessions_app.access.ownership import Act
from sessions_app.access.rate_limits import READING, STARTING
from sessions_app.api.parameters import KnownParameters
from sessions_app.api.uws.documents import (
    availability_document,
    capabilities_document,
    job_document,
    job_list_document,
    parameters_document,
    results_document,
)
from sessions_app.api.uws.jobs import PHASES, job_of, result_addresses
from sessions_app.exceptions import RefusedError
from sessions_app.lifecycle import UNFINISHED
from sessions_app.models import Session
from sessions_app.selectors.sessions import BULKY

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from rest_framework.request import Request

    from sessions_app.api.uws.jobs import Job

__all__ = [
    "AvailabilityView",
    "CapabilitiesView",
    "JobListView",
    "JobPartView",
    "JobView",
    "ResultView",
]

_MOST_JOBS = 1000
"""How many jobs a list tells of, the newest."""
_LONGEST_WAIT = 5.0
"""How long an answer waits for another phase at most [s]: it holds a thread of the server's."""
_LOOK_SECONDS = 0.25
_waiting = threading.BoundedSemaphore(2)
"""How many wait at the same time in each process; others are answered at once."""


class _SeeOther(HttpResponseRedirect):
    """How UWS answers whatever changes a job."""

    status_code = HTTPStatus.SEE_OTHER


@extend_schema(exclude=True)
class _View(KnownParameters, APIView):
    """What all addresses share: who asks, and how often."""

    parameters_in_any_case = True

    @property
    def throttle_scope(self) -> str:
        """Return how often this may be asked."""
        return READING if self.request.method in SAFE_METHODS else STARTING

    def session(self, job_id: UUID) -> Session:
        """Return the session of the address, if the caller may do with it what they ask."""
        # Without what is large, and with the name of its user.
        sessions = Session.objects.defer(*BULKY).select_related("owner")
        session = sessions.filter(pk=job_id).first()
        caller = identity.caller(self.request, self.request.user)
        if session is None or not caller.may_read(session.owner_key):
            raise Http404
        if self.request.method not in SAFE_METHODS:
            identity.refuse_strangers(self.request.user)
            # Aborting is part of deleting one that has not ended.
            act = Act.DELETE if self._deletes else Act.CHANGE
            identity.refuse_unless_allowed(caller, act, session)
        return session

    @property
    def _deletes(self) -> bool:
        return self.request.method == "DELETE" or _sent(self.request, "ACTION") == "DELETE"


def _takes(*names: str, repeated: tuple[str, ...] = ()) -> Any:
    """Return what declares the parameters of what answers, which no schema shows."""
    parameters = [OpenApiParameter(name, many=name in repeated) for name in names]
    return extend_schema(exclude=True, parameters=parameters)


class JobListView(_View):
    """The caller's jobs."""

    @_takes("PHASE", "AFTER", "LAST", repeated=("PHASE",))
    def get(self, request: Request) -> HttpResponse:
        """List the caller's jobs, the newest first: of a PHASE, the LAST ones, AFTER a time."""
        identity.refuse_strangers(request.user)
        caller = identity.caller(request, request.user)
        sessions = caller.own(Session.objects.filter(in_background=False))
        asked: dict[str, list[str]] = {}
        for name, values in request.query_params.lists():
            asked.setdefault(name.upper(), []).extend(values)
        if phases := asked.get("PHASE"):
            sessions = sessions.filter(status__in=[_status(phase) for phase in phases])
        if after := asked.get("AFTER"):
            sessions = sessions.filter(created_at__gt=_moment(after[-1]))
        last = min(_whole("LAST", asked.get("LAST", [str(_MOST_JOBS)])[-1], least=1), _MOST_JOBS)
        newest = sessions.defer(*BULKY).select_related("owner").order_by("-created_at")[:last]
        return job_list_document(job_of(session, request, brief=True) for session in newest)

    def post(self, _request: Request) -> HttpResponse:
        """Refuse: a session is started where what it needs is described and checked."""
        raise RefusedError(
            "Jobs are not made here: start a session with POST /api/v1/training-sessions or"
            " /api/v1/prediction-sessions, and follow it here by its id.",
            status=HTTPStatus.FORBIDDEN,
        )


class JobView(_View):
    """One job."""

    @_takes("WAIT", "PHASE")
    def get(self, request: Request, job_id: UUID) -> HttpResponse:
        """Tell of a job; with WAIT not before its phase changes, or a few seconds have passed."""
        session = self.session(job_id)
        asked = {name.upper(): value for name, value in request.query_params.items()}
        if "WAIT" in asked and session.status in UNFINISHED:
            seconds = _whole("WAIT", asked["WAIT"], least=-1)
            # Whoever knows another phase than this one has nothing to wait for.
            if asked.get("PHASE", PHASES[session.status]).upper() == PHASES[session.status]:
                _wait(session, _LONGEST_WAIT if seconds < 0 else min(seconds, _LONGEST_WAIT))
                session = self.session(job_id)
        return job_document(job_of(session, request))

    def delete(self, request: Request, job_id: UUID) -> HttpResponse:
        """Delete a job, which is aborted first where it has not ended."""
        session = self.session(job_id)
        if session.status in UNFINISHED:
            services.cancel_session(session.pk, by=request.user.pk)
        services.delete_session(session, by=request.user.pk)
        return _SeeOther(reverse("uws-jobs"))

    def post(self, request: Request, job_id: UUID) -> HttpResponse:
        """Delete a job for a client that can only post (ACTION=DELETE)."""
        if not self._deletes:
            raise RefusedError("ACTION must be DELETE: nothing else is done to a job here.")
        return self.delete(request, job_id)


class JobPartView(_View):
    """One part of a job, by its name."""

    def get(self, request: Request, job_id: UUID, part: str) -> HttpResponse:
        """Tell a part of a job: most in a word, its parameters and results as lists."""
        tell = _PARTS.get(part)
        if tell is None:
            raise Http404
        return tell(job_of(self.session(job_id), request))

    def post(self, request: Request, job_id: UUID, part: str) -> HttpResponse:
        """Abort a job (PHASE=ABORT); nothing else of it can be changed."""
        if part not in _PARTS:
            raise Http404
        session = self.session(job_id)
        if part != "phase":
            raise RefusedError(
                f"The {part} of a job cannot be changed on this server.",
                field=part,
                status=HTTPStatus.FORBIDDEN,
            )
        match _sent(request, "PHASE"):
            case "ABORT":
                services.cancel_session(session.pk, by=request.user.pk)
            case "RUN" if session.status in UNFINISHED:
                # It was queued when it was made: there is nothing left to start.
                pass
            case sent:
                raise RefusedError(
                    f"PHASE was {sent[:20]!r}, but it must be ABORT; a session is queued when it is"
                    " made.",
                    field="PHASE",
                    allowed=["ABORT"],
                )
        return _SeeOther(reverse("uws-job", args=[job_id]))


class ResultView(_View):
    """One result of a job."""

    def get(self, _request: Request, job_id: UUID, name: str) -> HttpResponse:
        """Lead to where the result is in the API."""
        address = result_addresses(self.session(job_id)).get(name)
        if address is None:
            raise Http404
        return _SeeOther(address)


class AvailabilityView(_View):
    """VOSI availability."""

    def get(self, _request: Request) -> HttpResponse:
        """Tell whether sessions are accepted and run."""
        health = selectors.health()
        return availability_document(health.problems, health.warnings)


class CapabilitiesView(_View):
    """VOSI capabilities."""

    def get(self, request: Request) -> HttpResponse:
        """Tell what there is here."""
        return capabilities_document(request.build_absolute_uri(reverse("uws-jobs")))


def _wait(session: Session, seconds: float) -> None:
    """Return when a session's status is another one, or so much time has passed."""
    if not _waiting.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))
            standing = selectors.standing(session.pk)
            if standing is None or standing.status != session.status:
                return
    finally:
        _waiting.release()


def _sent(request: Request, name: str) -> str:
    """Return a word that a form has, under its name in capitals or in small letters."""
    data: Any = request.data if isinstance(request.data, dict) else {}
    return str(data.get(name, data.get(name.lower(), ""))).upper()


def _status(phase: str) -> str:
    found = next((status for status, word in PHASES.items() if word == phase.upper()), None)
    if found is not None:
        return found
    # What no session can be in there are none of.
    if phase.upper() in _OTHER_PHASES:
        return ""
    allowed = [*PHASES.values(), *_OTHER_PHASES]
    raise RefusedError(
        f"PHASE was {phase[:20]!r}, but it must be one of {', '.join(allowed)}.",
        field="PHASE",
        allowed=allowed,
    )


_OTHER_PHASES = ("PENDING", "HELD", "SUSPENDED", "UNKNOWN", "ARCHIVED")


def _whole(name: str, text: str, *, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise RefusedError(
            f"{name} was {text[:20]!r}, but it must be a whole number from {least}.", field=name
        )
    return number


def _moment(text: str) -> Any:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise RefusedError(
            f"AFTER was {text[:40]!r}, but it must be a time such as 2026-12-01T12:00:00Z.",
            field="AFTER",
        )
    return make_aware(moment) if is_naive(moment) else moment


def _text(value: str | None) -> HttpResponse:
    return HttpResponse(value or "", content_type="text/plain; charset=utf-8")


_PARTS: dict[str, Callable[[Job], HttpResponse]] = {
    "phase": lambda job: _text(job.phase),
    "executionduration": lambda job: _text(str(job.execution_duration)),
    "destruction": lambda job: _text(job.destruction),
    "quote": lambda job: _text(job.quote),
    "owner": lambda job: _text(job.owner),
    "error": lambda job: _text(job.error),
    "parameters": parameters_document,
    "results": results_document,
}
