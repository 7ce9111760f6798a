"""What happened to a session, and when: from the moment it was accepted to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Func, Min, TextField, Value

from sessions_app.models import ProgressEntry

if TYPE_CHECKING:
    from datetime import datetime

    from sessions_app.models import Session

__all__ = ["Moment", "timeline"]

_MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Something that began."""

    what: str
    at: datetime
    seconds: float | None
    """Until the next one [s]; None of the last."""


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
