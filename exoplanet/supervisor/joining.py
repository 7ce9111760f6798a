"""How a host joins those that share a database: it takes its name, looks whether it fits, signs."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from exoplanet.supervisor import fit
from exoplanet.supervisor.errors import SupervisorError
from exoplanet.version import code_version, libraries
from sessions_app.files import store_identity
from sessions_app.models import Host, Installation
from sessions_app.queue import presence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from exoplanet.supervisor.fit import Misfits
    from exoplanet.supervisor.roles import Role

__all__ = ["Joining"]

_PATIENCE = 8.0
"""How long the name of a host that has just ended may still be taken [s]."""
_LOOK_SECONDS = 1.0


class Joining:
    """A host on its way to the others; what does not fit is a SupervisorError.

    Parameters
    ----------
    roles
        What it will run.
    owns_database
        Whether the database is its own Postgres, on which nobody else works.
    report
        Takes a line for the operator.
    """

    def __init__(
        self, *, roles: Collection[Role], owns_database: bool, report: Callable[[str], None]
    ) -> None:
        self._roles = roles
        self._owns_database = owns_database
        self._report = report

    def enter(self) -> None:
        """Take this host's name, and look whether it fits before the database is touched."""
        if not presence.announce_host(patience=_PATIENCE):
            raise SupervisorError(
                f'A host named "{settings.EXOPLANET_HOST_NAME}" is present on this database: set'
                " EXOPLANET_HOST_NAME to a name that no other `manage.py up` has."
            )
        with suppress(DatabaseError), transaction.atomic():
            # What it was at its last start is not what it is. (The table may be missing.)
            Host.objects.filter(number=presence.host_number()).delete()
        self._checked()

    def await_preparation(self) -> None:
        """Wait until a host whose role it is has prepared the database."""
        is_told = False
        while not fit.is_prepared():
            if not is_told:
                is_told = True
                self._report(
                    "The database is not prepared yet: this host waits for one that runs"
                    " `manage.py up --role web`, which migrates and fills it."
                )
            connection.close()
            time.sleep(_LOOK_SECONDS)

    def sign(self) -> None:
        """Look again, now that all tables are there, and leave word of this host."""
        with transaction.atomic():
            # Of two hosts that start at once the second sees the first.
            presence.alone_until_commit(presence.Role.JOINS)
            for warning in self._checked().warnings:
                self._report(f"Warning: {warning}")
            self._sign()

    def _checked(self) -> Misfits:
        found = fit.misfits(roles=self._roles, owns_database=self._owns_database)
        if found.refusals:
            raise SupervisorError("\n".join(found.refusals))
        return found

    def _sign(self) -> None:
        # What does not fit here has been told to whom the database belongs.
        shared, _ = Installation.objects.get_or_create(pk=1)
        if store_identity.marked() != shared.store:
            store_identity.mark(shared.store)
        Installation.objects.update(key_digest=fit.key_digest(shared.store))
        present = presence.present_hosts()
        Host.objects.exclude(number__in=present).delete()
        Host.objects.update_or_create(
            number=presence.host_number(),
            defaults={
                "name": settings.EXOPLANET_HOST_NAME,
                "roles": sorted(self._roles),
                "version": code_version(),
                "libraries": libraries(),
                "started_at": timezone.now(),
            },
        )
