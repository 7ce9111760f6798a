"""`python -m tests.benchmarks`: start a server of its own and measure it, as ratios in one run."""

from __future__ import annotations

import argparse
import json
import sys

from tests.benchmarks.explaining import measure_explanations
from tests.benchmarks.polling import measure_polling
from tests.benchmarks.served import served
from tests.benchmarks.sessions import measure_session
from tests.benchmarks.workers import measure_workers


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="measurements of each ratio")
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    choices = parser.parse_args()
    with served() as (address, media, supervisor):
        measurements = [
            measure_session(address, media, runs=choices.runs),
            *measure_explanations(media, runs=choices.runs),
            *measure_polling(address, runs=choices.runs),
            measure_workers(address, supervisor),
        ]
    if choices.json:
        objects = [measurement.as_json() for measurement in measurements]
        print(json.dumps(objects, indent=1, allow_nan=False))  # noqa: T201
    else:
        for measurement in measurements:
            print(measurement.as_text())  # noqa: T201
    return 0 if all(measurement.holds for measurement in measurements) else 1


if __name__ == "__main__":
    sys.exit(main())
