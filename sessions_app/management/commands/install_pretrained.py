"""Publish the models that the project carries."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mlcore import pretrained
from mlcore.errors import ArtifactError
from sessions_app import services
from sessions_app.management.store_errors import store_errors_in_words


class Command(BaseCommand):
    help = (
        "Offer the models that the project carries for prediction; no table and no network is"
        " needed. What is there already stays as it is, and a published model that this version"
        " cannot read is offered no longer."
    )

    def handle(self, **_options: Any) -> None:
        for name in pretrained.carried_names():
            try:
                with store_errors_in_words():
                    installed = services.install(name)
            except ArtifactError as error:
                # The others serve all the same, and a server without this one is of use.
                self.stderr.write(f"{name} is not published. {error}")
                continue
            if installed is not None:
                self.stdout.write(f"{name}: the carried model is published.")
        with store_errors_in_words():
            withdrawn = services.withdraw_unreadable()
        for session in withdrawn:
            self.stdout.write(f"{session} is offered no longer: its model cannot be read.")
