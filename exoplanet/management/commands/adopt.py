"""`manage.py adopt`: another secret key, or another place of the files, on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from exoplanet.supervisor import fit
from sessions_app.files import store_identity
from sessions_app.management.store_errors import store_errors_in_words
from sessions_app.models import Installation
from sessions_app.queue import presence

if TYPE_CHECKING:
    from argparse import ArgumentParser

_KEY, _MEDIA = "secret_key", "media"


class Command(BaseCommand):
    help = (
        "Take this host's secret key, or its media folder or bucket, for that of all hosts from now"
        " on. All of them have to be stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=[_KEY, _MEDIA])

    def handle(self, *, what: str, **_options: Any) -> None:
        with store_errors_in_words(), transaction.atomic():
            # No host joins meanwhile.
            presence.alone_until_commit(presence.Role.JOINS)
            self._refuse_while_hosts_are_present()
            shared = Installation.objects.first()
            if shared is None:
                raise CommandError("No host has been started on this database: nothing to adopt.")
            if what == _KEY:
                Installation.objects.update(key_digest=fit.key_digest(shared.store))
                said = (
                    "The secret key is this host's: give it to the others before they are started."
                    " Whoever was signed in has to sign in again."
                )
            else:
                store_identity.mark(shared.store)
                place, _ = store_identity.place_and_variable()
                said = (
                    f"Files are kept in the {place}; `manage.py cleanup_sessions --dry-run` tells"
                    " what it lacks."
                )
        self.stdout.write(said)

    def _refuse_while_hosts_are_present(self) -> None:
        if presence.present_hosts():
            names = ", ".join(host.name for host in fit.present()) or "one that is just starting"
            raise CommandError(f"Hosts are present ({names}): stop them first.")
