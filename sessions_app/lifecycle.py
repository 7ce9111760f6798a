"""The states of a session, and the only writer of them.

A move is one conditional UPDATE that must change one row: of two processes that try the same move,
one succeeds, whatever they believed before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F
from django.utils import timezone

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["FINAL", "IllegalMoveError", "Status", "cancel", "claim", "complete", "fail", "requeue"]


class Status(models.TextChoices):
    """Where a session stands."""

    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


FINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})
"""States that a session never leaves."""

_MOVES = {
    Status.QUEUED: {Status.RUNNING},
    Status.RUNNING: {Status.QUEUED},
    Status.COMPLETED: {Status.RUNNING},
    Status.FAILED: {Status.QUEUED, Status.RUNNING},
    Status.CANCELLED: {Status.QUEUED, Status.RUNNING},
}


class IllegalMoveError(Exception):
    """A session was not in a state from which it can move to the wanted one."""


def claim(sessions: models.QuerySet[Any], session_id: UUID) -> bool:
    """Move a queued session to running; False when there is nothing to claim.

    A task that is delivered twice, or after a cancellation, finds nothing to claim.
    """
    return _move(
        sessions,
        session_id,
        Status.RUNNING,
        started_at=timezone.now(),
        attempts=F("attempts") + 1,
    )


def requeue(sessions: models.QuerySet[Any], session_id: UUID) -> bool:
    """Move a running session, of which it is known that nothing runs it, back to queued."""
    return _move(sessions, session_id, Status.QUEUED, started_at=None)


def complete(sessions: models.QuerySet[Any], session_id: UUID, **result: Any) -> None:
    """Move a running session to completed and write its result.

    Raises
    ------
    IllegalMoveError
        When it no longer runs.
    """
    if not _move(sessions, session_id, Status.COMPLETED, finished_at=timezone.now(), **result):
        raise IllegalMoveError(f"session {session_id} does not run")


def fail(sessions: models.QuerySet[Any], session_id: UUID, *, error: str, **details: Any) -> bool:
    """Move an unfinished session to failed with a sentence for the user."""
    return _move(
        sessions, session_id, Status.FAILED, finished_at=timezone.now(), error=error, **details
    )


def cancel(sessions: models.QuerySet[Any], session_id: UUID) -> bool:
    """Move an unfinished session to cancelled; False when it has ended already."""
    return _move(
        sessions,
        session_id,
        Status.CANCELLED,
        finished_at=timezone.now(),
        error="The session was cancelled.",
    )


def _move(sessions: models.QuerySet[Any], session_id: UUID, to: Status, **fields: Any) -> bool:
    waiting = sessions.filter(pk=session_id, status__in=_MOVES[to])
    return waiting.update(status=to, **fields) == 1
