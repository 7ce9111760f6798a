"""Telling the queue's clusters that they should look, within a transaction, and hearing of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    import psycopg

_CHANNEL = "exoplanet_queue"


class Notice(StrEnum):
    """What has happened."""

    SESSION = "session"
    """A session waits."""
    WORKER = "worker"
    """A worker has done with what it was woken for: it has begun, found nothing, or is free."""


def notify(notice: Notice) -> None:
    """Tell it to every cluster, as soon as the open transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [_CHANNEL, notice])


class Ear:
    """A connection that only listens, so that no notice comes while it does something else.

    Django may close its own connection between two uses, and the listening would end with it.
    """

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def open(self) -> None:
        """Listen from now on, if not before."""
        if self._connection is None or self._connection.closed:
            self._connection = connection.get_new_connection(connection.get_connection_params())
            self._connection.autocommit = True
            self._connection.execute(f"LISTEN {_CHANNEL}")

    def wait(self, seconds: float) -> set[str]:
        """Wait for notices, but not for longer [s], and return those that came."""
        if self._connection is None:
            return set()
        notices = self._connection.notifies(timeout=seconds, stop_after=1)
        return {notice.payload for notice in notices}

    def close(self) -> None:
        """Listen no longer."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
