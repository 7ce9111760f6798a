"""Measure the science against its bars."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlcore.benchmark import BENCHMARKS, FULL, QUICK, as_markdown, run_benchmarks
from mlcore.errors import MlcoreError

if TYPE_CHECKING:
    from argparse import ArgumentParser

_SPEED, _SCIENCE = "speed", "science"


class Command(BaseCommand):
    help = (
        "science: measure the best known recipe by the protocols of the bars, on the archive's"
        " tables; about a quarter of an hour. The server's speed is measured by `make benchmark`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=[_SPEED, _SCIENCE], nargs="?", default=_SPEED)
        parser.add_argument("--json", action="store_true", help="print a list of objects")
        parser.add_argument(
            "--quick",
            action="store_true",
            help="with one seed and a handful of trees: shows that everything is measured; its"
            " figures mean nothing",
        )
        parser.add_argument(
            "--only",
            action="append",
            choices=list(BENCHMARKS),
            metavar="NAME",
            help=f"measure this alone; again for another: {', '.join(BENCHMARKS)}",
        )
        parser.add_argument(
            "--folder", type=Path, help="the archive's tables; EXOPLANET_ARCHIVE_DIR by default"
        )

    def handle(self, **options: Any) -> None:
        if options["what"] == _SPEED:
            raise CommandError(
                "The server's speed is measured by `make benchmark`; this command measures the"
                " science: manage.py benchmark science."
            )
        folder = options["folder"] or settings.EXOPLANET_ARCHIVE_DIR
        if not folder:
            raise CommandError(
                "Name the folder with the archive's tables by --folder or EXOPLANET_ARCHIVE_DIR."
            )
        effort = QUICK if options["quick"] else FULL
        try:
            rows = run_benchmarks(
                Path(folder), only=options["only"], effort=effort, progress=self._report
            )
        except MlcoreError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            objects = [row.as_json() for row in rows]
            self.stdout.write(json.dumps(objects, indent=1, allow_nan=False))
        else:
            self.stdout.write(as_markdown(rows))
        if effort is QUICK:
            self.stderr.write("These figures are of a handful of trees: they mean nothing.")

    def _report(self, done: float, step: str) -> None:
        self.stderr.write(f"{done:4.0%}  {step}")
