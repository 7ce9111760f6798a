"""What the queue calls."""

from __future__ import annotations

from uuid import UUID

from sessions_app.execution import worker
from sessions_app.queue import presence

__all__ = ["prepare_worker", "run_session"]


def run_session(session_id: str) -> None:
    """Run the session of this id."""
    worker.execute(UUID(session_id))


def prepare_worker(name: str) -> None:
    """Make a worker known and ready, once, when it starts."""
    presence.announce(name)
    worker.warm_up()
