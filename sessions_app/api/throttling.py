"""The API's throttle; the rates themselves are those of every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.throttling import BaseThrottle

from sessions_app.access.rate_limits import refuse_one_too_many

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["ScopeThrottle"]


class ScopeThrottle(BaseThrottle):
    """Throttles a view by the scope that it names as its `throttle_scope`; none is free."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count a request and refuse, in the words of every interface, one that is one too many."""
        scope = getattr(view, "throttle_scope", None)
        if scope:
            refuse_one_too_many(scope, request, request.user)
        return True
