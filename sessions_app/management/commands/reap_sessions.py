"""Take up sessions that were interrupted."""

from __future__ import annotations

import logging
import signal
import time
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from sessions_app import services
from sessions_app.files.pruning import prune_host
from sessions_app.queue import presence

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

_log = logging.getLogger(__name__)

_STEP_SECONDS = 0.1
"""How soon a signal is noticed."""
_PRUNING_SECONDS = 60.0
"""How often this host's own folders are looked through."""


class Command(BaseCommand):
    help = (
        "Queue again the sessions that were interrupted, and give up those that were interrupted"
        " too often. Any number of these may run, beside workers that are alive; `up` runs one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every",
            type=float,
            metavar="SECONDS",
            help="go on until SIGTERM, with pauses of so many seconds",
        )

    def handle(self, **options: Any) -> None:
        if options["every"] is None:
            self._reap_and_tell()
            prune_host()
            return
        asked_to_stop: list[int] = []
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda number, _: asked_to_stop.append(number))
        presence.announce("the reaper", presence.Role.REAPER)
        next_time = next_pruning = 0.0
        while not asked_to_stop:
            if time.monotonic() >= next_time:
                self._try(services.take_up_interrupted)
                next_time = time.monotonic() + options["every"]
            if time.monotonic() >= next_pruning:
                self._try(prune_host)
                next_pruning = time.monotonic() + _PRUNING_SECONDS
            time.sleep(_STEP_SECONDS)
        # Once more, for what was interrupted by the stop of everything that was stopped before.
        self._try(services.take_up_interrupted)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            close_old_connections()
            # The log tells what was taken up.
            act()
        except DatabaseError as error:
            _log.warning("the database cannot be asked: %s", (str(error).splitlines() or [""])[0])
            connection.close()
        except OSError as error:
            _log.warning("files that were left behind stay for now: %s", error.strerror)

    def _reap_and_tell(self) -> None:
        taken_up = services.take_up_interrupted()
        for session_id in taken_up.queued_again:
            self.stdout.write(f"Session {session_id} was interrupted and is queued again.")
        for session_id in taken_up.given_up:
            self.stdout.write(f"Session {session_id} was interrupted too often and is given up.")
