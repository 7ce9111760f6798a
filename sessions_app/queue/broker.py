"""What wakes a worker of the queue's cluster: that a session waits, in the sessions' own table.

A session has no task of its own. Where one waits and a worker is free, this hands out a task that
says "there is work", and whichever worker takes it claims the session whose turn it is then. So a
task that is lost, late or handed out twice changes nothing but the time: at the next look a session
waits still, or it does not.

Postgres tells when there is something to see, and it is looked for twice a second in case that was
missed. Tasks that are no sessions', an operator's schedules, are django-q's own and come from its
table.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.signing import SignedPackage

from sessions_app.queue.lanes import Lane, own_lane
from sessions_app.queue.notices import Ear, Notice
from sessions_app.queue.status import queue_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.5
"""Before the database is tried again."""
_ARRIVES_SECONDS = 5.0
"""How long a task may take to reach a worker. One that is slower has company: a worker more looks
whether there is work."""


class WakingBroker(ORM):
    """django-q's broker on the database, which wakes workers for the sessions that wait."""

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key)
        self._ear = Ear()
        self._lane = own_lane()
        self._on_its_way_until = 0.0

    def dequeue(self) -> Sequence[tuple[int, str]] | None:
        """Return a task when a worker is free for it; otherwise wait until that may have changed.

        A worker that is not free would leave the task in the cluster's memory, and begin with a
        session when the cluster is told to stop.
        """
        try:
            if not connection.in_atomic_block:
                close_old_connections()
            self._ear.open()
            if self._work_waits_for_a_worker():
                self._on_its_way_until = time.monotonic() + _ARRIVES_SECONDS
                return [(0, _there_is_work())]
            # An operator's schedules are the business of those whom everybody waits for.
            if self._lane is Lane.FIRST_ANSWERS and self.queue_size():
                return super().dequeue()
            if Notice.WORKER in self._ear.wait(Conf.POLL):
                self._on_its_way_until = 0.0
        except (OperationalError, InterfaceError, psycopg.Error) as error:
            # An exception that gets out ends the process that takes tasks, ten seconds later.
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            _log.warning("the queue lost its connection to the database: %s", reason)
            self._ear.close()
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(_PAUSE_SECONDS)
        return None

    def _work_waits_for_a_worker(self) -> bool:
        if time.monotonic() < self._on_its_way_until:
            return False
        return queue_facts().here().waits_for_a_worker(self._lane)


def _there_is_work() -> str:
    """Return a signed package of django-q's; nothing is kept of it unless it fails."""
    task = {
        "id": uuid4().hex,
        "name": "there is work",
        "func": "sessions_app.tasks.run_next",
        "args": (),
        "kwargs": {},
        "started": timezone.now(),
        "save": False,
    }
    return SignedPackage.dumps(task)
