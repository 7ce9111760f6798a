"""Measure the science, the server's speed, or a year of use, against their bars."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlcore.benchmark import BENCHMARKS, FULL, QUICK, as_markdown, run_benchmarks, speed
from mlcore.benchmark.light_curves import LIGHT_CURVE_BENCHMARKS, run_light_curve_benchmarks
from mlcore.errors import MlcoreError
from mlcore.parallel import Cores
from sessions_app.benchmark import growth_rows
from sessions_app.benchmark.growth import SESSIONS, run_growth
from sessions_app.benchmark.private_server import ServerError
from sessions_app.benchmark.speed import MEASURED, run_speed

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from mlcore.benchmark import BenchmarkRow
    from mlcore.benchmark.speed import SpeedRow
    from sessions_app.benchmark.growth_rows import GrowthRow

_SPEED, _SCIENCE, _LIGHT_CURVES, _GROWTH = "speed", "science", "lightcurves", "growth"
_NAMES = {
    _SPEED: MEASURED,
    _SCIENCE: BENCHMARKS,
    _LIGHT_CURVES: LIGHT_CURVE_BENCHMARKS,
    _GROWTH: (),
}
_QUICK_SESSIONS = 600


class Command(BaseCommand):
    help = (
        "speed: start a server of its own, train every model type on it and hold what that takes"
        " against a bare notebook on the same machine; a quarter to half an hour, on a machine that"
        " does nothing else. science: measure the best known recipe by the protocols of the bars,"
        " on the archive's tables; about a quarter of an hour. lightcurves: search, vet and judge"
        " real light curves, which a folder named by EXOPLANET_LIGHTCURVE_DIR has; about an hour."
        " growth: fill a database of its own"
        " as a year of use would, and measure every list and page; ten minutes and four gigabytes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=list(_NAMES), nargs="?", default=_SPEED)
        parser.add_argument("--json", action="store_true", help="print a list of objects")
        parser.add_argument(
            "--quick",
            action="store_true",
            help="with one decision tree, or one seed and a handful of trees: shows that everything"
            " is measured; its figures mean nothing",
        )
        parser.add_argument(
            "--only",
            action="append",
            metavar="NAME",
            help="measure this alone; again for another. "
            + " ".join(f"{what}: {', '.join(names)}." for what, names in _NAMES.items() if names),
        )
        parser.add_argument(
            "--sessions", type=int, default=SESSIONS, help="growth: how many there are in the end"
        )
        parser.add_argument(
            "--folder", type=Path, help="the archive's tables; EXOPLANET_ARCHIVE_DIR by default"
        )

    def handle(self, **options: Any) -> None:
        known = _NAMES[options["what"]]
        for name in options["only"] or ():
            if name not in known:
                raise CommandError(
                    f"--only was {name!r}, but it must be one of {', '.join(known)}."
                    if known
                    else f"{options['what']} has no parts that could be measured alone."
                )
        given = options["folder"] or settings.EXOPLANET_ARCHIVE_DIR
        folder = Path(given) if given else None
        measured = {
            _SPEED: self._speed,
            _SCIENCE: self._science,
            _LIGHT_CURVES: self._light_curves,
            _GROWTH: self._growth,
        }[options["what"]]
        rows, table = measured(folder, options)
        if options["json"]:
            objects = [row.as_json() for row in rows]
            self.stdout.write(json.dumps(objects, indent=1, allow_nan=False))
        else:
            self.stdout.write(table)
        if options["quick"]:
            self.stderr.write("These figures are of a few short runs: they mean nothing.")

    def _speed(
        self, folder: Path | None, options: dict[str, Any]
    ) -> tuple[Sequence[SpeedRow], str]:
        try:
            rows = run_speed(
                folder, only=options["only"], quick=options["quick"], progress=self._report
            )
        except ServerError as error:
            raise CommandError(str(error)) from None
        return rows, speed.as_markdown(rows)

    def _science(
        self, folder: Path | None, options: dict[str, Any]
    ) -> tuple[Sequence[BenchmarkRow], str]:
        folder = _named(folder)
        effort = QUICK if options["quick"] else FULL
        try:
            rows = run_benchmarks(
                folder, only=options["only"], effort=effort, progress=self._report
            )
        except MlcoreError as error:
            raise CommandError(str(error)) from None
        return rows, as_markdown(rows)

    def _light_curves(
        self, folder: Path | None, options: dict[str, Any]
    ) -> tuple[Sequence[BenchmarkRow], str]:
        folder = _named(folder)
        if not settings.EXOPLANET_LIGHTCURVE_DIR:
            raise CommandError(
                "Name the folder with the collections of light curves by EXOPLANET_LIGHTCURVE_DIR."
            )
        with TemporaryDirectory() as tokens:
            try:
                rows = run_light_curve_benchmarks(
                    Path(settings.EXOPLANET_LIGHTCURVE_DIR),
                    folder,
                    effort=QUICK if options["quick"] else FULL,
                    only=options["only"],
                    cores=Cores(folder=Path(tokens), count=os.cpu_count() or 1),
                    progress=self._report,
                )
            except MlcoreError as error:
                raise CommandError(str(error)) from None
        return rows, as_markdown(rows)

    def _growth(
        self, folder: Path | None, options: dict[str, Any]
    ) -> tuple[Sequence[GrowthRow], str]:
        try:
            rows = run_growth(
                folder,
                sessions=_QUICK_SESSIONS if options["quick"] else options["sessions"],
                quick=options["quick"],
                progress=self._report,
            )
        except ServerError as error:
            raise CommandError(str(error)) from None
        return rows, growth_rows.as_markdown(rows)

    def _report(self, done: float, step: str) -> None:
        self.stderr.write(f"{done:4.0%}  {step}")


def _named(folder: Path | None) -> Path:
    if folder is None:
        raise CommandError(
            "Name the folder with the archive's tables by --folder or EXOPLANET_ARCHIVE_DIR."
        )
    return folder
