"""Deleting what expires, in a process of its own; see `growth`.

It imports what a cleanup imports and no more: a process' memory is what is measured.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass

from django.utils import timezone

from sessions_app import services
from sessions_app.benchmark.footprint import keep_one_connection, peak_of
from sessions_app.models import Session

__all__ = ["Deleted", "delete_a_tenth", "print_deleted"]

_EXPIRED = 10
"""One session in so many is deleted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deleted:
    """What went, and what that took."""

    sessions: int
    wall_seconds: float
    seconds: float
    """Of the processor, this process and Postgres together [s]."""
    postgres_seconds: float
    megabytes: float
    """The most that the process had [MB]."""


def print_deleted() -> None:
    """Print what `delete_a_tenth` finds as JSON."""
    logging.disable(logging.ERROR)
    print(json.dumps(asdict(delete_a_tenth())))  # noqa: T201


def delete_a_tenth() -> Deleted:
    """Delete what ended first, a tenth of everything, in this process, which did nothing before."""
    keep_one_connection()
    ended = Session.objects.filter(finished_at__isnull=False).order_by("finished_at")
    last = ended.values_list("finished_at", flat=True)[ended.count() // _EXPIRED]
    began, gone = time.perf_counter(), 0

    def clean_up() -> None:
        nonlocal gone
        gone = len(services.clean_up(older_than=timezone.now() - last).sessions)

    taken, peak = peak_of(clean_up)
    return Deleted(
        sessions=gone,
        wall_seconds=time.perf_counter() - began,
        seconds=taken.seconds,
        postgres_seconds=taken.postgres_seconds,
        megabytes=peak,
    )
