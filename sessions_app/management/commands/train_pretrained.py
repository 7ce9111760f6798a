"""Train the models that the project publishes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlcore import pretrained
from mlcore.datasets import DATASETS
from mlcore.errors import MlcoreError
from mlcore.features.feature_sets import FeatureSet
from mlcore.pretrained import PUBLISHED
from mlcore.pretrained.comparison import TOLERANCE
from mlcore.pretrained.load import carry, differences
from sessions_app import services
from sessions_app.exceptions import RefusedError
from sessions_app.web.formatting import figure_on_rows

if TYPE_CHECKING:
    from argparse import ArgumentParser

_ALL = "all"


class Command(BaseCommand):
    help = (
        "Train a published model, those of a mission, or all, on the tables that are loaded, and"
        " offer them for prediction. On one machine the same tables and library versions give the"
        " same files, bit for bit; on another processor numbers may differ by a rounding."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        missions = [name for name, dataset in DATASETS.items() if dataset.published]
        parser.add_argument("which", choices=[*PUBLISHED, *missions, _ALL], nargs="?", default=_ALL)
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.EXOPLANET_ARCHIVE_DIR,
            help="a folder of the archive's tables, for --carry and --check, and for the model on"
            f" {_full_tables()} where the loaded one lacks its columns (default:"
            " EXOPLANET_ARCHIVE_DIR)",
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--carry",
            action="store_true",
            help="publish nothing here: train on the folder's tables and put the models into the"
            " project's source, for the next version of it",
        )
        what.add_argument(
            "--check",
            action="store_true",
            help="publish nothing here: train on the folder's tables and compare what each file"
            f" says with what the project carries, numbers to within {TOLERANCE:.0e}, of the larger"
            " one or as they are",
        )

    def handle(self, **options: Any) -> None:
        away = options["carry"] or options["check"]
        if away and options["folder"] is None:
            raise CommandError(
                "--carry and --check need the archive's tables: name a folder with --folder or"
                " EXOPLANET_ARCHIVE_DIR."
            )
        failures = []
        for name in _named(options["which"]):
            self.stdout.write(f"{name}: training ...")
            try:
                if away:
                    said = _trained_away(name, options["folder"], check=options["check"])
                else:
                    said = _published(name, options["folder"])
            except (RefusedError, MlcoreError, _DifferentError) as error:
                failures.append(name)
                self.stderr.write(f"{name}: {getattr(error, 'sentence', error)}")
                continue
            self.stdout.write(f"{name}: {said}")
        if failures:
            what = "Not as carried" if options["check"] else "Not published"
            raise CommandError(f"{what}: {', '.join(failures)}.")


class _DifferentError(Exception):
    """What was trained is not what is carried."""


def _named(which: str) -> list[str]:
    if which in PUBLISHED:
        return [which]
    return [
        name for name, model in PUBLISHED.items() if which == _ALL or model.missions == (which,)
    ]


def _published(name: str, folder: Path | None) -> str:
    session = services.train_pretrained(name, folder=folder)
    return f"published as {session.pk}; {_figure(session.card)}."


def _trained_away(name: str, folder: Path, *, check: bool) -> str:
    with tempfile.TemporaryDirectory(prefix="exoplanet-model-") as temporary:
        package = Path(temporary) / name
        sources = pretrained.sources_in_folder(PUBLISHED[name], folder)
        card = pretrained.train_published(name, sources, package)
        if not check:
            return f"carried in {carry(name, package) / 1000:.0f} kB; {_figure(card)}."
        if lines := differences(name, package):
            raise _DifferentError(f"not what is carried. {' '.join(lines)}")
        return f"every file says what is carried, to within {TOLERANCE:.0e}; {_figure(card)}."


def _figure(card: Any) -> str:
    return f"{card['headline']['title']} {figure_on_rows(card['headline'])}"


def _full_tables() -> str:
    wide = [model for model in PUBLISHED.values() if model.feature_set is FeatureSet.WIDE]
    owners = [DATASETS[mission].short_title for model in wide for mission in model.missions]
    return " and ".join(f"{owner}'s full table" for owner in owners)
