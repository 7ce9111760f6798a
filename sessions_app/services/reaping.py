"""Taking up what was interrupted: sessions that nothing runs, and what they left in the queue.

It may run at any time, beside workers that are alive and beside itself: what it needs to know of a
session it learns by taking the session's lock, and what it changes it has locked before.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django_q.conf import Conf
from django_q.models import OrmQ

from sessions_app.execution.requeue import take_up
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.log_context import about_session
from sessions_app.models import Session
from sessions_app.queue.presence import workers_present
from sessions_app.queue.session_lock import taken_until_commit
from sessions_app.queue.tasks import TASK_OF_A_SESSION, enqueue, withdraw

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["TakenUp", "take_up_interrupted"]

_log = logging.getLogger(__name__)

_ON_ITS_WAY_SECONDS = 10
"""How long a task may be taken before its session is claimed, and remain after it has ended. One
that is only slow is in time all the same: a session can be claimed once, by whichever task."""
_STARTING_SECONDS = 5
"""How old a session without a task must be: a command creates one before it runs it itself."""

_SESSIONS, _TASKS = Session._meta.db_table, OrmQ._meta.db_table  # noqa: SLF001 - documented
_KEY_OF = "%(queue)s || ':' || session.id"
# The statement's time and not the transaction's: another reaper may have queued it in between.
_NOW = "statement_timestamp()"
_LATELY = f"task.lock > {_NOW} + (%(redelivery)s - %(grace)s) * interval '1 second'"
_FORGOTTEN = f"""
    SELECT session.id FROM {_SESSIONS} AS session
    WHERE session.status = '{Status.QUEUED}'
        AND session.created_at < {_NOW} - interval '{_STARTING_SECONDS} seconds'
        AND NOT EXISTS (
            SELECT FROM {_TASKS} AS task
            WHERE task.key = {_KEY_OF} AND (task.lock <= {_NOW} OR {_LATELY})
        )
    ORDER BY session.created_at
"""  # noqa: S608 - the names of our own tables
_USELESS = f"""
    DELETE FROM {_TASKS} AS task
    WHERE task.key ~ %(sessions)s AND NOT {_LATELY}
        AND NOT EXISTS (
            SELECT FROM {_SESSIONS} AS session
            WHERE session.id = right(task.key, 36)::uuid
                AND session.status IN ('{Status.QUEUED}', '{Status.RUNNING}')
        )
"""  # noqa: S608


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenUp:
    """What became of sessions that nothing ran."""

    queued_again: tuple[UUID, ...]
    given_up: tuple[UUID, ...]


def take_up_interrupted() -> TakenUp:
    """Queue again what nothing runs and nothing would run, or give it up after many attempts."""
    ended = {Status.QUEUED: [], Status.FAILED: []}  # type: dict[Status, list[UUID]]
    for session_id in _running():
        with about_session(session_id):
            status = _take_up_unless_it_runs(session_id)
        if status is not None:
            ended[status].append(session_id)
    for session_id in _forgotten():
        with about_session(session_id):
            if _enqueue_again(session_id):
                ended[Status.QUEUED].append(session_id)
    _remove_useless_tasks()
    _remove_left_behind()
    return TakenUp(queued_again=tuple(ended[Status.QUEUED]), given_up=tuple(ended[Status.FAILED]))


def _running() -> list[UUID]:
    running = Session.objects.filter(status=Status.RUNNING).order_by("created_at")
    return list(running.values_list("pk", flat=True))


def _take_up_unless_it_runs(session_id: UUID) -> Status | None:
    with transaction.atomic():
        if not taken_until_commit(session_id):
            return None
        return take_up(Session.objects.all(), session_id)


def _forgotten() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_FORGOTTEN, _values())
        return [row[0] for row in cursor.fetchall()]


def _enqueue_again(session_id: UUID) -> bool:
    with transaction.atomic():
        waiting = Session.objects.filter(pk=session_id, status=Status.QUEUED)
        # Of several reapers the first one gets the row, and the others leave it to that one.
        if not waiting.select_for_update(skip_locked=True).exists():
            return False
        if session_id not in _forgotten():
            return False
        withdraw(session_id)
        enqueue(session_id)
    return True


def _remove_useless_tasks() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_USELESS, _values())


def _values() -> dict[str, object]:
    return {
        "queue": Conf.CLUSTER_NAME,
        "sessions": f"^{Conf.CLUSTER_NAME}{TASK_OF_A_SESSION}",
        "redelivery": Conf.RETRY,
        # Where there is no worker, no task is on its way to one.
        "grace": _ON_ITS_WAY_SECONDS if workers_present() else 0,
    }


def _remove_left_behind() -> None:
    """Remove the work folders of workers that died when the session's end was written already."""
    for session_id in storage.sessions_with_work_folders():
        with about_session(session_id), transaction.atomic():
            if not taken_until_commit(session_id):
                continue
            try:
                storage.remove_work_folders(session_id)
            except OSError as error:
                _log.warning("files that were left behind stay for now: %s", error.strerror)
