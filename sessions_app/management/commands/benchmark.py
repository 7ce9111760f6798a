"""Measure the product against something else, or the science against its bars."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlcore.benchmark import FULL, QUICK, as_markdown, run_benchmarks
from mlcore.errors import MlcoreError
from sessions_app.benchmarks.explaining import measure_explanations
from sessions_app.benchmarks.polling import measure_polling
from sessions_app.benchmarks.served import served
from sessions_app.benchmarks.sessions import measure_session

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from mlcore.benchmark import BenchmarkRow
    from sessions_app.benchmarks.measured import Measured

_SPEED, _SCIENCE = "speed", "science"


class Command(BaseCommand):
    help = (
        "speed: start a server of its own and measure it, as ratios within this run whose medians"
        " are compared with their bars; about three minutes. science: measure the best known"
        " recipe by the protocols of the bars, on the archive's tables; about a quarter of an hour."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=[_SPEED, _SCIENCE], nargs="?", default=_SPEED)
        parser.add_argument("--runs", type=int, default=5, help="measurements of each ratio")
        parser.add_argument("--json", action="store_true", help="print a list of objects")
        parser.add_argument(
            "--quick",
            action="store_true",
            help="science with one seed and a handful of trees: shows that everything is measured;"
            " its figures mean nothing",
        )
        parser.add_argument(
            "--folder", type=Path, help="the archive's tables; EXOPLANET_ARCHIVE_DIR by default"
        )

    def handle(self, **options: Any) -> None:
        if options["what"] == _SCIENCE:
            self._science(options)
        else:
            self._speed(options)

    def _science(self, options: dict[str, Any]) -> None:
        folder = options["folder"] or settings.EXOPLANET_ARCHIVE_DIR
        if not folder:
            raise CommandError(
                "Name the folder with the archive's tables by --folder or EXOPLANET_ARCHIVE_DIR."
            )
        effort = QUICK if options["quick"] else FULL
        try:
            rows = run_benchmarks(Path(folder), effort=effort, progress=self._told)
        except MlcoreError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self._json(rows)
        else:
            self.stdout.write(as_markdown(rows))
        if effort is QUICK:
            self.stderr.write("These figures are of a handful of trees: they mean nothing.")

    def _json(self, found: Sequence[BenchmarkRow | Measured]) -> None:
        objects = [each.as_json() for each in found]
        self.stdout.write(json.dumps(objects, indent=1, allow_nan=False))

    def _told(self, done: float, step: str) -> None:
        self.stderr.write(f"{done:4.0%}  {step}")

    def _speed(self, options: dict[str, Any]) -> None:
        if importlib.util.find_spec("flask") is None:
            raise CommandError(
                "Flask is what polling is compared with; install tests/requirements.txt."
            )
        runs = options["runs"]
        with served() as (address, media):
            found = [
                measure_session(address, media, runs=runs),
                *measure_explanations(media, runs=runs),
                measure_polling(address, runs=runs),
            ]
        if options["json"]:
            self._json(found)
            return
        for each in found:
            sign = "≤" if each.at_most else "≥"
            self.stdout.write(
                f"{'holds' if each.holds else 'FAILS'}  {each.median:.2f}"
                f" ({min(each.ratios):.2f} to {max(each.ratios):.2f})  {sign} {each.bar:g}"
                f"  {each.name}\n       {each.detail}"
            )
