"""What is read for an answer: rows as they are, nothing computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from django.db import InterfaceError, OperationalError, connection
from django.db.models import OuterRef, Subquery

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
_NAME = "session_standing"
_STANDING = f"""
    SELECT session.status, session.error, newest.percent, newest.step,
        session.kind, session.owner_key
    FROM {Session._meta.db_table} AS session
    LEFT JOIN LATERAL (
        SELECT percent, step FROM {ProgressEntry._meta.db_table}
        WHERE session_id = session.id ORDER BY id DESC LIMIT 1
    ) AS newest ON true
    WHERE session.id = $1
"""  # noqa: S608, SLF001 - the names of our own tables


def standing(session_id: UUID) -> Standing | None:
    """Return where a session stands, in one query; None when there is none of this id."""
    row = _asked_at_once(session_id)
    if row is None:
        return None
    status, error, percent, step, kind, owner_key = row
    return Standing(
        status=Status(status),
        percent=percent or 0.0,
        step=error or step or (_WAITING if status == Status.QUEUED else "Starting"),
        kind=kind,
        owner_key=owner_key,
    )


def _asked_at_once(session_id: UUID) -> tuple[Any, ...] | None:
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


def _asked(session_id: UUID) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        own = connection.connection
        if own not in _prepared:
            own.execute(f"PREPARE {_NAME} (uuid) AS {_STANDING}")
            _prepared.add(own)
        cursor.execute(f"EXECUTE {_NAME} (%s)", [session_id])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def current_snapshots() -> dict[str, DatasetSnapshot | None]:
    """Return each mission's current snapshot, None where no table is loaded."""
    loaded = DatasetSnapshot.objects.filter(is_current=True, mission__in=DATASETS)
    return dict.fromkeys(DATASETS) | {snapshot.mission: snapshot for snapshot in loaded}
