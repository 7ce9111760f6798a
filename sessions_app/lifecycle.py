"""The states of a session and of its attempts, and the only writer of them.

A move is one conditional UPDATE that must change one row: of two processes that try the same move,
one succeeds, whatever they believed before. What it means for the attempt is written in the same
transaction. A worker that ends a session passes only the sessions of its own attempt, so that one
that was given up for dead and lives on cannot end what another worker runs by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

__all__ = [
    "FINAL",
    "MOST_ATTEMPTS",
    "UNFINISHED",
    "AttemptEnding",
    "IllegalMoveError",
    "Status",
    "cancel",
    "claim",
    "complete",
    "fail",
    "interrupt",
    "retry",
]


class Status(models.TextChoices):
    """Where a session stands."""

    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    COMPLETED = "completed", "completed"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class AttemptEnding(models.TextChoices):
    """How an attempt ended."""

    COMPLETED = "completed", "completed"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"
    INTERRUPTED = "interrupted", "interrupted"


FINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})
"""States that a session never leaves by itself: only its user may ask for another try."""

MOST_ATTEMPTS = 3
"""How often a session that is interrupted is begun before it counts as one that cannot finish."""

UNFINISHED = frozenset({Status.QUEUED, Status.RUNNING})
"""States in which a session waits or runs."""
_FIGURES = ("peak_memory_bytes", "cpu_seconds")


class IllegalMoveError(Exception):
    """A session was not in a state from which it can move to the wanted one."""


def claim(sessions: models.QuerySet[Any], session_id: UUID, *, worker: str = "") -> int | None:
    """Move a queued session to running and return the attempt's number.

    Of several workers one claims it, and none does after a cancellation: None. Who runs it is said
    for the record.
    """
    now = timezone.now()
    with transaction.atomic():
        waiting = sessions.filter(pk=session_id, status=Status.QUEUED)
        if not waiting.update(status=Status.RUNNING, started_at=now, attempts=F("attempts") + 1):
            return None
        # One that nobody ended, should there be such a one, must not keep the session from running.
        _end_attempt(session_id, AttemptEnding.INTERRUPTED)
        number = int(sessions.values_list("attempts", flat=True).get(pk=session_id))
        _attempts().create(session_id=session_id, number=number, worker=worker, started_at=now)
    return number


def interrupt(sessions: models.QuerySet[Any], session_id: UUID, **details: Any) -> Status | None:
    """Move a running session, of which it is known that nothing runs it, back to queued.

    After too many attempts it fails instead. Returns where it stands now; None when it did not run.
    The details are what is known of the attempt: `traceback`, `peak_memory_bytes`, `cpu_seconds`.
    """
    tries = MOST_ATTEMPTS
    running = sessions.filter(pk=session_id, status=Status.RUNNING)
    reason = "The attempt was interrupted before it was done."
    with transaction.atomic():
        may_try_again = running.filter(attempts__lt=F("attempts_before") + tries)
        again = {"status": Status.QUEUED, "queued_at": timezone.now(), "started_at": None}
        if may_try_again.update(**again):
            _end_attempt(session_id, AttemptEnding.INTERRUPTED, error=reason, **details)
            return Status.QUEUED
        error = f"The session was interrupted {tries} times and given up."
        if running.update(status=Status.FAILED, finished_at=timezone.now(), error=error, **details):
            _end_attempt(session_id, AttemptEnding.INTERRUPTED, error=reason, **details)
            return Status.FAILED
    return None


def complete(sessions: models.QuerySet[Any], session_id: UUID, **result: Any) -> None:
    """Move a running session to completed and write its result, or raise IllegalMoveError."""
    moved = _end(sessions, session_id, Status.COMPLETED, origins={Status.RUNNING}, fields=result)
    if not moved:
        raise IllegalMoveError(f"session {session_id} does not run")


def fail(sessions: models.QuerySet[Any], session_id: UUID, *, error: str, **details: Any) -> bool:
    """Move an unfinished session to failed with a sentence for the user."""
    fields = {"error": error, **details}
    return _end(sessions, session_id, Status.FAILED, origins=UNFINISHED, fields=fields)


def cancel(sessions: models.QuerySet[Any], session_id: UUID) -> bool:
    """Move an unfinished session to cancelled; False when it has ended already."""
    fields = {"error": "The session was cancelled."}
    return _end(sessions, session_id, Status.CANCELLED, origins=UNFINISHED, fields=fields)


def retry(sessions: models.QuerySet[Any], session_id: UUID) -> bool:
    """Move a failed or cancelled session back to queued; False when it is neither."""
    ended = sessions.filter(pk=session_id, status__in={Status.FAILED, Status.CANCELLED})
    cleared = dict.fromkeys(("started_at", "finished_at", *_FIGURES))
    moved = ended.update(
        status=Status.QUEUED,
        queued_at=timezone.now(),
        attempts_before=F("attempts"),
        error="",
        traceback="",
        **cleared,
    )
    return moved == 1


def _end(
    sessions: models.QuerySet[Any],
    session_id: UUID,
    to: Status,
    *,
    origins: set[Status] | frozenset[Status],
    fields: Mapping[str, Any],
) -> bool:
    with transaction.atomic():
        unfinished = sessions.filter(pk=session_id, status__in=origins)
        if not unfinished.update(status=to, finished_at=timezone.now(), **fields):
            return False
        kept = {name: fields[name] for name in ("error", "traceback", *_FIGURES) if name in fields}
        _end_attempt(session_id, AttemptEnding(to), **kept)
    return True


def _end_attempt(session_id: UUID, ending: AttemptEnding, **details: Any) -> None:
    # A session that never began has no attempt to end.
    _attempts().filter(session_id=session_id, ending="").update(
        ending=ending, ended_at=timezone.now(), **details
    )


def _attempts() -> models.Manager[Any]:
    # By name: the model's module needs the states that this one declares.
    attempts: models.Manager[Any] = apps.get_model("sessions_app", "Attempt").objects
    return attempts
