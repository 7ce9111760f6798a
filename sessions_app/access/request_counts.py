"""Counting requests by the minute, exactly, over all processes."""

from __future__ import annotations

import time

from django.db import connection

from sessions_app.models import RequestCount

__all__ = ["forget_old_counts", "seconds_to_wait"]

_MINUTE = 60

# One statement, so that requests at the same time cannot both be the last one that is allowed. Such
# a table is written without waiting for the disk.
_COUNT = f"""
    INSERT INTO {RequestCount._meta.db_table} AS counted (key, minute, requests)
    VALUES (%s, %s, 1)
    ON CONFLICT (key) DO UPDATE SET
        requests = CASE WHEN counted.minute = excluded.minute THEN counted.requests + 1 ELSE 1 END,
        minute = excluded.minute
    RETURNING requests
"""  # noqa: S608, SLF001 - the names of our own tables


def seconds_to_wait(scope: str, who: str, *, per_minute: int) -> int:
    """Count a request and return how long its sender has to wait [s], 0 when it is within the rate.

    The rate is of a user or an address, for one scope, in a minute of the clock.
    """
    now = time.time()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [f"{scope} {who}", int(now // _MINUTE)])
        (requests,) = cursor.fetchone()
    return 0 if requests <= per_minute else _MINUTE - int(now % _MINUTE)


def forget_old_counts() -> int:
    """Delete the counts of minutes that are over; return how many there were."""
    deleted, _ = RequestCount.objects.filter(minute__lt=int(time.time() // _MINUTE)).delete()
    return deleted
