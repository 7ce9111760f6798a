"""What the queue is like at this moment: one query, and no model, so that it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from sessions_app.queue.lanes import Lane
from sessions_app.queue.presence import COUNT_PRESENT, Role

_ROLES = {
    "workers": Role.WORKER,
    "reapers": Role.REAPER,
    "busy": Role.BUSY,
    "evidence_workers": Role.EVIDENCE_WORKER,
    "evidence_busy": Role.BUSY_WITH_EVIDENCE,
}
_COUNTED = ", ".join(f"({COUNT_PRESENT}) AS {name}" for name in _ROLES)
_ASK = f"""
    SELECT {_COUNTED},
        count(*) FILTER (WHERE NOT in_background) AS waiting,
        count(*) FILTER (WHERE in_background) AS evidence_waiting,
        greatest(
            extract(epoch FROM now() - min(queued_at) FILTER (WHERE NOT in_background))::float, 0
        ) AS oldest_seconds,
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
    """Sessions that are run and that somebody waits for."""
    waiting: int
    """Sessions that wait and that somebody waits for."""
    oldest_seconds: float
    """How long the session of these that waits longest has waited [s]; 0 when none waits. Since it
    was accepted, asked for again or interrupted."""
    newest_attempt: int
    """Number of the attempt that was begun last, over all sessions; 0 before the first."""
    evidence_workers: int = 1
    """Workers that are alive and gather evidence."""
    evidence_busy: int = 0
    evidence_waiting: int = 0
    """First answers whose evidence waits to be gathered."""

    def workers_of(self, lane: Lane) -> int:
        """Return how many workers of a lane are alive."""
        return self.evidence_workers if lane is Lane.EVIDENCE else self.workers

    def waits_for_a_worker(self, lane: Lane) -> bool:
        """Tell whether a session of a lane waits while one of its workers is free."""
        if lane is Lane.EVIDENCE:
            return self.evidence_waiting > 0 and self.evidence_busy < self.evidence_workers
        return self.waiting > 0 and self.busy < self.workers


def queue_facts() -> QueueFacts:
    """Ask the database; that it cannot be asked is a Django DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [int(role) for role in _ROLES.values()])
        names = [column.name for column in cursor.description]
        return QueueFacts(**dict(zip(names, cursor.fetchone(), strict=True)))
