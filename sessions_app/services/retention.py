"""Keeping what is still wanted and nothing else.

Sessions that ended long ago go with their files, except where their model is published or another
session that stays uses it. Files that no row names go when they are old enough that nothing can
still be on its way to name them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.contrib.sessions.models import Session as Login
from django.db import connection, transaction
from django.db.models import F, Func, TextField, Value, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django_q.models import Failure

from sessions_app import lifecycle
from sessions_app.access.request_counts import forget_old_counts
from sessions_app.files import storage
from sessions_app.files.orphans import Orphan, find_missing, find_orphans
from sessions_app.log_context import about_session
from sessions_app.models import (
    AnalysisSession,
    PredictionSession,
    ProgressEntry,
    Session,
    TrainingSession,
)
from sessions_app.services.deleting import files_of
from sessions_app.services.deleting_together import delete_together
from sessions_app.services.idempotency import expired_keys
from sessions_app.services.recording import record_cleanup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

_log = logging.getLogger(__name__)

Item = TypeVar("Item")

_THINNED_AFTER = timedelta(days=1)
_EXPIRY = "Deleted with its files: it had ended before"
_ORPHANED = "Deleted, because no row names it:"
_AT_ONCE = 500
"""How many sessions are deleted in one transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiredSession:
    """A session that is kept no longer."""

    id: UUID
    kind: str
    mission: str
    size: int
    """Of its files [bytes]."""

    @property
    def row(self) -> Session:
        """The row that it was, as far as it is known."""
        return Session(id=self.id, kind=self.kind, mission=self.mission)

    @property
    def words(self) -> str:
        """What it is called."""
        return str(self.row)


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanedUp:
    """What went; or what would go, after a dry run."""

    sessions: tuple[ExpiredSession, ...]
    orphans: tuple[Orphan, ...]
    """Files that no row named."""
    missing: tuple[str, ...]
    """Files that rows name and that are not there, which only an operator can judge."""
    progress_rows: int
    keys: int
    """Answers that were kept for repeated requests."""
    logins: int
    failures: int
    """What the queue has noted of tasks that met a defect."""

    @property
    def size(self) -> int:
        """How much room it took on the disk [bytes]."""
        return sum(item.size for item in (*self.sessions, *self.orphans))


def clean_up(*, older_than: timedelta | None = None, dry_run: bool = False) -> CleanedUp:
    """Delete what is kept no longer; may run beside everything else, and beside itself.

    A session goes that has ended so long ago, 0 for each that has; EXOPLANET_RETENTION_DAYS by
    default. A dry run only tells what would go.
    """
    if older_than is None:
        older_than = timedelta(days=settings.EXOPLANET_RETENTION_DAYS)
    before = timezone.now() - older_than
    sessions = _expired(before)
    if not dry_run:
        sessions = [gone for batch in _batches(sessions) for gone in _deleted(batch, before)]
    orphans = find_orphans()
    if not dry_run:
        orphans = [orphan for orphan in orphans if orphan.removed()]
        # Each has a record of its own, however many of them a process that died has left.
        for batch in _batches(orphans):
            record_cleanup((orphan.name, f"{_ORPHANED} {orphan.size:,} bytes.") for orphan in batch)
        forget_old_counts()
    return CleanedUp(
        sessions=tuple(sessions),
        orphans=tuple(orphans),
        missing=tuple(find_missing()),
        progress_rows=_forget(_superseded(sessions if dry_run else []), dry_run=dry_run),
        keys=_forget(expired_keys(), dry_run=dry_run),
        logins=_forget(Login.objects.filter(expire_date__lt=timezone.now()), dry_run=dry_run),
        # The queue itself bounds what it keeps of tasks that succeeded.
        failures=_forget(Failure.objects.filter(stopped__lt=before), dry_run=dry_run),
    )


# A session that another one uses stays for as long as that one does.
_EXPIRED = f"""
    WITH RECURSIVE expired AS (
        SELECT id, kind, mission, created_at FROM {Session._meta.db_table}
        WHERE finished_at < %s AND status = ANY (%s) AND id NOT IN (
            SELECT session_ptr_id FROM {TrainingSession._meta.db_table} WHERE published
        )
    ), uses AS (
        SELECT published_model_id AS used, session_ptr_id AS by
        FROM {PredictionSession._meta.db_table}
        UNION ALL SELECT of_id, session_ptr_id FROM {AnalysisSession._meta.db_table}
    ), needed AS (
        SELECT used FROM uses WHERE NOT EXISTS (SELECT FROM expired WHERE id = by)
        UNION SELECT uses.used FROM needed JOIN uses ON uses.by = needed.used
    )
    SELECT id, kind, mission FROM expired
    -- By NOT IN Postgres looks through all that is needed for each session that has expired.
    WHERE NOT EXISTS (SELECT FROM needed WHERE used = id)
    -- What uses a session is younger than it.
    ORDER BY created_at DESC, id
"""  # noqa: S608, SLF001 - the names of our own tables


def _expired(before: datetime) -> list[ExpiredSession]:
    """Return the sessions that go, in an order in which they can."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRED, [before, list(lifecycle.FINAL)])
        rows = cursor.fetchall()
    sessions: list[ExpiredSession] = []
    for batch in _batches(rows):
        files = files_of([session_id for session_id, _, _ in batch])
        sessions += [
            ExpiredSession(
                id=session_id,
                kind=kind,
                mission=mission,
                size=sum(map(storage.size_of, files[session_id])),
            )
            for session_id, kind, mission in batch
        ]
    return sessions


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for first in range(0, len(items), _AT_ONCE):
        yield items[first : first + _AT_ONCE]


def _deleted(batch: Sequence[ExpiredSession], before: datetime) -> list[ExpiredSession]:
    """Delete sessions and return which: one that was run again since it was looked at stays."""
    with transaction.atomic():
        gone = delete_together([session.id for session in batch], ended_before=before)
        deleted = [session for session in batch if session.id in gone]
        record_cleanup((session.row, f"{_EXPIRY} {before:%Y-%m-%d %H:%M}.") for session in deleted)
    for session in deleted:
        with about_session(session.id):
            _log.info("expired and is deleted")
    return deleted


def _superseded(going: list[ExpiredSession]) -> QuerySet[ProgressEntry]:
    """Return all but the last row of each step of sessions that stay and ended before yesterday."""
    # The name of a step, without the count that follows it.
    name = Func("step", Value(":"), 1, function="split_part", output_field=TextField())
    # Each row is looked at once; to ask for each whether there is a later one takes an hour of
    # millions.
    newest_first = Window(
        RowNumber(), partition_by=[F("session_id"), name], order_by=F("id").desc()
    )
    before = timezone.now() - _THINNED_AFTER
    ended = ProgressEntry.objects.filter(
        session__status__in=lifecycle.FINAL, session__finished_at__lt=before
    ).exclude(session__in=[session.id for session in going])
    superseded = ended.order_by().annotate(place=newest_first).filter(place__gt=1)
    return ProgressEntry.objects.filter(pk__in=superseded.values("pk"))


def _forget(rows: QuerySet[Any], *, dry_run: bool) -> int:
    return rows.count() if dry_run else rows.delete()[0]
