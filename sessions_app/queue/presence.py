"""Which workers are alive, and whether a reaper is, without heartbeats.

Each holds an advisory lock of Postgres for as long as it lives. The server lets go of it at the
moment the holder's connection ends, however the holder died, so counting the locks tells the truth
at once.
"""

from __future__ import annotations

import logging
import threading
import time
from enum import IntEnum
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection

from sessions_app.queue.lanes import Lane

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_log = logging.getLogger(__name__)

_LOCK_SPACE = 0x45585031
"""First half of the locks' key, ours among those of whoever else uses the database."""
_LOOK_SECONDS = 2.0


class Role(IntEnum):
    """Whose presence is counted; the number is the second half of the lock's key."""

    WORKER = 0
    REAPER = 1
    EVIDENCE_WORKER = 2
    BUSY = 3
    """Held beside a session's lock for as long as a worker runs it."""
    BUSY_WITH_EVIDENCE = 4


WORKERS = {Lane.FIRST_ANSWERS: Role.WORKER, Lane.EVIDENCE: Role.EVIDENCE_WORKER}
BUSY = {Lane.FIRST_ANSWERS: Role.BUSY, Lane.EVIDENCE: Role.BUSY_WITH_EVIDENCE}

COUNT_PRESENT = f"""
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid = {_LOCK_SPACE} AND objid = %s
        AND granted AND datname = current_database()
"""  # noqa: S608 - a number of our own
"""How many of a role are present."""


def announce(name: str, role: Role = Role.WORKER) -> None:
    """Hold the lock of a worker, or of another role, until the process ends."""
    threading.Thread(target=_hold, args=(name, role), name="presence", daemon=True).start()


def share(holder: BaseDatabaseWrapper, role: Role) -> None:
    """Hold the lock of a role for as long as a connection lasts."""
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [_LOCK_SPACE, int(role)])


def _hold(name: str, role: Role) -> None:
    # A thread has a connection of its own, which nothing else closes.
    while True:
        try:
            share(connection, role)
            with connection.cursor() as cursor:
                while True:
                    time.sleep(_LOOK_SECONDS)
                    cursor.execute("SELECT 1")
        except DatabaseError:
            _log.warning("%s lost its connection to the database and tries again", name)
            connection.close()
            time.sleep(_LOOK_SECONDS)
