"""The benchmark on light curves: searched, vetted and judged, beside what others publish."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.benchmark.light_curves.collections import collections_in_folder
from mlcore.benchmark.light_curves.combined import combined
from mlcore.benchmark.light_curves.false_alarms import alarms_judged
from mlcore.benchmark.light_curves.found import found_and_judged
from mlcore.benchmark.light_curves.injected import injected_and_judged
from mlcore.benchmark.light_curves.samples import samples_searched
from mlcore.benchmark.light_curves.seconds import seconds_taken
from mlcore.benchmark.light_curves.separated import separated
from mlcore.benchmark.light_curves.tess_views import views_judged
from mlcore.benchmark.light_curves.timed import timed
from mlcore.parallel import ONE_CORE
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from mlcore.benchmark.protocol import Effort
    from mlcore.benchmark.rows import BenchmarkRow
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["LIGHT_CURVE_BENCHMARKS", "run_light_curve_benchmarks"]

LIGHT_CURVE_BENCHMARKS: Mapping[str, Callable[..., tuple[BenchmarkRow, ...]]] = MappingProxyType(
    {
        "catalogue ephemeris": separated,
        "combined": combined,
        "searched and judged": found_and_judged,
        "injected transits": injected_and_judged,
        "false alarms": alarms_judged,
        "tess_views": views_judged,
        "samples": samples_searched,
        "time": timed,
        "seconds": seconds_taken,
    }
)
"""What is measured, by what it is called while it runs."""


def run_light_curve_benchmarks(
    curves: Path,
    tables: Path,
    *,
    effort: Effort,
    only: Collection[str] | None = None,
    cores: Cores = ONE_CORE,
    progress: ProgressCallback = silent,
) -> tuple[BenchmarkRow, ...]:
    """Measure everything on light curves.

    Parameters
    ----------
    curves
        Holds collections of light curves; see `collections_in_folder`.
    tables
        Holds the archive's tables, which have their ephemerides and dispositions.
    effort
        How much is fitted for each figure.
    only
        Names in `LIGHT_CURVE_BENCHMARKS`; everything by default.
    cores
        Where to find free ones.
    progress
        Called with the fraction that is done and the current step.

    Raises
    ------
    DataError
        When a table or a collection cannot be read.
    """
    progress(0.0, "reading the tables")
    collections = collections_in_folder(curves, tables)
    wanted = [name for name in LIGHT_CURVE_BENCHMARKS if only is None or name in only]
    rows: list[BenchmarkRow] = []
    for place, name in enumerate(wanted):

        def report(done: float, step: str, place: int = place, name: str = name) -> None:
            progress((place + done) / len(wanted), f"{name}: {step}")

        rows += LIGHT_CURVE_BENCHMARKS[name](
            collections, effort=effort, cores=cores, progress=report
        )
    progress(1.0, "measured everything")
    return tuple(rows)
