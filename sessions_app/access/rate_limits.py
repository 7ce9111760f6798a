"""How often a caller may ask: each kind of request has a rate of its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings

from sessions_app.access import request_counts
from sessions_app.access.identity import address_key
from sessions_app.access.ownership import USER
from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["LOGGING_IN", "READING", "STARTING", "refuse_one_too_many", "seconds_to_wait"]

READING, STARTING, LOGGING_IN = "reading", "starting", "logging in"


def refuse_one_too_many(scope: str, request: HttpRequest, user: Any) -> None:
    """Count a request; raise RefusedError, with 429, when it is one too many."""
    wait = seconds_to_wait(scope, request, user)
    if wait:
        raise RefusedError(
            f"These are too many requests: wait {wait} seconds.",
            status=HTTPStatus.TOO_MANY_REQUESTS,
            retry_after=wait,
        )


def seconds_to_wait(scope: str, request: HttpRequest, user: Any) -> int:
    """Count a request and return how long its sender has to wait [s]; 0 when it may go on.

    An anonymous caller is their address and not their cookie, which costs nothing.
    """
    # Read each time: a test or an operator's shell may change them.
    per_minute = {
        READING: settings.EXOPLANET_READS_PER_MINUTE,
        STARTING: settings.EXOPLANET_STARTS_PER_MINUTE,
        LOGGING_IN: settings.EXOPLANET_LOGINS_PER_MINUTE,
    }[scope]
    known = user is not None and user.is_authenticated
    who = f"{USER}{user.pk}" if known else address_key(request)
    return request_counts.seconds_to_wait(scope, who, per_minute=per_minute)
