"""What a session did, and when; and, while it waits, how many wait before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import ProgressEntry, Session

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sessions_app.selectors.sessions import Standing

__all__ = ["Stage", "Timing", "stages_of", "timing_of"]

_ENOUGH = 4.0
"""From how many percent on what is left can be told from what was done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A stage of a session's work."""

    name: str
    began: datetime
    seconds: float
    """Until the next one began, or until now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How long a session has taken, and how much longer it may."""

    elapsed: timedelta
    left: timedelta | None
    """By what was done until now; None where that is too little to tell."""
    before: int | None
    """While it waits, how many sessions have waited longer; else None."""


def stages_of(session: Session) -> list[Stage]:
    """Return the stages of a session's work so far, in their order.

    Reports of the same stage, which count how much of it is done, are one.
    """
    entries = ProgressEntry.objects.filter(session=session.pk).order_by("id")
    begun: list[tuple[str, datetime]] = []
    for step, at in entries.values_list("step", "at"):
        name = step.split(":")[0]
        if not begun or begun[-1][0] != name:
            begun.append((name, at))
    ends = [at for _, at in begun[1:]]
    ends.append(session.finished_at or timezone.now())
    return [
        Stage(name=name, began=at, seconds=max((until - at).total_seconds(), 0.0))
        for (name, at), until in zip(begun, ends, strict=False)
    ]


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
