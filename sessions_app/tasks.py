"""What the queue calls."""

from __future__ import annotations

from uuid import UUID

from sessions_app import execution, presence

__all__ = ["prepare_worker", "run_session"]


def run_session(session_id: str) -> None:
    """Run the session of this id."""
    execution.execute(UUID(session_id))


def prepare_worker(name: str) -> None:
    """Make a worker known and ready, once, when it starts."""
    presence.announce(name)
    execution.warm_up()
