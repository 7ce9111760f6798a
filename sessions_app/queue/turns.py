"""The sessions that wait, and whose turn it is: the queue is the sessions' own table.

A session waits from the moment that the transaction which made it commits, and no longer than until
its status changes: nothing else has to be put in, taken out or put right. Its turn comes by origin,
a user or an address: first that of which the fewest sessions run, among these the one that was
served longest ago; behind one address the cookies take turns by the same rule; and of those that
are left the oldest. So fifty sessions of one user do not keep another's one waiting, and a new
cookie for each request brings nobody forward.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import connection

from sessions_app.lifecycle import Status
from sessions_app.log_context import about_session
from sessions_app.models import Session
from sessions_app.queue.lanes import Lane
from sessions_app.queue.notices import Notice, notify

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

_log = logging.getLogger(__name__)

_SESSIONS = Session._meta.db_table  # noqa: SLF001 - documented


def _turn_by(whom: str) -> str:
    return f"""
        (SELECT count(*) FROM busy WHERE busy.{whom} = session.{whom}),
        (
            SELECT max(started_at) FROM {_SESSIONS} AS earlier
            WHERE earlier.{whom} = session.{whom}
        ) NULLS FIRST
    """  # noqa: S608 - names of our own


_NEXT = f"""
    WITH busy AS (
        SELECT origin, counted_as FROM {_SESSIONS} WHERE status = '{Status.RUNNING}'
    )
    SELECT session.id FROM {_SESSIONS} AS session
    WHERE session.status = '{Status.QUEUED}' AND session.in_background = %s
        AND session.id <> ALL (%s)
    ORDER BY {_turn_by("origin")}, {_turn_by("counted_as")}, session.created_at, session.id
    LIMIT 1
"""  # noqa: S608 - names of our own


def enqueue(session_id: UUID) -> None:
    """Wake a worker for a session as soon as the transaction that makes it wait commits."""
    notify(Notice.SESSION)
    with about_session(session_id):
        # The line that tells which request a session came from.
        _log.info("put into the queue")


def next_in_turn(
    passed_over: Collection[UUID] = (), *, lane: Lane = Lane.FIRST_ANSWERS
) -> UUID | None:
    """Return the session that waits and whose turn it is, of all but some; None when none waits.

    Of a lane: what somebody waits for, or what deepens first answers.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [lane is Lane.EVIDENCE, list(passed_over)])
        row = cursor.fetchone()
    return row[0] if row else None
