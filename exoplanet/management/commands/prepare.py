"""`manage.py prepare`: what has to be there before anything is served."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = (
        "Migrate the database, take up what was interrupted, load the datasets that are missing,"
        " publish the carried models."
    )
    requires_system_checks: ClassVar[list[str]] = []

    def handle(self, **_options: Any) -> None:
        try:
            if _unapplied():
                call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise CommandError(f"The database cannot be migrated: {reason}.") from error
        call_command("reap_sessions")
        call_command("load_dataset", "all", missing=True)
        call_command("install_pretrained")


def _unapplied() -> bool:
    # `migrate` itself takes longer to find nothing to do than everything else here together.
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
