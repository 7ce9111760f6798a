"""What the queue is like at this moment: one query, and no model, so that it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from sessions_app.queue.presence import COUNT_PRESENT, Role
from sessions_app.queue.session_lock import COUNT_HELD

_ASK = f"""
    SELECT ({COUNT_PRESENT}) AS workers, ({COUNT_PRESENT}) AS reapers, ({COUNT_HELD}) AS busy,
        count(*) AS waiting,
        greatest(extract(epoch FROM now() - min(queued_at))::float, 0) AS oldest_seconds,
        (SELECT coalesce(max(id), 0) FROM sessions_app_attempt) AS newest_attempt
    FROM sessions_app_session WHERE status = 'queued'
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
    """Ask the database; that it cannot be asked is a Django DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [int(Role.WORKER), int(Role.REAPER)])
        names = [column.name for column in cursor.description]
        return QueueFacts(**dict(zip(names, cursor.fetchone(), strict=True)))
