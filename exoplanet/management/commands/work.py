"""`manage.py work`: the job queue's workers, with an end that comes."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import psutil
from django.conf import settings
from django.core.management.base import BaseCommand
from django_q.cluster import Cluster
from django_q.conf import Conf

from exoplanet import child_process
from mlcore._priority import extend_niceness_to_session
from sessions_app.queue.lanes import Lane

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from types import FrameType

_LOWEST_PRIORITY = 19
PATIENCE = 8
"""How long running jobs may take to finish once SIGTERM has come [s]."""


class Command(BaseCommand):
    help = "Run the job queue until SIGTERM, which gives the running jobs a few seconds more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--evidence",
            action="store_true",
            help="gather the evidence behind first answers, at the lowest priority, instead of"
            " answering",
        )

    def handle(self, **options: Any) -> None:
        if options["evidence"]:
            settings.EXOPLANET_LANE = Lane.EVIDENCE
            # One at a time: it takes the cores that are free.
            Conf.WORKERS = 1
            os.nice(_LOWEST_PRIORITY)
            extend_niceness_to_session()
        # The queue's own processes would live on without the main one and go on working beside
        # its successor's.
        child_process.let_forks_die_with_parent()
        _BoundedCluster().start()


class _BoundedCluster(Cluster):
    """The queue's cluster, which by itself would wait for its jobs however long they take."""

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        """Stop in order, and at once when that takes too long."""
        signal.signal(signal.SIGALRM, _end_at_once)
        signal.alarm(PATIENCE)
        super().sig_handler(signum, frame)
        signal.alarm(0)


def _end_at_once(_signum: int, _frame: FrameType | None) -> None:
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)
