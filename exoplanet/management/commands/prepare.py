"""`manage.py prepare`: what has to be there before anything is served."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from sessions_app.queue import presence

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOK_SECONDS = 0.2


class Command(BaseCommand):
    help = (
        "Migrate the database, take up what was interrupted, load the datasets that are missing,"
        " publish the carried models."
    )
    requires_system_checks: ClassVar[list[str]] = []

    def handle(self, **_options: Any) -> None:
        with self._alone():
            try:
                if _unapplied():
                    call_command("migrate", interactive=False, verbosity=0)
            except DatabaseError as error:
                reason = str(error).splitlines()[0].rstrip(".")
                raise CommandError(f"The database cannot be migrated: {reason}.") from error
            call_command("reap_sessions")
            call_command("load_dataset", "all", missing=True)
            call_command("install_pretrained")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one host after the other do it: none of it may be done twice at once."""
        holder = connection.copy()
        is_told = False
        try:
            while not presence.taken_alone(holder, presence.Role.PREPARES):
                if not is_told:
                    is_told = True
                    self.stdout.write("Another host prepares the database; this one waits.")
                    self.stdout.flush()
                time.sleep(_LOOK_SECONDS)
            yield
        finally:
            holder.close()


def _unapplied() -> bool:
    # `migrate` itself takes longer to find nothing to do than everything else here together.
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
