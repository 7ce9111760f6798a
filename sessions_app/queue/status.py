"""What the queue is like at this moment: one query, and no model, so that it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from sessions_app.queue.presence import COUNT_PRESENT, Role
from sessions_app.queue.session_lock import COUNT_HELD

__all__ = ["QueueFacts", "queue_facts"]

_ASK = f"""
    SELECT ({COUNT_PRESENT}), ({COUNT_PRESENT}), ({COUNT_HELD}),
        (SELECT count(*) FROM sessions_app_session WHERE status = 'queued'),
        (
            SELECT extract(epoch FROM now() - min(queued_at))
            FROM sessions_app_session WHERE status = 'queued'
        ),
        (SELECT max(id) FROM sessions_app_attempt)
"""  # noqa: S608 - constants of our own


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueFacts:
    """Who is there to work, and what waits."""

    workers: int
    """Workers that are alive."""
    reapers: int
    """Reapers that are alive; one is enough."""
    busy: int
    """Sessions that are run."""
    waiting: int
    """Sessions that wait."""
    oldest_seconds: float
    """How long the session that waits longest has waited [s]; 0 when none waits. Since it was
    accepted, asked for again or interrupted."""
    newest_attempt: int
    """Number of the attempt that was begun last, over all sessions; 0 before the first."""


def queue_facts() -> QueueFacts:
    """Ask the database.

    Raises
    ------
    django.db.DatabaseError
        When it cannot be asked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [int(Role.WORKER), int(Role.REAPER)])
        workers, reapers, busy, waiting, oldest, newest = cursor.fetchone()
    return QueueFacts(
        workers=workers,
        reapers=reapers,
        busy=busy,
        waiting=waiting,
        oldest_seconds=max(0.0, float(oldest or 0.0)),
        newest_attempt=newest or 0,
    )
