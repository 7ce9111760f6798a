"""`manage.py up`: run everything until it is told to stop."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from django.core.management.base import BaseCommand

from exoplanet.address import AddressError
from exoplanet.postgres import PostgresError
from exoplanet.supervisor import Supervisor, SupervisorError


class Command(BaseCommand):
    help = "Run Postgres, the web server and the job queue until Ctrl-C or SIGTERM."
    # The children check themselves; here it would only make the start longer.
    requires_system_checks: ClassVar[list[str]] = []

    def handle(self, **_options: Any) -> None:
        try:
            Supervisor(report=self._report).run()
        except (AddressError, PostgresError, SupervisorError) as error:
            sys.exit(str(error))

    def _report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
