#!/usr/bin/env python
"""Django's command line, with the project's own Postgres behind it when no other is given."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from exoplanet.postgres.server import PostgresError, embedded_postgres
from mlcore._one_thread import ONE_THREAD

# `up` owns its Postgres itself, `benchmark` starts a server with one; the others need none.
WITHOUT_POSTGRES = frozenset({"up", "benchmark", "help", "--help", "-h", "version", "--version"})


def main() -> None:
    """Run one command, and Postgres for as long as it takes where none is running."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet.settings")
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
    with ExitStack() as stack:
        try:
            if settings.EXOPLANET_EMBEDDED_POSTGRES and not WITHOUT_POSTGRES.issuperset(
                sys.argv[1:2]
            ):
                stack.enter_context(
                    embedded_postgres(
                        settings.EXOPLANET_STATE_DIR,
                        connections=settings.EXOPLANET_DATABASE_CONNECTIONS,
                    )
                )
        except (ImproperlyConfigured, PostgresError) as error:
            sys.exit(str(error))
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
