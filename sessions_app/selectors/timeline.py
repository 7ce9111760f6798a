"""What happened to a session and when, how much longer it may take, and how many wait before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Func, Min, TextField, Value
from django.utils import timezone

from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import ProgressEntry, Session

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sessions_app.selectors.sessions import Standing

__all__ = ["Moment", "Timing", "timeline", "timing_of"]

_MOST_STEPS = 100
_ENOUGH = 4.0
"""From how many percent on what is left can be told from what was done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Something that began."""

    what: str
    at: datetime
    seconds: float | None
    """Until the next one [s]; None of the last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How long a session has taken, and how much longer it may."""

    elapsed: timedelta
    left: timedelta | None
    """By what was done until now; None where that is too little to tell."""
    before: int | None
    """While it waits, how many sessions have waited longer; else None."""


def timing_of(session: Session, standing: Standing) -> Timing:
    """Return how long a session has taken, and how much longer it may take."""
    until = session.finished_at or timezone.now()
    elapsed = until - (session.started_at or session.created_at)
    left = None
    if standing.status not in FINAL and session.started_at and standing.percent >= _ENOUGH:
        left = elapsed * ((100.0 - standing.percent) / standing.percent)
    before = None
    if standing.status == Status.QUEUED:
        before = Session.objects.filter(
            status=Status.QUEUED,
            in_background=session.in_background,
            queued_at__lt=session.queued_at,
        ).count()
    return Timing(elapsed=elapsed, left=left, before=before)


def timeline(session: Session) -> tuple[Moment, ...]:
    """Return what happened to a session: accepted, begun, each step of its last attempt, ended."""
    happened = [("Accepted", session.created_at)]
    if session.queued_at > session.created_at and session.attempts:
        happened.append(("Queued again", session.queued_at))
    if session.started_at is not None:
        happened.append((f"Attempt {session.attempts} began", session.started_at))
        happened += _steps(session.pk, session.started_at)
    if session.finished_at is not None:
        happened.append((f"Ended: {session.get_status_display()}", session.finished_at))
    happened.sort(key=lambda one: one[1])
    later = [at for _, at in happened[1:]]
    return tuple(
        Moment(what=what, at=at, seconds=(after - at).total_seconds() if after else None)
        for (what, at), after in zip(happened, [*later, None], strict=True)
    )


def _steps(session_id: object, since: datetime) -> list[tuple[str, datetime]]:
    # The name of a step, without the count that follows it.
    name = Func("step", Value(":"), 1, function="split_part", output_field=TextField())
    rows = ProgressEntry.objects.filter(session_id=session_id, at__gte=since).order_by()
    begun = rows.annotate(name=name).values("name").annotate(first=Min("at"), place=Min("id"))
    steps = begun.order_by(F("place")).values_list("name", "first")[:_MOST_STEPS]
    # What it ended with is told by its end.
    return [(name, first) for name, first in steps if not name.startswith("Completed")]
