"""Take up sessions that were interrupted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from sessions_app import services


class Command(BaseCommand):
    help = (
        "Queue again the sessions that were interrupted, when no worker is alive, and give up those"
        " that were interrupted too often. `up` does this at its start."
    )

    def handle(self, **_options: Any) -> None:
        found = services.take_up_interrupted()
        for session_id in found.queued_again:
            self.stdout.write(f"Session {session_id} was interrupted and is queued again.")
        for session_id in found.given_up:
            self.stdout.write(f"Session {session_id} was interrupted too often and is given up.")
