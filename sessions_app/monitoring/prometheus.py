"""The service's figures for Prometheus, read from the database whenever somebody asks.

Counting in memory would give each of the web server's processes figures of its own, and none of
them those of the workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.db.models import Count, F, Sum
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.registry import Collector

from sessions_app.lifecycle import AttemptEnding, Status
from sessions_app.models import Attempt, Session, SessionKind
from sessions_app.monitoring.health import health
from sessions_app.queue.lanes import Lane

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.metrics_core import Metric

    from sessions_app.queue.status import HostFacts


class _Service(Collector):
    def collect(self) -> Iterator[Metric]:
        facts = health()
        yield GaugeMetricFamily(
            "exoplanet_up", "Whether the database answers.", value=float(facts.database)
        )
        free = GaugeMetricFamily(
            "exoplanet_disk_free_bytes", "Room left on the folder's disk.", labels=["folder"]
        )
        for folder, size in facts.free_bytes.items():
            free.add_metric([folder], size)
        yield free
        if facts.queue is None:
            return
        queue = facts.queue
        for name, meaning, value in (
            ("workers", "Workers that are alive.", queue.workers),
            ("workers_busy", "Sessions that are run.", queue.busy),
            ("reapers", "Reapers that are alive.", queue.reapers),
            ("queue_length", "Sessions that wait.", queue.waiting),
            (
                "evidence_workers",
                "Workers that gather evidence.",
                queue.evidence_workers,
            ),
            ("evidence_busy", "First answers whose evidence is gathered.", queue.evidence_busy),
            ("evidence_length", "First answers whose evidence waits.", queue.evidence_waiting),
            (
                "queue_oldest_seconds",
                "How long the session that waits longest has waited.",
                queue.oldest_seconds,
            ),
        ):
            yield GaugeMetricFamily(f"exoplanet_{name}", meaning, value=value)
        yield from _by_host(facts.hosts)
        try:
            # Both before the first is given: half of an answer would be none.
            rows = [_sessions(), _attempts(), _seconds()]
        except DatabaseError:
            return
        yield from rows


def _by_host(hosts: Iterable[HostFacts]) -> Iterator[Metric]:
    present = GaugeMetricFamily(
        "exoplanet_host_up", "Whether the host's supervisor is present.", labels=["host"]
    )
    workers = GaugeMetricFamily(
        "exoplanet_host_workers", "Workers that are alive on a host.", labels=["host", "lane"]
    )
    busy = GaugeMetricFamily(
        "exoplanet_host_workers_busy", "Sessions that a host runs.", labels=["host", "lane"]
    )
    for host in hosts:
        present.add_metric([host.name], float(host.is_supervised))
        for lane, alive, running in (
            (Lane.FIRST_ANSWERS, host.workers, host.busy),
            (Lane.EVIDENCE, host.evidence_workers, host.evidence_busy),
        ):
            workers.add_metric([host.name, lane], alive)
            busy.add_metric([host.name, lane], running)
    yield from (present, workers, busy)


def _sessions() -> Metric:
    counted = Session.objects.values_list("kind", "status").annotate(count=Count("pk"))
    counts = {(kind, status): count for kind, status, count in counted.order_by()}
    family = GaugeMetricFamily(
        "exoplanet_sessions", "Sessions that are kept.", labels=["kind", "status"]
    )
    for kind in SessionKind.values:
        for status in Status.values:
            family.add_metric([kind, status], counts.get((kind, status), 0))
    return family


def _attempts() -> Metric:
    # No counter: sessions that are deleted take theirs with them.
    counted = Attempt.objects.exclude(ending="").values_list("ending")
    counts = dict(counted.annotate(count=Count("pk")).order_by())
    family = GaugeMetricFamily(
        "exoplanet_attempts", "Attempts of the sessions that are kept.", labels=["ending"]
    )
    for ending in AttemptEnding.values:
        family.add_metric([ending], counts.get(ending, 0))
    return family


def _seconds() -> Metric:
    ended = Attempt.objects.filter(ended_at__isnull=False).values_list("session__kind")
    groups = ended.annotate(count=Count("pk"), time=Sum(F("ended_at") - F("started_at"))).order_by()
    family = SummaryMetricFamily(
        "exoplanet_job_seconds", "How long the attempts took.", labels=["kind"]
    )
    taken = {kind: (count, time.total_seconds()) for kind, count, time in groups}
    for kind in SessionKind.values:
        count, seconds = taken.get(kind, (0, 0.0))
        family.add_metric([kind], count_value=count, sum_value=seconds)
    return family


REGISTRY = CollectorRegistry(auto_describe=False)
REGISTRY.register(_Service())
