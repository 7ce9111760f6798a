"""Whether the service is well: the facts, and what is wrong with them in sentences."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError

from sessions_app.monitoring.store import store_answers
from sessions_app.queue.status import queue_facts

if TYPE_CHECKING:
    from sessions_app.queue.status import HostFacts, QueueFacts

_BYTES_IN_MB = 10**6


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """Whether requests can be served and sessions will run."""

    queue: QueueFacts | None
    """Who works and what waits; None where the database does not answer."""
    free_bytes: dict[str, int]
    """Room on the disks of the folders `media` and `state` [bytes]."""
    store: bool = True
    """Whether the store of files answers, where it is not on this host."""

    @property
    def database(self) -> bool:
        """Whether the database answers."""
        return self.queue is not None

    @property
    def workers(self) -> int:
        """Workers that are alive."""
        return self.queue.workers if self.queue else 0

    @property
    def hosts(self) -> tuple[HostFacts, ...]:
        """Who is there on each host."""
        return self.queue.hosts if self.queue else ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What keeps sessions from being accepted or from running."""
        if self.queue is None:
            return ("The database does not answer.",)
        sentences = []
        if not self.queue.workers:
            sentences.append("No worker is running, so that sessions only wait.")
        if not self.store:
            sentences.append("The store of files does not answer.")
        least = settings.EXOPLANET_FREE_DISK_MB
        sentences += [
            f"The disk of the {name} folder has {free / _BYTES_IN_MB:.0f} MB left, less than the"
            f" {least} MB that are needed."
            for name, free in self.free_bytes.items()
            if free < least * _BYTES_IN_MB
        ]
        return tuple(sentences)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should look at although sessions run."""
        if self.queue is None:
            return ()
        sentences = []
        if not self.queue.reapers:
            sentences.append("No reaper is running, so that interrupted sessions stay as they are.")
        sentences += [
            f"No worker is running on host {host.name}, whose part it is to run some."
            for host in self.hosts
            if host.lacks_workers and self.queue.workers
        ]
        if self.queue.evidence_waiting and not self.queue.evidence_workers:
            sentences.append(
                "No worker gathers evidence, so that first answers are not deepened: run manage.py"
                " work --evidence."
            )
        if self.queue.oldest_seconds > settings.EXOPLANET_QUEUE_WARNING_SECONDS:
            minutes = f"{self.queue.oldest_seconds / 60:.0f} minutes"
            sentences.append(f"The session that waits longest has waited for {minutes}.")
        return tuple(sentences)


def health() -> Health:
    """Ask the database, and through it who is alive, the disks and the store of files."""
    free = free_bytes()
    try:
        return Health(queue=queue_facts(), free_bytes=free, store=store_answers())
    except DatabaseError:
        return Health(queue=None, free_bytes=free)


def free_bytes() -> dict[str, int]:
    """Return the room on the disks of the folders `media` and `state` [bytes]."""
    free = {"media": 0, "state": 0}
    for name, folder in (("media", settings.MEDIA_ROOT), ("state", settings.EXOPLANET_STATE_DIR)):
        with suppress(OSError):
            free[name] = shutil.disk_usage(folder).free
    return free
