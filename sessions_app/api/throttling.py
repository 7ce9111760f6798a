"""The API's throttle; the rates themselves are those of every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.throttling import BaseThrottle

from sessions_app.access.rate_limits import seconds_to_wait

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["ScopeThrottle"]


class ScopeThrottle(BaseThrottle):
    """Throttles a view by the scope that it names as its `throttle_scope`; none is free."""

    _wait = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count a request and tell whether it is within its rate."""
        scope = getattr(view, "throttle_scope", None)
        self._wait = seconds_to_wait(scope, request._request, request.user) if scope else 0  # noqa: SLF001 - Django's own request
        return self._wait == 0

    def wait(self) -> float:
        """Return how long the caller has to wait [s]."""
        return float(self._wait)
