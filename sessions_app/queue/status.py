"""What the queue is like at this moment: one query, and no model, so that it costs nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db import connection

from sessions_app.queue.lanes import Lane
from sessions_app.queue.presence import PRESENT, Role, host_number

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HostFacts", "QueueFacts", "queue_facts"]

_COUNTED = {
    "workers": Role.WORKER,
    "reapers": Role.REAPER,
    "busy": Role.BUSY,
    "evidence_workers": Role.EVIDENCE_WORKER,
    "evidence_busy": Role.BUSY_WITH_EVIDENCE,
}
_ASK = f"""
    WITH present AS MATERIALIZED (
        SELECT present.*, coalesce(known.name, '') AS name,
            coalesce(known.roles ? 'workers', FALSE) AS works
        FROM ({PRESENT}) AS present
        LEFT JOIN sessions_app_host AS known ON known.number = present.host
    )
    SELECT
        (SELECT array_agg(role::int) FROM present) AS roles,
        (SELECT array_agg(host) FROM present) AS hosts,
        (SELECT array_agg(name) FROM present) AS names,
        (SELECT array_agg(works) FROM present) AS work,
        (SELECT array_agg(pid) FROM present) AS pids,
        count(*) FILTER (WHERE NOT in_background) AS waiting,
        count(*) FILTER (WHERE in_background) AS evidence_waiting,
        greatest(
            extract(epoch FROM now() - min(queued_at) FILTER (WHERE NOT in_background))::float, 0
        ) AS oldest_seconds,
        (SELECT coalesce(max(id), 0) FROM sessions_app_attempt) AS newest_attempt
    FROM sessions_app_session WHERE status = 'queued'
"""  # noqa: S608 - constants of our own


@dataclass(frozen=True, kw_only=True, slots=True)
class HostFacts:
    """Who is there to work on one host."""

    number: int
    name: str = ""
    """What it is called; a number where nothing but `manage.py work` was started on it."""
    is_supervised: bool = False
    """Whether its `manage.py up` is alive."""
    is_to_work: bool = False
    """Whether workers are among what its `manage.py up` runs."""
    workers: int = 0
    reapers: int = 0
    busy: int = 0
    evidence_workers: int = 0
    evidence_busy: int = 0
    begun: tuple[int, ...] = ()
    """What becomes another when it begins with a session."""

    @property
    def lacks_workers(self) -> bool:
        """Whether it should have workers, and none lives."""
        return self.is_supervised and self.is_to_work and not self.workers


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueFacts:
    """Who is there to work, on all hosts or on one of them, and what waits."""

    workers: int
    """Workers that are alive."""
    reapers: int
    """Reapers that are alive; one is enough."""
    busy: int
    """Sessions that are run and that somebody waits for."""
    waiting: int
    """Sessions that wait and that somebody waits for."""
    oldest_seconds: float
    """How long the session of these that waits longest has waited [s]; 0 when none waits. Since it
    was accepted, asked for again or interrupted."""
    newest_attempt: int
    """Number of the attempt that was begun last, over all sessions; 0 before the first."""
    evidence_workers: int = 1
    """Workers that are alive and gather evidence."""
    evidence_busy: int = 0
    evidence_waiting: int = 0
    """First answers whose evidence waits to be gathered."""
    begun: tuple[int, ...] | None = None
    """Of one host: what becomes another when it begins with a session."""
    hosts: tuple[HostFacts, ...] = field(default=(), compare=False)
    """The hosts that are present, by name."""

    @property
    def latest_begin(self) -> tuple[int, ...]:
        """What becomes another when anybody whom this is about begins with a session."""
        return (self.newest_attempt,) if self.begun is None else self.begun

    def workers_of(self, lane: Lane) -> int:
        """Return how many workers of a lane are alive."""
        return self.evidence_workers if lane is Lane.EVIDENCE else self.workers

    def waits_for_a_worker(self, lane: Lane) -> bool:
        """Tell whether a session of a lane waits while one of its workers is free."""
        if lane is Lane.EVIDENCE:
            return self.evidence_waiting > 0 and self.evidence_busy < self.evidence_workers
        return self.waiting > 0 and self.busy < self.workers

    def of_host(self, number: int) -> QueueFacts:
        """Return the same with the workers of one host alone."""
        empty = HostFacts(number=number)
        host = next((host for host in self.hosts if host.number == number), empty)
        counts = {name: getattr(host, name) for name in _COUNTED}
        # A session so short that no look has met it shows in the attempts, of which it cannot be
        # said whose they are where others work, too.
        alone = all(
            self.workers_of(lane) == replace(self, **counts).workers_of(lane) for lane in Lane
        )
        begun = (self.newest_attempt,) if alone else ()
        return replace(self, **counts, begun=(*begun, *host.begun))

    def here(self) -> QueueFacts:
        """Return the same with the workers of this host alone."""
        return self.of_host(host_number())


def queue_facts() -> QueueFacts:
    """Ask the database; that it cannot be asked is a Django DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK)
        names = [column.name for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
    present = [row.pop(name) or [] for name in ("hosts", "names", "work", "roles", "pids")]
    hosts = _hosts(zip(*present, strict=True))
    totals = {name: sum(getattr(host, name) for host in hosts) for name in _COUNTED}
    return QueueFacts(**row, **totals, hosts=hosts)


def _hosts(present: Iterable[tuple[int, str, bool, int, int]]) -> tuple[HostFacts, ...]:
    names: dict[int, str] = {}
    roles: dict[int, Counter[int]] = {}
    begun: dict[int, list[int]] = {}
    working: dict[int, bool] = {}
    for number, name, works, role, pid in present:
        if role in {Role.JOINS, Role.PREPARES}:
            # Of the whole installation.
            continue
        names[number], working[number] = name or f"{number:08x}", works
        roles.setdefault(number, Counter())[role] += 1
        if role in {Role.BUSY, Role.BUSY_WITH_EVIDENCE}:
            # Each attempt has a connection of its own, and the server a process for each.
            begun.setdefault(number, []).append(pid)
    return tuple(
        HostFacts(
            number=number,
            name=names[number],
            is_supervised=Role.HOST in roles[number],
            is_to_work=working[number],
            begun=tuple(sorted(begun.get(number, ()))),
            **{name: roles[number][role] for name, role in _COUNTED.items()},
        )
        for number in sorted(names, key=names.__getitem__)
    )
