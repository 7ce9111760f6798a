"""`manage.py up`: run everything until it is told to stop."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand

from exoplanet.postgres.server import PostgresError
from exoplanet.supervisor.address import AddressError
from exoplanet.supervisor.errors import SupervisorError
from exoplanet.supervisor.roles import EVERYTHING, Role, roles_named
from exoplanet.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from argparse import ArgumentParser

_log = logging.getLogger("exoplanet.up")


class Command(BaseCommand):
    help = "Run Postgres, the web server and the job queue until Ctrl-C or SIGTERM."
    # The children check themselves; here it would only make the start longer.
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--role",
            action="append",
            choices=[EVERYTHING, *Role],
            default=[],
            help="run a part of it beside other hosts on the same database, which DATABASE_URL"
            " names; it may be given several times",
        )

    def handle(self, **options: Any) -> None:
        try:
            Supervisor(report=self._report, roles=roles_named(options["role"])).run()
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
