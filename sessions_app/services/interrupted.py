"""Taking up sessions that were interrupted by no fault of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django_q.models import OrmQ

from sessions_app import lifecycle
from sessions_app.lifecycle import Status
from sessions_app.models import Session
from sessions_app.presence import workers_present
from sessions_app.services.queue import enqueue

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["MOST_ATTEMPTS", "TakenUp", "take_up_interrupted"]

MOST_ATTEMPTS = 3
"""How often a session is begun before it counts as one that cannot be finished here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenUp:
    """What became of sessions that nothing ran."""

    queued_again: tuple[UUID, ...]
    given_up: tuple[UUID, ...]


def take_up_interrupted() -> TakenUp:
    """Queue again what nothing runs and nothing would run, or give it up after many attempts.

    Does nothing while a worker is alive: a running session may then be its.
    """
    again: list[UUID] = []
    given_up: list[UUID] = []
    with transaction.atomic():
        if workers_present():
            return TakenUp(queued_again=(), given_up=())
        tasks: dict[str, list[int]] = {}
        for task in OrmQ.objects.all():
            tasks.setdefault(task.name(), []).append(task.pk)
        unfinished = Session.objects.exclude(status__in=lifecycle.FINAL).order_by("created_at")
        for session in unfinished.select_for_update():
            waits = session.status == Status.QUEUED and str(session.pk) in tasks
            if waits:
                continue
            # The task that the dead worker took stays locked for as long as a job may run.
            OrmQ.objects.filter(pk__in=tasks.get(str(session.pk), [])).delete()
            if session.attempts >= MOST_ATTEMPTS:
                lifecycle.fail(
                    Session.objects.all(),
                    session.pk,
                    error=f"The session was interrupted {session.attempts} times and given up.",
                )
                given_up.append(session.pk)
                continue
            if session.status == Status.RUNNING:
                lifecycle.requeue(Session.objects.all(), session.pk)
            enqueue(session)
            again.append(session.pk)
    return TakenUp(queued_again=tuple(again), given_up=tuple(given_up))
