"""Load missions' tables as snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlcore.datasets import DATASETS, of_candidates
from mlcore.errors import MlcoreError
from sessions_app import selectors, services
from sessions_app.management.store_errors import store_errors_in_words

if TYPE_CHECKING:
    from argparse import ArgumentParser

_ALL = "all"


class Command(BaseCommand):
    help = (
        "Load a mission's table from a file, a folder of the archive's tables"
        " (EXOPLANET_ARCHIVE_DIR), the NASA Exoplanet Archive, or the table that the project"
        " carries: the first of these that has it. The new snapshot becomes the current one;"
        " sessions keep the one that they used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "mission",
            choices=[*DATASETS, _ALL],
            help=f"{_ALL}: every table of candidates; one of events is loaded by its name",
        )
        parser.add_argument("--file", type=Path, help="the only source to use")
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.EXOPLANET_ARCHIVE_DIR,
            help="a folder of the archive's tables (default: EXOPLANET_ARCHIVE_DIR)",
        )
        parser.add_argument(
            "--missing",
            action="store_true",
            help="leave missions alone that are loaded; one that cannot be had is no failure",
        )

    def handle(self, **options: Any) -> None:
        mission, file, missing = options["mission"], options["file"], options["missing"]
        if file is not None and mission == _ALL:
            raise CommandError("--file holds one mission's table: name the mission instead of all.")
        loaded = selectors.current_snapshots()
        failures = []
        for name in of_candidates() if mission == _ALL else [mission]:
            if missing and loaded[name] is not None:
                continue
            try:
                self._load(name, file=file, folder=options["folder"])
            except MlcoreError as error:
                failures.append(name)
                self.stderr.write(f"{name} is not loaded. {error}")
        if failures and not missing:
            raise CommandError(f"Not loaded: {', '.join(failures)}.")

    def _load(self, name: str, *, file: Path | None, folder: Path | None) -> None:
        with store_errors_in_words():
            snapshot, obtained, created = services.load_dataset(
                name,
                file=file,
                folder=folder,
                progress=lambda done, step: self.stdout.write(f"{name}: {done:4.0%} {step}"),
            )
        for failure in obtained.failures:
            self.stdout.write(f"{name}: {failure}")
        counts = ", ".join(
            f"{count} {label.replace('_', ' ')}" for label, count in snapshot.label_counts.items()
        )
        verb = "loaded" if created else "was loaded before and is current"
        self.stdout.write(
            f"{name}: {verb}, from {snapshot.get_source_display()} {snapshot.source_description},"
            f" dated {snapshot.dated or 'unknown'}: {snapshot.rows} objects ({counts})."
        )
