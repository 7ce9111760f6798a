"""Keeping what is still wanted and nothing else.

Sessions that ended long ago go with their files, except where their model is published or another
session that stays uses it. Files that no row names go when they are old enough that nothing can
still be on its way to name them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.sessions.models import Session as Login
from django.db.models import Exists, Func, OuterRef, Q, TextField, Value
from django.utils import timezone
from django_q.models import Failure

from sessions_app import lifecycle
from sessions_app.access.request_counts import forget_old_counts
from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.files.orphans import Orphan, find_missing, find_orphans
from sessions_app.models import (
    AnalysisSession,
    PredictionSession,
    ProgressEntry,
    Session,
    TrainingSession,
)
from sessions_app.services.deleting import delete_session, files_of
from sessions_app.services.idempotency import expired_keys

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

_log = logging.getLogger(__name__)

_THINNED_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiredSession:
    """A session that is kept no longer."""

    id: UUID
    words: str
    size: int
    """Of its files [bytes]."""


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
    sessions = _expired(older_than)
    if not dry_run:
        sessions = [session for session in sessions if _deleted(session)]
    orphans = find_orphans()
    if not dry_run:
        orphans = [orphan for orphan in orphans if orphan.removed()]
        forget_old_counts()
    return CleanedUp(
        sessions=tuple(sessions),
        orphans=tuple(orphans),
        missing=tuple(find_missing()),
        progress_rows=_forget(_superseded([session.id for session in sessions]), dry_run=dry_run),
        keys=_forget(expired_keys(), dry_run=dry_run),
        logins=_forget(Login.objects.filter(expire_date__lt=timezone.now()), dry_run=dry_run),
        # The queue itself bounds what it keeps of tasks that succeeded.
        failures=_forget(
            Failure.objects.filter(stopped__lt=timezone.now() - older_than), dry_run=dry_run
        ),
    )


def _expired(kept_for: timedelta) -> list[ExpiredSession]:
    """Return the sessions that go, in an order in which they can."""
    old = Q(finished_at__lt=timezone.now() - kept_for, status__in=lifecycle.FINAL)
    published = TrainingSession.objects.filter(published=True).values("pk")
    expired = Session.objects.filter(old).exclude(pk__in=published)
    # What uses a session is younger than it.
    going = dict.fromkeys(expired.order_by("-created_at", "pk").values_list("pk", flat=True))
    uses = [
        *PredictionSession.objects.values_list("published_model_id", "pk"),
        *AnalysisSession.objects.values_list("of_id", "pk"),
    ]
    while needed := {used for used, by in uses if used in going and by not in going}:
        for session_id in needed:
            del going[session_id]
    words = {row.pk: str(row) for row in expired.iterator(chunk_size=1000) if row.pk in going}
    return [
        ExpiredSession(
            id=session_id,
            words=words[session_id],
            size=sum(map(storage.size_of, files_of([session_id]))),
        )
        for session_id in going
        if session_id in words
    ]


def _deleted(expired: ExpiredSession) -> bool:
    session = Session.objects.filter(pk=expired.id).first()
    if session is None:
        return False
    try:
        delete_session(session)
    except RefusedError as refusal:
        # It was run again, or its model used, since it was looked at.
        _log.info("session %s stays: %s", expired.id, refusal.sentence)
        return False
    _log.info("session %s expired and is deleted", expired.id)
    return True


def _superseded(going: list[UUID]) -> QuerySet[ProgressEntry]:
    """Return all but the last row of each step of sessions that stay and ended before yesterday."""
    # The name of a step, without the count that follows it.
    rows = ProgressEntry.objects.alias(
        name=Func("step", Value(":"), 1, function="split_part", output_field=TextField())
    )
    later = rows.filter(session=OuterRef("session"), name=OuterRef("name"), id__gt=OuterRef("id"))
    before = timezone.now() - _THINNED_AFTER
    return rows.filter(
        Exists(later), session__status__in=lifecycle.FINAL, session__finished_at__lt=before
    ).exclude(session__in=going)


def _forget(rows: QuerySet[Any], *, dry_run: bool) -> int:
    return rows.count() if dry_run else rows.delete()[0]
