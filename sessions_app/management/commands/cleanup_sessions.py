"""Delete what is kept no longer."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from sessions_app import services
from sessions_app.management.store_errors import store_errors_in_words

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from sessions_app.services import CleanedUp


class Command(BaseCommand):
    help = (
        "Delete the sessions that ended longer ago than EXOPLANET_RETENTION_DAYS, with their files,"
        " and files that nothing names. Published models stay, and what sessions that stay use."
        " It may run beside everything else; `up` runs it once a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what would go, and how large it is"
        )
        parser.add_argument(
            "--older-than",
            type=_days,
            metavar="DAYS",
            help="how long ago the sessions have ended, instead of EXOPLANET_RETENTION_DAYS",
        )

    def handle(self, **options: Any) -> None:
        with store_errors_in_words():
            cleaned = services.clean_up(
                older_than=options["older_than"], dry_run=options["dry_run"]
            )
        for line in _lines(cleaned, "would be deleted" if options["dry_run"] else "deleted"):
            self.stdout.write(line)


def _lines(cleaned: CleanedUp, verb: str) -> list[str]:
    lines = [
        f"Session {session.id}, {session.words}: {verb}, {_in_words(session.size)}."
        for session in cleaned.sessions
    ]
    lines += [
        f"{orphan.name}, which nothing names: {verb}, {_in_words(orphan.size)}."
        for orphan in cleaned.orphans
    ]
    lines += [f"{name} is missing, and a row names it." for name in cleaned.missing]
    lines += [
        f"{count} {what}: {verb}."
        for count, what in (
            (cleaned.progress_rows, "superseded progress rows"),
            (cleaned.keys, "answers to repeated requests"),
            (cleaned.logins, "expired logins"),
            (cleaned.failures, "notes of failed tasks"),
        )
        if count
    ]
    return [*lines, f"{_in_words(cleaned.size)} in all."]


def _in_words(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size = size / 1000
    return f"{size:.3g} GB"


def _days(text: str) -> timedelta:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days <= 36_500:
        raise ArgumentTypeError(f'it must be a number of days from 0 to 36500, and not "{text}"')
    return timedelta(days=days)
