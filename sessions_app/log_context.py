"""What the work at hand is about, for the log: a session, a request."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["about_session", "request_id", "session_id"]

session_id: ContextVar[str] = ContextVar("session_id", default="")
"""The session that is run, shown, cancelled …; empty when it is none."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is answered; empty outside the web."""


@contextmanager
def about_session(identifier: object) -> Iterator[None]:
    """Let every line that is logged within the context carry a session's id."""
    token = session_id.set(str(identifier))
    try:
        yield
    finally:
        session_id.reset(token)
