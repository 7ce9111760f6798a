"""Which workers are alive, without heartbeats.

Each worker holds an advisory lock of Postgres for as long as it lives. The server lets go of it at
the moment the worker's connection ends, however the worker died, so counting the locks tells the
truth at once.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, connection

__all__ = ["announce", "workers_present"]

_log = logging.getLogger(__name__)

_LOCK_SPACE = 0x45585031
"""First half of the locks' key, ours among those of whoever else uses the database."""
_LOOK_SECONDS = 2.0


def announce(name: str) -> None:
    """Hold a worker's lock until the process ends."""
    threading.Thread(target=_hold, args=(name,), name="presence", daemon=True).start()


def workers_present() -> int:
    """Return how many workers are alive.

    Raises
    ------
    django.db.DatabaseError
        When the database cannot be asked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND classid = %s AND granted"
            " AND datname = current_database()",
            [_LOCK_SPACE],
        )
        (count,) = cursor.fetchone()
    return int(count)


def _hold(name: str) -> None:
    # A thread has a connection of its own, which nothing else closes.
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock_shared(%s, 0)", [_LOCK_SPACE])
                while True:
                    time.sleep(_LOOK_SECONDS)
                    cursor.execute("SELECT 1")
        except DatabaseError:
            _log.warning("%s lost its connection to the database and tries again", name)
            connection.close()
            time.sleep(_LOOK_SECONDS)
