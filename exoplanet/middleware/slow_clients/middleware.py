"""Clients that send or read slowly hold some threads of the server, and never all of them.

The server has a fixed number of threads. A body that is waited for, or an answer in pieces that
its reader does not take, holds one; the rest stays for everything that waits for nobody.
"""

from __future__ import annotations

import io
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import StreamingHttpResponse, UnreadablePostError

from exoplanet.middleware.slow_clients.body import PatientBody, SlowBodyError
from exoplanet.middleware.slow_clients.connections import end_slow, let_unread_end
from exoplanet.middleware.slow_clients.places import BYTES_PER_SECOND, Full, Place, Places
from sessions_app.access.identity import address_key
from sessions_app.api.errors import refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

__all__ = ["SlowClientsMiddleware"]

_MOST_BODIES, _MOST_ANSWERS = 8, 8
"""How many bodies are waited for, and how many answers are given in pieces, at the same time in
each process of the server."""
_MOST_WAITING = 4
"""How many may wait for a place among each of the two."""
_SLOW_AT_AN_ADDRESS = 3
"""How many slow requests one address may have in each process before it gets no more."""

_MOST_SKIPPED = 10**7
"""How large the rest of a refused body may be [bytes] to be taken all the same."""

_LOOK_SECONDS = 1.0
_PIECE = 1 << 15

_TOO_SLOW = "The request's body comes too slowly; send it again over a faster connection."
_NOT_WHOLE = "The request's body ended before it was whole."
_YOURS = "Too many of your requests are slow; end one, or wait until one has ended."
_OTHERS = "The server has too many slow requests at the moment; send this again in a moment."


class _Watch:
    """One thread a process, which ends the connections of those who are waited for in vain."""

    def __init__(self) -> None:
        self._all: WeakSet[Places] = WeakSet()
        self._lock = threading.Lock()
        self._begun = threading.Lock()

    def add(self, places: Places) -> None:
        """Look after these for as long as they are in use."""
        with self._lock:
            self._all.add(places)

    def begin(self) -> None:
        """Begin, in the process that serves, which is not the one that loaded the settings."""
        if not self._begun.acquire(blocking=False):
            return
        let_unread_end(seconds=settings.EXOPLANET_BODY_PATIENCE_SECONDS)
        threading.Thread(target=self._cut, name="silent clients", daemon=True).start()

    def _cut(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            with self._lock:
                overdue = [place for places in self._all for place in places.overdue()]
            peers = {place.peer for place in overdue} - {""}
            if peers:
                end_slow(peers, bytes_per_second=BYTES_PER_SECOND)


_WATCH = _Watch()


class SlowClientsMiddleware:
    """Bounds who is waited for, before anything reads a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        each = {"slow": _SLOW_AT_AN_ADDRESS, "waiting": _MOST_WAITING}
        self._bodies = Places(total=_MOST_BODIES, **each)
        self._answers = Places(total=_MOST_ANSWERS, **each)
        _WATCH.add(self._bodies)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse what there is no place for."""
        try:
            response = self._with_body(request)
            if isinstance(response, StreamingHttpResponse):
                self._hold(request, response)
        except Full as full:
            return _refusal(request, full)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer where a view could not read the body."""
        body = getattr(request, "patient_body", None)
        if isinstance(error, UnreadablePostError) and body is not None:
            return _unreadable(request, body)
        return None

    def _with_body(self, request: HttpRequest) -> HttpResponseBase:
        stream: Any = request._stream  # type: ignore[attr-defined]  # noqa: SLF001 - Django has no other way
        length = stream.limit if isinstance(stream, LimitedStream) else 0
        if not length:
            # Whatever else comes is not read by anybody.
            return self._get_response(request)
        _WATCH.begin()
        place = self._bodies.take(_place(request))
        body = PatientBody(
            request.environ["wsgi.input"],  # type: ignore[attr-defined]
            length=length,
            place=place,
            # What is done with it then is the server's own time.
            when_whole=lambda: self._bodies.leave(place),
        )
        request.patient_body = body  # type: ignore[attr-defined]
        request._stream = io.BufferedReader(body, _PIECE)  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            response = self._get_response(request)
            if body.failure:
                # What was answered by somebody who took the body for a whole one is not true.
                return _unreadable(request, body)
            body.skip_rest(at_most=_MOST_SKIPPED)
        finally:
            self._bodies.leave(place)
        return response

    def _hold(self, request: HttpRequest, response: StreamingHttpResponse) -> None:
        _WATCH.begin()
        try:
            place = self._answers.take(_place(request))
        except Full:
            response.close()
            raise
        response.streaming_content = _Held(
            iter(response.streaming_content), place=place, places=self._answers
        )


def _place(request: HttpRequest) -> Place:
    return Place(
        who=address_key(request),
        # Behind a proxy, its connections carry everybody's requests.
        peer=""
        if settings.EXOPLANET_PROXIES
        else request.META.get("REMOTE_ADDR", "").removeprefix("::ffff:"),
        patience=settings.EXOPLANET_BODY_PATIENCE_SECONDS,
    )


class SlowReaderError(Exception):
    """The answer is read too slowly; the rest is not given."""


class _Held:
    """The pieces of an answer; between two of them the client is waited for."""

    def __init__(self, pieces: Iterator[bytes], *, place: Place, places: Places) -> None:
        self._pieces, self._place, self._places = pieces, place, places
        self._given = 0

    def __iter__(self) -> _Held:
        return self

    def __next__(self) -> bytes:
        self._place.work(self._given)
        if self._place.patience < 0:
            raise SlowReaderError
        try:
            piece = next(self._pieces)
        except BaseException:
            # Whole or not, nobody waits for more.
            self.close()
            raise
        self._given = len(piece)
        self._place.wait()
        return piece

    def close(self) -> None:
        self._places.leave(self._place)


def _refusal(request: HttpRequest, full: Full) -> HttpResponse:
    if full.by_the_caller:
        return refusal_of(request, _YOURS, HTTPStatus.TOO_MANY_REQUESTS, retry_after=5)
    return refusal_of(request, _OTHERS, HTTPStatus.SERVICE_UNAVAILABLE, retry_after=1)


def _unreadable(request: HttpRequest, body: PatientBody) -> HttpResponse:
    if isinstance(body.failure, SlowBodyError):
        return refusal_of(request, _TOO_SLOW, HTTPStatus.REQUEST_TIMEOUT)
    return refusal_of(request, _NOT_WHOLE, HTTPStatus.BAD_REQUEST)
