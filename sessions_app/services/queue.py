"""Handing a session to the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.queue.tasks import enqueue

if TYPE_CHECKING:
    from sessions_app.models import Session

__all__ = ["enqueue"]


def enqueue(session: Session) -> None:
    """Put a session into the queue, within the transaction that makes it."""
    enqueue(session.pk)
