"""What the queue calls."""

from __future__ import annotations

from sessions_app import services
from sessions_app.execution import worker
from sessions_app.queue import presence
from sessions_app.queue.lanes import Lane, own_lane

__all__ = ["prepare_worker", "reload_table", "run_next"]


def run_next() -> None:
    """Run the session whose turn it is."""
    worker.execute_next(own_lane())


def prepare_worker(name: str) -> None:
    """Make a worker known and ready, once, when it starts."""
    lane = own_lane()
    presence.announce(name, presence.WORKERS[lane])
    if lane is Lane.FIRST_ANSWERS:
        # Evidence can wait until the libraries are imported.
        worker.warm_up()


def reload_table(load_id: int) -> None:
    """Load a mission's table that an operator asked for."""
    services.reload_now(load_id)
