"""The processes of which a host's roles consist, and who watches each of them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

from exoplanet.environment import BASE_DIR
from exoplanet.supervisor.roles import Role
from exoplanet.supervisor.service import Service
from exoplanet.supervisor.watch_queue import QueueWatch
from exoplanet.supervisor.watch_web import WebWatch
from mlcore._one_thread import ONE_THREAD
from sessions_app.queue.lanes import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from exoplanet.supervisor.address import WebAddress
    from exoplanet.supervisor.log_relay import Relay
    from sessions_app.queue.status import QueueFacts

__all__ = ["Parts", "Watched"]

_MANAGE = str(BASE_DIR / "manage.py")
_WEB_PATIENCE = 60.0
"""How long the web server may leave a request unanswered before it is started again [s]."""
_EVIDENCE_PATIENCE = 4
_REAP_EVERY = 2
"""How often what was interrupted is taken up [s]."""


class _Watch(Protocol):
    def reset(self) -> None: ...

    def complaint(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """A service, and who tells that it does nothing although it lives."""

    service: Service
    watch: _Watch | None = None

    def look(self, report: Callable[[str], None]) -> None:
        """Start it again where it has ended or does nothing."""
        runs = self.service.watch(report)
        if self.watch is None:
            return
        if not runs:
            self.watch.reset()
        elif complaint := self.watch.complaint():
            report(f"{self.service.name} {complaint} and is started again.")
            self.service.restart()


class Parts:
    """The services of a host, none of them started.

    Parameters
    ----------
    roles
        What the host runs.
    address
        Where its web server listens.
    relay
        Passes on what they print; None: they print where the supervisor does.
    facts
        Returns what the queue is like, or raises a DatabaseError. A host looks at its own workers
        alone: another one's are watched by that host.
    """

    def __init__(
        self,
        roles: Collection[Role],
        *,
        address: WebAddress,
        relay: Relay | None,
        facts: Callable[[], QueueFacts],
    ) -> None:
        self._relay = relay
        # With an arena of memory for each of its threads the web server would keep what the largest
        # answer of each needed, for ever; jobs and workers have one thread and do not care.
        self._env = {**os.environ, **ONE_THREAD, "MALLOC_ARENA_MAX": "2"}
        patience = settings.EXOPLANET_QUEUE_PATIENCE_SECONDS

        def own_facts() -> QueueFacts:
            return facts().here()

        # In a process of its own: what it imports and fits must not stay in this one.
        self.preparation = self._service("The preparation", _MANAGE, "prepare")
        self.cleanup = self._service("The cleanup", _MANAGE, "cleanup_sessions")
        self.web_watch = WebWatch(address, patience=_WEB_PATIENCE)
        self.web = Watched(self._web(address), self.web_watch)
        self.queue = Watched(
            self._service("The job queue", _MANAGE, "work"),
            QueueWatch(patience=patience, ask=own_facts),
        )
        self.evidence = Watched(
            self._service("The evidence queue", _MANAGE, "work", "--evidence"),
            # Started when everything else is, and at the lowest priority.
            QueueWatch(patience=_EVIDENCE_PATIENCE * patience, ask=own_facts, lane=Lane.EVIDENCE),
        )
        self.reaper = Watched(
            self._service("The reaper", _MANAGE, "reap_sessions", f"--every={_REAP_EVERY}")
        )
        serving = {Role.WEB: (self.web,), Role.WORKERS: (self.queue,)}
        beside = {Role.REAPER: (self.reaper,), Role.WORKERS: (self.evidence,)}
        # What dead processes left in folders that no other host sees, it alone can remove.
        has_own_files = settings.EXOPLANET_STORAGE is not None
        also = {*roles, Role.REAPER} if has_own_files else roles
        self.first = [part for role in Role if role in roles for part in serving.get(role, ())]
        """What is started first, and has to work before the host counts as started."""
        self.later = [part for role in Role if role in also for part in beside.get(role, ())]
        """What need not be waited for."""

    def _web(self, address: WebAddress) -> Service:
        return self._service(
            "The web server",
            *("-m", "granian", "exoplanet.wsgi:application", "--interface=wsgi"),
            f"--workers={settings.EXOPLANET_WEB_WORKERS}",
            f"--blocking-threads={settings.EXOPLANET_WEB_THREADS}",
            *(f"--host={address.host}", f"--port={address.port}"),
            *("--log-level=warning", "--respawn-failed-workers", "--workers-kill-timeout=3"),
            # One request at a time on a connection, so that who sends slowly is seen.
            "--http=1",
        )

    def _service(self, name: str, *arguments: str) -> Service:
        return Service(
            name=name,
            command=[sys.executable, *arguments],
            env=self._env,
            cwd=BASE_DIR,
            output=None if self._relay is None else self._relay.pipe,
        )
