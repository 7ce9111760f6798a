"""Handing a session to the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_q.tasks import async_task

if TYPE_CHECKING:
    from sessions_app.models import Session

__all__ = ["enqueue"]


def enqueue(session: Session) -> None:
    """Put a session into the queue, within the transaction that makes it.

    The queue is a table of the same database, so that either both are there or neither is: a
    session cannot be accepted and then forgotten. The task carries nothing but the id.
    """
    async_task("sessions_app.tasks.run_session", str(session.id), task_name=str(session.id))
