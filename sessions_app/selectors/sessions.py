"""What is read for an answer: rows as they are, nothing computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.models import OuterRef, Subquery
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from mlcore import DATASETS
from sessions_app.lifecycle import Status
from sessions_app.models import DatasetSnapshot, ProgressEntry, Session

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet


_WAITING = "Waiting for a worker"
BULKY = ("report", "model", "metrics", "traceback")
"""What a session holds that takes room and is of no use where only the session is told of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a session stands."""

    status: Status
    percent: float
    """How much of the work is done, 0 to 100."""
    step: str
    """The current step in words; why it ended, when it ended without a result."""
    kind: str = ""
    """What the session does."""
    owner_key: str = ""
    """Whose it is."""


def with_newest_progress(sessions: QuerySet[Any]) -> QuerySet[Any]:
    """Add the newest progress row's `newest_percent` and `newest_step` to each session."""
    newest = ProgressEntry.objects.filter(session=OuterRef("pk")).order_by("-id")
    return sessions.annotate(
        newest_percent=Subquery(newest.values("percent")[:1]),
        newest_step=Subquery(newest.values("step")[:1]),
    )


# Every open page asks this once a second. Written out, because building the same query anew through
# the ORM takes eighteen times as long as running it.
_NAME = b"session_standing"
_STANDING = f"""
    SELECT session.status, session.error, newest.percent, newest.step,
        session.kind, session.owner_key
    FROM {Session._meta.db_table} AS session
    LEFT JOIN LATERAL (
        SELECT percent, step FROM {ProgressEntry._meta.db_table}
        WHERE session_id = session.id ORDER BY id DESC LIMIT 1
    ) AS newest ON true
    WHERE session.id = $1
""".encode()  # noqa: S608, SLF001 - the names of our own tables


def standing(session_id: UUID) -> Standing | None:
    """Return where a session stands, in one query; None when there is none of this id."""
    row = _asked_at_once(session_id)
    if row is None:
        return None
    status, error, percent, step, kind, owner_key = row
    return Standing(
        status=Status(status),
        percent=float(percent or 0.0),
        step=error or step or (_WAITING if status == Status.QUEUED else "Starting"),
        kind=kind,
        owner_key=owner_key,
    )


def _asked_at_once(session_id: UUID) -> list[Any] | None:
    """Ask without asking first whether the connection lives, which would be a second query.

    One that turns out to be dead is made anew, and asked again, unless a transaction went with it.
    """
    connection.health_check_done = True
    try:
        return _asked(session_id)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return _asked(session_id)


# To plan the query takes Postgres ten times as long as to run it: each connection plans it once.
_prepared: WeakSet[Any] = WeakSet()


def _asked(session_id: UUID) -> list[Any] | None:
    """Ask libpq itself: a cursor takes several times as long around it, of Django or of psycopg."""
    connection.ensure_connection()
    own = connection.connection
    with connection.wrap_database_errors:
        if own not in _prepared:
            _answered(own, own.pgconn.prepare(_NAME, _STANDING))
            _prepared.add(own)
        rows = _answered(own, own.pgconn.exec_prepared(_NAME, [str(session_id).encode()]))
    if not rows.ntuples:
        return None
    values = (rows.get_value(0, column) for column in range(rows.nfields))
    return [None if value is None else value.decode() for value in values]


def _answered(own: Any, result: Any) -> Any:
    if result.status in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        return result
    error = error_from_result(result)
    # Of a server that went away in the middle libpq knows no code.
    raise psycopg.OperationalError(str(error)) if own.broken else error


def current_snapshots() -> dict[str, DatasetSnapshot | None]:
    """Return each mission's current snapshot, None where no table is loaded."""
    loaded = DatasetSnapshot.objects.filter(is_current=True, mission__in=DATASETS)
    return dict.fromkeys(DATASETS) | {snapshot.mission: snapshot for snapshot in loaded}
