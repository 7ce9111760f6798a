"""Clients that send or read slowly hold some threads of the server, and never all of them.

The server has a fixed number of threads. A body that is waited for, or an answer in pieces that
its reader does not take, holds one; the rest stays for everything that waits for nobody.
"""

from __future__ import annotations

import io
import threading
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpResponse, StreamingHttpResponse, UnreadablePostError

from exoplanet.middleware.slow_clients.body import PatientBody
from exoplanet.middleware.slow_clients.connections import end_slow, let_unread_end
from exoplanet.middleware.slow_clients.places import BYTES_PER_SECOND, Place, Places
from sessions_app.access.identity import address_key
from sessions_app.api.errors import refusal_of
from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

# In each process of the server: how many are waited for at the same time, how many slow ones of
# one address, and how many may wait for a place.
_BODIES = Places(total=8, slow=3, waiting=4)
_ANSWERS = Places(total=8, slow=3, waiting=4)

_MOST_SKIPPED = 10**7
"""How large the rest of a refused body may be [bytes] to be taken all the same."""
_LOOK_SECONDS = 1.0
_PIECE = 1 << 15

_begun = threading.Lock()


def _begin() -> None:
    """Look after all of them, in the process that serves and not in one that only loads it."""
    if _begun.acquire(blocking=False):
        let_unread_end(seconds=settings.EXOPLANET_BODY_PATIENCE_SECONDS)
        threading.Thread(target=_cut, name="silent clients", daemon=True).start()


def _cut() -> None:
    """End, over and over, the connections of those whose body is waited for in vain."""
    while True:
        time.sleep(_LOOK_SECONDS)
        if peers := {place.peer for place in _BODIES.overdue()} - {""}:
            end_slow(peers, bytes_per_second=BYTES_PER_SECOND)


class SlowClientsMiddleware:
    """Bounds who is waited for, before anything reads a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse what there is no place for."""
        try:
            response = self._with_body(request)
            if isinstance(response, StreamingHttpResponse):
                _hold(request, response)
        except RefusedError as refused:
            return refusal_of(
                request, refused.sentence, refused.status, retry_after=refused.retry_after
            )
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Keep a body that a view could not read from being a defect of the view's."""
        if isinstance(error, UnreadablePostError) and hasattr(request, "patient_body"):
            # The sentence takes its place.
            return HttpResponse()
        return None

    def _with_body(self, request: HttpRequest) -> HttpResponseBase:
        stream: Any = request._stream  # type: ignore[attr-defined]  # noqa: SLF001 - Django has no other way
        length = stream.limit if isinstance(stream, LimitedStream) else 0
        if not length:
            # Whatever else comes is not read by anybody.
            return self._get_response(request)
        _begin()
        place = _BODIES.take(_place(request))
        body = PatientBody(
            request.environ["wsgi.input"],  # type: ignore[attr-defined]
            length=length,
            place=place,
            # What is done with it then is the server's own time.
            when_whole=lambda: _BODIES.leave(place),
        )
        request.patient_body = body  # type: ignore[attr-defined]
        request._stream = io.BufferedReader(body, _PIECE)  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            response = self._get_response(request)
            if body.failure:
                # What was answered by somebody who took the body for a whole one is not true.
                raise body.failure
            body.skip_rest(at_most=_MOST_SKIPPED)
        finally:
            _BODIES.leave(place)
        return response


def _hold(request: HttpRequest, response: StreamingHttpResponse) -> None:
    _begin()
    try:
        place = _ANSWERS.take(_place(request))
    except RefusedError:
        response.close()
        raise
    response.streaming_content = _Held(iter(response.streaming_content), place=place)


def _place(request: HttpRequest) -> Place:
    address = request.META.get("REMOTE_ADDR", "").removeprefix("::ffff:")
    return Place(
        who=address_key(request),
        # Behind a proxy, its connections carry everybody's requests.
        peer="" if settings.EXOPLANET_PROXIES else address,
        patience=settings.EXOPLANET_BODY_PATIENCE_SECONDS,
    )


class SlowReaderError(Exception):
    """The answer is read too slowly; the rest is not given."""


class _Held:
    """The pieces of an answer; between two of them the client is waited for."""

    def __init__(self, pieces: Iterator[bytes], *, place: Place) -> None:
        self._pieces, self._place = pieces, place
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
        _ANSWERS.leave(self._place)
