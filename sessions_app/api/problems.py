"""The kinds of problem that the modern API answers with, one row for each.

What is answered, the page at a problem's address, the schema and the docs derive from these rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

__all__ = ["PROBLEMS", "ProblemKind", "problem_of"]

_EXPLAINED = "/api/v1/problems"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemKind:
    """A kind of problem (RFC 9457), of which every problem of its status is."""

    name: str
    """The last part of the address that explains it."""
    status: HTTPStatus
    meaning: str
    """What has happened, in a sentence."""
    remedy: str
    """What whoever asked can do, in a sentence."""

    @property
    def title(self) -> str:
        """What it is called, the same for all problems of the kind."""
        return self.status.phrase

    @property
    def address(self) -> str:
        """Where it is explained: the `type` of each problem of the kind."""
        # Not resolved: what refuses requests before any view has no part in addresses.
        return f"{_EXPLAINED}/{self.name}"


PROBLEMS = (
    ProblemKind(
        name="validation",
        status=HTTPStatus.BAD_REQUEST,
        meaning="A field, a parameter or the whole request is not what the address takes.",
        remedy="Correct what `field` names; `allowed` lists what it may be, and `errors` each field"
        " where several are wrong.",
    ),
    ProblemKind(
        name="unauthenticated",
        status=HTTPStatus.UNAUTHORIZED,
        meaning="The token is not valid, or only users who are signed in may ask.",
        remedy="Send a token that `POST /api/v1/token` gives, as `Authorization: Token …`.",
    ),
    ProblemKind(
        name="forbidden",
        status=HTTPStatus.FORBIDDEN,
        meaning="Who asks is known and may not do this.",
        remedy="Ask as somebody who may: whose the session is, or an operator with the permission.",
    ),
    ProblemKind(
        name="not-found",
        status=HTTPStatus.NOT_FOUND,
        meaning="There is nothing at the address that the caller may see.",
        remedy="Compare the address with the directory at `/api/v1/`; a session of somebody else is"
        " told from none only to them.",
    ),
    ProblemKind(
        name="method-not-allowed",
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        meaning="The address does not take the request's method.",
        remedy="Use one of those in `allowed`.",
    ),
    ProblemKind(
        name="not-acceptable",
        status=HTTPStatus.NOT_ACCEPTABLE,
        meaning="The request's Accept header excludes the form of the answer.",
        remedy="Accept `application/json`, or send no Accept header.",
    ),
    ProblemKind(
        name="too-slow",
        status=HTTPStatus.REQUEST_TIMEOUT,
        meaning="The request's body came too slowly.",
        remedy="Send it again over a faster connection, or compressed.",
    ),
    ProblemKind(
        name="conflict",
        status=HTTPStatus.CONFLICT,
        meaning="The request does not fit the state in which something is now: a session has no"
        " result yet, has ended already, or is needed by another one.",
        remedy="Look where it stands, and ask again when that has changed.",
    ),
    ProblemKind(
        name="gone",
        status=HTTPStatus.GONE,
        meaning="What a session left is no longer on the server.",
        remedy="Run the session again.",
    ),
    ProblemKind(
        name="too-large",
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        meaning="A file, or the rest of the request, is larger than the server takes.",
        remedy="Send less, fewer columns or rows; the sentence says how much is taken.",
    ),
    ProblemKind(
        name="unsupported-media-type",
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        meaning="A body that is neither JSON nor a form, or a file that is no table.",
        remedy="Send JSON or a form, and a table in one of the formats that are read.",
    ),
    ProblemKind(
        name="key-reused",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        meaning="The Idempotency-Key came with another request before.",
        remedy="Send a new key with a new request.",
    ),
    ProblemKind(
        name="throttled",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        meaning="Too many requests, or too many sessions that have not ended.",
        remedy="Wait for as many seconds as `Retry-After` says.",
    ),
    ProblemKind(
        name="fault",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        meaning="The server met a defect of its own.",
        remedy="Report it with the `request_id`, under which the server's log tells the rest.",
    ),
    ProblemKind(
        name="unavailable",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        meaning="Something that the answer needs is away or busy at the moment.",
        remedy="Send the same request again after as many seconds as `Retry-After` says.",
    ),
    ProblemKind(
        name="no-room",
        status=HTTPStatus.INSUFFICIENT_STORAGE,
        meaning="The server's disk has no room for the file at the moment.",
        remedy="Send it again later, or tell the server's operator.",
    ),
)
_OF_STATUS = {kind.status: kind for kind in PROBLEMS}


def problem_of(status: HTTPStatus) -> ProblemKind:
    """Return the kind of the problems of a status."""
    usual = HTTPStatus.INTERNAL_SERVER_ERROR if status >= 500 else HTTPStatus.BAD_REQUEST
    return _OF_STATUS.get(status, _OF_STATUS[usual])
