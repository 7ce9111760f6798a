"""Polls of where a session stands, answered before Django makes a request of them.

What Django does with each request (a request and a response object, its middlewares, the resolver,
signals) takes several times as long as the question to the database, and changes nothing of such an
answer but its headers. So Django answers the first poll of each sort, and whatever is not the plain
case; its headers go with the answers to the next ones. Whoever has the answer already, by its ETag,
is told so in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import Error

from exoplanet.middleware.request_id import REQUEST_ID, name_of
from sessions_app.api.polls import etag_of, is_known, public_standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sessions_app.api.polls import Poll

__all__ = ["PollsFirst"]

_SORTS_KEPT = 256
"""Sorts of request whose headers are kept; callers can invent them."""
_DEPENDS_ON = (
    "wsgi.url_scheme",
    "SERVER_NAME",
    "SERVER_PORT",
    "HTTP_HOST",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_ORIGIN",
    "HTTP_ACCEPT",
)
"""What of a request may change an answer's headers, or whether there is one."""
_FOUND, _UNCHANGED = "200 OK", "304 Not Modified"
_OWN = frozenset({REQUEST_ID.lower(), "content-length", "etag"})
"""Headers that differ from answer to answer."""


class PollsFirst:
    """A WSGI application that answers plain polls, and passes everything else on.

    Parameters
    ----------
    application
        Answers everything.
    polls
        The addresses that are polled.
    """

    def __init__(self, application: Callable[..., Any], polls: Collection[Poll]) -> None:
        self._application = application
        self._polls = polls
        # Of each sort, those of either status.
        self._headers: dict[tuple[Any, ...], dict[str, list[tuple[str, str]]]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer."""
        path = environ.get("PATH_INFO", "")
        for poll in self._polls:
            if (match := poll.address.fullmatch(path)) is not None:
                break
        else:
            return self._application(environ, start_response)
        if not _is_plain(environ):
            return self._application(environ, start_response)
        sort = (poll.address, *map(environ.get, _DEPENDS_ON))
        known = self._headers.get(sort)
        if known is None:
            return self._application(environ, self._noting(sort, start_response))
        try:
            standing = public_standing(UUID(match[1]), poll.kinds)
        except Error:
            standing = None
        if standing is None:
            # Django finds out who asks, and words what is wrong.
            return self._application(environ, start_response)
        body = poll.body(standing)
        etag = etag_of(body)
        seen = environ.get("HTTP_IF_NONE_MATCH")
        status = _UNCHANGED if seen and is_known(etag, seen) else _FOUND
        headers = known.get(status)
        if headers is None:
            return self._application(environ, self._noting(sort, start_response))
        own = [("ETag", etag), (REQUEST_ID, name_of(environ.get("HTTP_X_REQUEST_ID", "")))]
        if status == _UNCHANGED:
            body = b""
        else:
            own.append(("Content-Length", str(len(body))))
        start_response(status, [*headers, *own])
        return [body]

    def _noting(
        self, sort: tuple[Any, ...], start_response: Callable[..., Any]
    ) -> Callable[..., Any]:
        """Return what starts a response and keeps its headers, if they fit the next one too."""

        def start(status: str, headers: Iterable[tuple[str, str]], *more: Any) -> Any:
            kept = [(name, value) for name, value in headers if name.lower() not in _OWN]
            names = {name.lower() for name, _ in kept}
            # One that depends on who asks, such as of a private session, says so.
            varies = any("cookie" in v.lower() for name, v in kept if name.lower() == "vary")
            if status in {_FOUND, _UNCHANGED} and "set-cookie" not in names and not varies:
                if len(self._headers) >= _SORTS_KEPT:
                    self._headers.clear()
                self._headers.setdefault(sort, {})[status] = kept
            return start_response(status, headers, *more)

        return start


def _is_plain(environ: dict[str, Any]) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("QUERY_STRING")
        and environ.get("CONTENT_LENGTH", "") in {"", "0"}
        and "HTTP_TRANSFER_ENCODING" not in environ
        and "HTTP_IF_MATCH" not in environ
    )
