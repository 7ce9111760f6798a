"""Who runs a session: whoever holds its lock.

The lock is an advisory one of Postgres, held on a connection of its own. The server lets go of it
at the moment that connection ends, however its process died, so that "nothing runs this session" is
a fact that can be asked for, without heartbeats and without waiting for one to be overdue. It needs
connections that belong to one client for their whole life: a pooler has to pool by session.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

from sessions_app.queue.lanes import Lane
from sessions_app.queue.presence import BUSY, share

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from uuid import UUID

    from django.db.backends.base.base import BaseDatabaseWrapper


class SessionLock:
    """A session's lock, held."""

    def __init__(self, holder: BaseDatabaseWrapper) -> None:
        self._holder = holder

    def check(self) -> None:
        """Raise Django's error of a database where its connection is gone, and the lock with it."""
        with self._holder.cursor() as cursor:
            cursor.execute("SELECT 1")


@contextmanager
def held(session_id: UUID, lane: Lane = Lane.FIRST_ANSWERS) -> Iterator[SessionLock | None]:
    """Hold a session's lock for as long as the context lasts; None when somebody else holds it.

    Whoever holds it counts as a busy worker of a lane.
    """
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(session_id)])
            (acquired,) = cursor.fetchone()
        if acquired:
            share(holder, BUSY[lane])
        yield SessionLock(holder) if acquired else None
    finally:
        holder.close()


def taken_until_commit(session_id: UUID) -> bool:
    """Take a session's lock for the rest of the open transaction; False when somebody holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_key(session_id)])
        (taken,) = cursor.fetchone()
    return bool(taken)


def those_taken_until_commit(session_ids: Collection[UUID]) -> set[UUID]:
    """Take the locks of many sessions, and return of which: the others' somebody holds."""
    by_key = {_key(session_id): session_id for session_id in session_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key FROM unnest(%s::bigint[]) AS key WHERE pg_try_advisory_xact_lock(key)",
            [list(by_key)],
        )
        return {by_key[key] for (key,) in cursor.fetchall()}


def _key(session_id: UUID) -> int:
    # The first half of a random id is as good as a hash of it.
    return int.from_bytes(session_id.bytes[:8], "big", signed=True)
