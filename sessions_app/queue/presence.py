"""Which workers are alive and on which host, and whether a reaper is, without heartbeats.

Each holds an advisory lock of Postgres for as long as it lives. The server lets go of it at the
moment the holder's connection ends, however the holder died, so counting the locks tells the truth
at once; of a host that is cut off it lets go when it has missed it for half a minute
(`tcp_keepalives_idle` in the settings).

The first half of a lock's key says what is there, the second half on which host.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from enum import IntEnum
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection

from sessions_app.queue.lanes import Lane

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_log = logging.getLogger(__name__)

_LOCK_SPACE = 0x45585030
"""The first half of the first role's key, ours among those of whoever else uses the database."""
_LOOK_SECONDS = 2.0
_PAUSE_SECONDS = 0.2


class Role(IntEnum):
    """Whose presence is counted; the number makes the first half of the lock's key."""

    WORKER = 0
    REAPER = 1
    EVIDENCE_WORKER = 2
    BUSY = 3
    """Held beside a session's lock for as long as a worker runs it."""
    BUSY_WITH_EVIDENCE = 4
    HOST = 5
    """Held by a host's supervisor alone, so that no two hosts have one name."""
    JOINS = 6
    """Held for a moment by a host that looks whether it fits the others; one at a time."""
    PREPARES = 7
    """Held by a host that migrates and fills the database; one at a time."""

    @property
    def key(self) -> int:
        """The first half of the lock's key."""
        return _LOCK_SPACE + int(self)


WORKERS = {Lane.FIRST_ANSWERS: Role.WORKER, Lane.EVIDENCE: Role.EVIDENCE_WORKER}
BUSY = {Lane.FIRST_ANSWERS: Role.BUSY, Lane.EVIDENCE: Role.BUSY_WITH_EVIDENCE}

PRESENT = f"""
    SELECT classid::bigint - {_LOCK_SPACE} AS role, objid::bigint AS host, pid
    FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND datname = current_database()
        AND classid BETWEEN {_LOCK_SPACE} AND {_LOCK_SPACE + max(Role)}
"""  # noqa: S608 - numbers of our own
"""Who is present: a row for each lock with its role, its host's number and its server process."""


def host_number(name: str | None = None) -> int:
    """Return the number of a host, of this one when none is named."""
    return zlib.crc32((settings.EXOPLANET_HOST_NAME if name is None else name).encode())


def present_hosts() -> set[int]:
    """Return the numbers of the hosts whose supervisors are present."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT host FROM ({PRESENT}) AS present WHERE role = {int(Role.HOST)}")  # noqa: S608
        return {number for (number,) in cursor.fetchall()}


def announce(name: str, role: Role = Role.WORKER) -> None:
    """Hold the lock of a worker, or of another role, until the process ends."""
    threading.Thread(target=_hold, args=(name, role), name="presence", daemon=True).start()


def announce_host(*, patience: float) -> bool:
    """Hold this host's own lock until the process ends; False when another has it [s]."""
    taken = threading.Event()
    threading.Thread(
        target=_hold, args=("the host", Role.HOST, taken), name="presence", daemon=True
    ).start()
    return taken.wait(patience)


def share(holder: BaseDatabaseWrapper, role: Role) -> None:
    """Hold the lock of a role for as long as a connection lasts."""
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [role.key, _signed(host_number())])


def taken_alone(holder: BaseDatabaseWrapper, role: Role, *, host: int = 0) -> bool:
    """Hold the lock of a role alone for as long as a connection lasts; False when it is held."""
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [role.key, _signed(host)])
        return bool(cursor.fetchone()[0])


def alone_until_commit(role: Role) -> None:
    """Wait until nobody else holds the lock of a role, and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [role.key])


def _signed(number: int) -> int:
    # Postgres takes half a key as a signed number and shows it as an unsigned one.
    return number - 2**32 if number >= 2**31 else number


def _hold(name: str, role: Role, taken: threading.Event | None = None) -> None:
    # A thread has a connection of its own, which nothing else closes.
    while True:
        try:
            if taken is None:
                share(connection, role)
            else:
                while not taken_alone(connection, role, host=host_number()):
                    time.sleep(_PAUSE_SECONDS)
                taken.set()
            with connection.cursor() as cursor:
                while True:
                    time.sleep(_LOOK_SECONDS)
                    cursor.execute("SELECT 1")
        except DatabaseError:
            _log.warning("%s lost its connection to the database and tries again", name)
            connection.close()
            time.sleep(_LOOK_SECONDS)
