"""How long a sector of TESS and four years of Kepler take on one core."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.light_curves.shares import line_of
from mlcore.benchmark.light_curves.shortened import first_days
from mlcore.benchmark.light_curves.timed import taken
from mlcore.benchmark.protocol import unmeasured
from mlcore.benchmark.rows import Aim, Bar, BenchmarkRow
from mlcore.lightcurves.light_curve import LightCurve
from mlcore.lightcurves.reading.read import read_light_curve
from mlcore.lightcurves.search.transits import search_transits
from mlcore.pretrained.load import load_published
from mlcore.pretrained.vetting import LIGHT_CURVE_MODEL, vet

if TYPE_CHECKING:
    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.protocol import Effort
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["noise_curve", "seconds_taken"]

_SECTOR_FILE = "tess*0000000260271203*_lc.fits"
_LONG_CADENCE = 29.4244 / 1440
"""Of Kepler [d] (Jenkins et al. 2010, ApJ 713, L120)."""
_NOISE = 1e-4

_SECTOR = Aim(
    name="seconds-sector",
    task="A TESS sector at 2 minutes, searched, vetted and judged on one core: seconds",
    features="TOI 207.01, read before",
    bars=(Bar(metric="seconds", value=15.0, at_most=True),),
    needs=f"samples/{_SECTOR_FILE}",
)
_FOUR_YEARS = Aim(
    name="seconds-four-years",
    task="Four years at 30 minutes, searched on one core: seconds",
    features="white noise, made by the benchmark",
    bars=(Bar(metric="seconds", value=100.0, at_most=True),),
    needs="",
    note="The folder has no star of four years, so that this one is made of noise; each signal of a"
    " real star takes one more pass.",
)


def seconds_taken(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure the processor time of one long light curve of each kind."""
    del cores
    lines: list[BenchmarkRow] = []
    folder = collections.curves
    paths = [] if folder is None else sorted((folder / "samples").glob(_SECTOR_FILE))
    if paths:
        progress(0.0, "a sector of TESS")
        curve = first_days(read_light_curve(paths), effort.days)
        judging = partial(vet, curve, model=load_published(LIGHT_CURVE_MODEL))
        lines.append(line_of(_SECTOR, taken(judging)[0], 1))
    else:
        lines += unmeasured(_SECTOR)
    progress(0.3, "four years")
    long = noise_curve(effort.days)
    lines.append(line_of(_FOUR_YEARS, taken(partial(search_transits, long))[0], 1))
    return tuple(lines)


def noise_curve(days: float) -> LightCurve:
    """Return a light curve of Kepler's long cadence that is white noise."""
    time = np.arange(0.0, days, _LONG_CADENCE)
    return LightCurve(
        time=time,
        flux=1 + _NOISE * np.random.default_rng(0).normal(size=len(time)),
        error=np.full(len(time), _NOISE),
        segment=np.zeros(len(time), dtype=np.int64),
        time_zero=0.0,
        time_name="time",
        cadence=_LONG_CADENCE,
    )
