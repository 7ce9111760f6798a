"""Measure the product against something else."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from sessions_app.benchmarks.explaining import measure_explanations
from sessions_app.benchmarks.polling import measure_polling
from sessions_app.benchmarks.served import served
from sessions_app.benchmarks.sessions import measure_session

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = (
        "Start a server of its own and measure it: ratios within this run, whose medians are"
        " compared with their bars. Takes about three minutes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--runs", type=int, default=5, help="measurements of each ratio")
        parser.add_argument("--json", action="store_true", help="print a list of objects")

    def handle(self, **options: Any) -> None:
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
            self.stdout.write(json.dumps([each.as_json() for each in found], indent=1))
            return
        for each in found:
            sign = "≤" if each.at_most else "≥"
            self.stdout.write(
                f"{'holds' if each.holds else 'FAILS'}  {each.median:.2f}"
                f" ({min(each.ratios):.2f} to {max(each.ratios):.2f})  {sign} {each.bar:g}"
                f"  {each.name}\n       {each.detail}"
            )
