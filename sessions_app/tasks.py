"""What the queue calls."""

from __future__ import annotations

from sessions_app.execution import worker
from sessions_app.queue import presence

__all__ = ["prepare_worker", "run_next"]


def run_next() -> None:
    """Run the session whose turn it is."""
    worker.execute_next()


def prepare_worker(name: str) -> None:
    """Make a worker known and ready, once, when it starts."""
    presence.announce(name)
    worker.warm_up()
