"""How the place is run: what the operators' dashboard shows, each question to a bound.

Nothing here costs more for each year that the server is used: days and rows that are looked at are
counted from the newest, and what is counted over all sessions is counted in an index.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from sessions_app.lifecycle import Status
from sessions_app.models import ProgressEntry, Session, SessionKind, UploadedFile
from sessions_app.monitoring.health import Health, health

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Dashboard", "Day", "FailureReason", "Room", "Stage", "dashboard"]

_DAYS = 14
_NEWEST_FAILURES = 500
_NEWEST_REPORTS = 20_000
_MOST_REASONS = _MOST_STAGES = 8
_OF_ONE_CASE = re.compile(r"\d[\d,.]*|'[^']*'|\"[^\"]*\"")
"""What differs between two failures for the same reason: numbers, and words of a file."""
_FEWEST_LETTERS = 12
"""Of the beginning of a sentence by which others like it are found."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """What was asked for on one day, without what the server gathers by itself."""

    date: date
    counts: dict[str, int]
    """Sessions by where they stand now."""

    @property
    def total(self) -> int:
        """How many were asked for."""
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureReason:
    """Why sessions failed, and how many of the newest."""

    sentence: str
    """As the newest of them has it."""
    kind: str
    count: int
    begins: str
    """What all of their sentences begin with, to find them by."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """How long a step of sessions takes, of the newest reports."""

    name: str
    kind: str
    count: int
    median: float
    """[s]"""
    longest: float
    """[s]"""
    since: int
    """Id of the oldest report that was looked at, to find them by without all older ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A place that fills."""

    name: str
    used: int | None
    """[bytes]; None where it cannot be said."""
    free: int | None
    """[bytes]; None where it cannot be said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dashboard:
    """How the place runs at this moment."""

    health: Health
    counts: dict[str, dict[str, int]]
    """Sessions by kind and by where they stand; what is gathered by itself is no kind of these."""
    gathered: dict[str, int]
    """What deepens first answers, by where it stands."""
    days: tuple[Day, ...]
    """The newest first."""
    reasons: tuple[FailureReason, ...]
    """The most frequent first."""
    failures: int
    """How many failures the reasons are of."""
    stages: tuple[Stage, ...]
    """The slowest first."""
    rooms: tuple[Room, ...]


def dashboard() -> Dashboard:
    """Return how the place runs at this moment."""
    counts, gathered = _counts()
    reasons, failures = _reasons()
    facts = health()
    return Dashboard(
        health=facts,
        counts=counts,
        gathered=gathered,
        days=_days(),
        reasons=reasons,
        failures=failures,
        stages=_stages(),
        rooms=_rooms(),
    )


def _counts() -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    grouped = Session.objects.values_list("kind", "status", "in_background")
    counts = {kind: dict.fromkeys(Status.values, 0) for kind in SessionKind.values}
    gathered = dict.fromkeys(Status.values, 0)
    for kind, status, alone, count in grouped.annotate(count=Count("pk")).order_by():
        (gathered if alone else counts[kind])[status] += count
    return counts, gathered


def _days() -> tuple[Day, ...]:
    today = timezone.localdate()
    since = timezone.now() - timedelta(days=_DAYS)
    grouped = (
        Session.objects.filter(created_at__gt=since, in_background=False)
        .annotate(day=TruncDate("created_at"))
        .values_list("day", "status")
        .annotate(count=Count("pk"))
        .order_by()
    )
    days: dict[date, dict[str, int]] = {
        today - timedelta(days=back): dict.fromkeys(Status.values, 0) for back in range(_DAYS)
    }
    for day, status, count in grouped:
        if day in days:
            days[day][status] += count
    return tuple(Day(date=day, counts=counts) for day, counts in days.items())


def _reasons() -> tuple[tuple[FailureReason, ...], int]:
    newest = Session.objects.filter(status=Status.FAILED).order_by("-finished_at")
    rows = list(newest.values_list("kind", "error")[:_NEWEST_FAILURES])
    alike = Counter((kind, _OF_ONE_CASE.sub("…", error)) for kind, error in rows)
    as_said = {(kind, _OF_ONE_CASE.sub("…", error)): error for kind, error in reversed(rows)}
    reasons = tuple(
        FailureReason(
            sentence=as_said[kind, sentence],
            kind=kind,
            count=count,
            begins=_beginning(as_said[kind, sentence]),
        )
        for (kind, sentence), count in alike.most_common(_MOST_REASONS)
    )
    return reasons, len(rows)


def _beginning(sentence: str) -> str:
    same = _OF_ONE_CASE.split(sentence, maxsplit=1)[0]
    return same if len(same) >= _FEWEST_LETTERS else sentence


# A step's name without the count that follows it; a session's next step begins where one ends. The
# newest reports are found by the primary key.
_STAGES = f"""
    WITH newest AS (
        SELECT id, session_id, split_part(step, ':', 1) AS name, at
        FROM {ProgressEntry._meta.db_table} ORDER BY id DESC LIMIT %s
    ), begun AS (
        SELECT session_id, name, min(at) AS at FROM newest GROUP BY session_id, name
    ), timed AS (
        SELECT session_id, name, extract(
            epoch FROM lead(at) OVER (PARTITION BY session_id ORDER BY at) - at
        )::float AS seconds FROM begun
    )
    SELECT timed.name, session.kind, count(*),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), max(seconds),
        (SELECT min(id) FROM newest)
    FROM timed JOIN {Session._meta.db_table} AS session ON session.id = timed.session_id
    WHERE seconds IS NOT NULL AND timed.name NOT LIKE 'Waiting%%'
        AND timed.name NOT LIKE 'Completed%%'
    GROUP BY 1, 2 ORDER BY 4 DESC, 1 LIMIT %s
"""  # noqa: S608, SLF001 - the names of our own tables


def _stages() -> tuple[Stage, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_STAGES, [_NEWEST_REPORTS, _MOST_STAGES])
        return tuple(
            Stage(name=name, kind=kind, count=count, median=median, longest=longest, since=since)
            for name, kind, count, median, longest, since in cursor.fetchall()
        )


def _rooms() -> tuple[Room, ...]:
    rooms = []
    for name, folder in (
        ("Disk of the media folder", settings.MEDIA_ROOT),
        ("Disk of the state folder", settings.EXOPLANET_STATE_DIR),
    ):
        used = free = None
        with suppress(OSError):
            usage = shutil.disk_usage(folder)
            used, free = usage.used, usage.free
        rooms.append(Room(name=name, used=used, free=free))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
        cursor.execute(f"SELECT coalesce(sum(size), 0) FROM {UploadedFile._meta.db_table}")  # noqa: S608, SLF001 - our own table
        (sent,) = cursor.fetchone()
    rooms.append(Room(name="Database", used=size, free=None))
    rooms.append(Room(name="Files that users sent", used=int(sent), free=None))
    return tuple(rooms)
