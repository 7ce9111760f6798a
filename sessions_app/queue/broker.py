"""Where the queue's cluster takes its tasks from: a table, woken by notifications, fair by owner.

django-q's own broker for a database polls it five times a second and takes whichever row comes
first. This one

- is told by Postgres that there is something to do, and polls only in case that was missed;
- takes a task by one statement, `FOR UPDATE SKIP LOCKED`, so that no two clusters get the same;
- takes it for the origin, a user or an address, of which the fewest tasks are run, among these for
  the one that was served longest ago; behind one address, for the cookie of which the same is true;
  and of those that are left the oldest. So fifty sessions of one user do not keep another's one
  waiting, and a new cookie for each request brings nobody forward;
- takes one only when a worker is free to run it. django-q fetches ahead into its memory, where a
  task can neither be overtaken by another owner's nor be withdrawn, and where the time after which
  it is delivered again runs already.

The row stays, marked with the time of its next delivery, until the task is acknowledged. A task
that is delivered twice in spite of everything finds its session claimed.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.db.models.functions import Now
from django_q.brokers import Broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from sessions_app.models import Session
from sessions_app.queue.tasks import TASK_OF_A_SESSION, task_key

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FairBroker"]

_log = logging.getLogger(__name__)

_CHANNEL = "exoplanet_queue"
_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Between tries to reach the database again [s]."""

_TASKS, _SESSIONS = OrmQ._meta.db_table, Session._meta.db_table  # noqa: SLF001 - documented


def _session_of(task: str) -> str:
    # An id that can be looked up by the session's index; none for tasks that are no session's.
    return f"CASE WHEN {task}.key ~ '{TASK_OF_A_SESSION}' THEN right({task}.key, 36)::uuid END"


def _turn_by(whom: str) -> str:
    return f"""
        (SELECT count(*) FROM busy WHERE busy.{whom} = session.{whom}),
        (
            SELECT max(started_at) FROM {_SESSIONS} AS earlier
            WHERE earlier.{whom} = session.{whom}
        ) NULLS FIRST
    """  # noqa: S608 - names of our own


_TAKE = f"""
    WITH busy AS (
        SELECT session.origin, session.counted_as
        FROM {_TASKS} AS taken JOIN {_SESSIONS} AS session
            ON session.id = {_session_of("taken")}
        WHERE taken.lock > now()
    )
    UPDATE {_TASKS} SET lock = now() + %(redelivery)s * interval '1 second'
    WHERE id = (
        SELECT task.id FROM {_TASKS} AS task
        LEFT JOIN {_SESSIONS} AS session ON session.id = {_session_of("task")}
        WHERE (task.key = %(queue)s OR task.key ~ %(sessions)s) AND task.lock <= now()
        ORDER BY {_turn_by("origin")}, {_turn_by("counted_as")},
            coalesce(session.created_at, task.lock), task.id
        LIMIT 1
        FOR UPDATE OF task SKIP LOCKED
    )
    RETURNING id, payload
"""  # noqa: S608 - the names of our own tables


class FairBroker(Broker):
    """django-q's broker on its table in Postgres."""

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key)
        self._ear = _Ear()
        self._taken: set[int] = set()

    def __getstate__(self) -> tuple[Any, ...]:
        """Leave out what belongs to one process."""
        return (self.list_key, self._info)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Begin anew in another process."""
        self.__init__(state[0])  # type: ignore[misc]

    def enqueue(self, task: str) -> int:
        """Write a task, within the transaction that is open, and wake the cluster when it commits.

        Parameters
        ----------
        task
            A signed package of django-q's.
        """
        name = SignedPackage.loads(task)["name"]
        # The clock is the database's everywhere: another machine's may be ahead.
        row = OrmQ.objects.create(key=self._key(name), payload=task, lock=Now())
        _wake()
        return int(row.pk)

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Take the next task when a worker is free; otherwise wait until that may have changed."""
        try:
            if not connection.in_atomic_block:
                close_old_connections()
            self._ear.open()
            if self._has_free_worker() and (taken := self._take()):
                self._taken.add(taken[0])
                return [taken]
            self._ear.wait(Conf.POLL)
        except (OperationalError, InterfaceError, psycopg.Error) as error:
            # An exception that gets out ends the process that takes tasks, ten seconds later.
            _log.warning("the queue lost its connection to the database: %s", _first_line(error))
            self._ear.close()
            _drop_connection()
            time.sleep(_PAUSES[0])
        return None

    def acknowledge(self, task_id: int) -> None:
        """Remove a task that is done; a worker is free then."""
        for pause in (*_PAUSES, None):
            try:
                self._remove(task_id)
            except (OperationalError, InterfaceError) as error:
                _drop_connection()
                if pause is None:
                    # Then the reaper removes it, as soon as its session has ended.
                    _log.warning("task %s is not acknowledged: %s", task_id, _first_line(error))
                else:
                    time.sleep(pause)
            else:
                return

    def fail(self, task_id: int) -> None:
        """Remove a task that cannot be read."""
        self.acknowledge(task_id)

    def delete(self, task_id: int) -> None:
        """Remove a task."""
        self.acknowledge(task_id)

    def queue_size(self) -> int:
        """Return how many tasks wait."""
        return self._rows().filter(lock__lte=Now()).count()

    def lock_size(self) -> int:
        """Return how many tasks are taken."""
        return self._rows().filter(lock__gt=Now()).count()

    def purge_queue(self) -> int:
        """Remove every task."""
        return int(self._rows().delete()[0])

    def delete_queue(self) -> int:
        """Remove every task."""
        return self.purge_queue()

    def ping(self) -> bool:
        """Whether the database answers shows when a task is taken."""
        return True

    def info(self) -> str:
        """Return what this is."""
        return "Postgres, fair by owner"

    def _key(self, name: str) -> str:
        try:
            UUID(name)
        except ValueError:
            return str(self.list_key)
        return task_key(name)

    def _rows(self) -> Any:
        return OrmQ.objects.filter(key__startswith=self.list_key)

    def _has_free_worker(self) -> bool:
        if self._taken:
            held = OrmQ.objects.filter(pk__in=self._taken, lock__gt=Now())
            self._taken = set(held.values_list("pk", flat=True))
        return len(self._taken) < Conf.WORKERS

    def _take(self) -> tuple[int, str] | None:
        values = {
            "redelivery": Conf.RETRY,
            "queue": self.list_key,
            "sessions": f"^{self.list_key}{TASK_OF_A_SESSION}",
        }
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, values)
            row = cursor.fetchone()
        return (int(row[0]), str(row[1])) if row else None

    def _remove(self, task_id: int) -> None:
        OrmQ.objects.filter(pk=task_id).delete()
        _wake()


class _Ear:
    """A connection that only listens, so that no notification comes while it does something else.

    Django may close its own connection between two uses, and the listening would end with it.
    """

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def open(self) -> None:
        """Listen from now on, if not before."""
        if self._connection is None or self._connection.closed:
            made: Callable[..., Any] = connection.get_new_connection
            self._connection = made(connection.get_connection_params())
            self._connection.autocommit = True
            self._connection.execute(f"LISTEN {_CHANNEL}")

    def wait(self, seconds: float) -> None:
        """Wait for a notification, but not for longer [s]."""
        if self._connection is not None:
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass

    def close(self) -> None:
        """Listen no longer."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _wake() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {_CHANNEL}")


def _drop_connection() -> None:
    if not connection.in_atomic_block:
        connection.close()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
