"""The queue's tasks of sessions: putting one in, taking them out again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from sessions_app.log_context import about_session

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["TASK_OF_A_SESSION", "enqueue", "task_key", "withdraw"]

_log = logging.getLogger(__name__)

TASK_OF_A_SESSION = r":[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""How the key of a session's task ends, as a regular expression."""


def task_key(name: str) -> str:
    """Return the key that the task of a session has in the queue's table."""
    return f"{Conf.CLUSTER_NAME}:{name}"


def enqueue(session_id: UUID) -> None:
    """Put a session into the queue, within the transaction that makes it wait.

    The queue is a table of the same database, so that either both are there or neither is: a
    session cannot be accepted and then forgotten. The task carries nothing but the id.
    """
    async_task("sessions_app.tasks.run_session", str(session_id), task_name=str(session_id))
    with about_session(session_id):
        # The line that tells which request a session came from.
        _log.info("put into the queue")


def withdraw(session_id: UUID) -> None:
    """Take a session's tasks out of the queue, taken by a worker or not."""
    OrmQ.objects.filter(key=task_key(str(session_id))).delete()
