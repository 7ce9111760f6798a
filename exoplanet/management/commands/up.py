"""`manage.py up`: run everything until it is told to stop."""

from __future__ import annotations

import logging
import sys
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand

from exoplanet.postgres.server import PostgresError
from exoplanet.supervisor.address import AddressError
from exoplanet.supervisor.supervisor import Supervisor, SupervisorError

_log = logging.getLogger("exoplanet.up")


class Command(BaseCommand):
    help = "Run Postgres, the web server and the job queue until Ctrl-C or SIGTERM."
    # The children check themselves; here it would only make the start longer.
    requires_system_checks: ClassVar[list[str]] = []

    def handle(self, **_options: Any) -> None:
        try:
            Supervisor(report=self._report).run()
        except (AddressError, PostgresError, SupervisorError) as error:
            if not settings.EXOPLANET_LOG_JSON:
                sys.exit(str(error))
            _log.critical("%s", error)
            sys.exit(1)

    def _report(self, line: str) -> None:
        if settings.EXOPLANET_LOG_JSON:
            _log.info("%s", line.strip())
            return
        self.stdout.write(line)
        self.stdout.flush()
