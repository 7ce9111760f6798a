"""How long a search takes, and how that compares with astropy's on the same grid."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mlcore.benchmark.light_curves.shares import line_of
from mlcore.benchmark.protocol import unmeasured
from mlcore.benchmark.rows import Aim, Bar
from mlcore.lightcurves.detrending import detrend
from mlcore.lightcurves.noise import flat_curve
from mlcore.lightcurves.search.box_least_squares import box_least_squares
from mlcore.lightcurves.search.grid import search_grid
from mlcore.lightcurves.search.transits import flat_clipped
from mlcore.pretrained.load import load_published
from mlcore.pretrained.vetting import LIGHT_CURVE_MODEL, vet

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.protocol import Effort
    from mlcore.benchmark.rows import BenchmarkRow
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["taken", "timed"]

_Result = TypeVar("_Result")

_STANDS_OUT = 8.0
_STARS = 100
"""Stars of which the middle one's time counts, and enough to tell nine in ten from all."""
_FIXED_DURATIONS = np.array([0.08, 0.12, 0.18, 0.27])
"""Both searches try these at each period [d]."""
_SAME = 0.005
"""Relative difference between two periods that are the same."""

_AGAINST_ASTROPY = Aim(
    name="against-astropy",
    task="Box least squares: processor time over astropy's, same periods and durations",
    features="middle of the stars",
    bars=(Bar(metric="time_ratio", value=1 / 3, at_most=True),),
    needs="kepler_flattened.parquet",
)
_SAME_PERIODS = Aim(
    name="as-astropy",
    task="Box least squares: stars with the same strongest period as astropy's, of those where"
    " astropy's is stronger than 8",
    features="same periods and durations",
    bars=(Bar(metric="same_share", value=0.9),),
    needs="kepler_flattened.parquet",
)
_SECONDS = Aim(
    name="seconds-flattened",
    task="127 days of Kepler, searched, vetted and judged on one core: seconds",
    features="middle of the stars",
    bars=(Bar(metric="seconds", value=3.0, at_most=True),),
    needs="kepler_flattened.parquet",
)


def timed(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure processor times on the first stars of the collection."""
    del effort, cores
    aims = (_AGAINST_ASTROPY, _SAME_PERIODS, _SECONDS)
    if not collections.flattened:
        return tuple(line for aim in aims for line in unmeasured(aim))
    ratios, same, seconds = [], [], []
    model = load_published(LIGHT_CURVE_MODEL)
    stride = max(1, len(collections.flattened) // _STARS)
    for place, star in enumerate(collections.flattened[::stride][:_STARS]):
        progress(place / _STARS, star.host)
        ratio, agrees = _beside_astropy(star.curve)
        ratios.append(ratio)
        if agrees is not None:
            same.append(agrees)
        seconds.append(taken(partial(vet, star.curve, model=model))[0])
    return (
        line_of(_AGAINST_ASTROPY, float(np.median(ratios)), len(ratios)),
        line_of(_SAME_PERIODS, float(np.mean(same)) if same else None, len(same)),
        line_of(_SECONDS, float(np.median(seconds)), len(seconds)),
    )


def _beside_astropy(curve: LightCurve) -> tuple[float, bool | None]:
    """Return the ratio of processor times, and whether the strongest periods agree.

    None where astropy finds nothing that stands out, so that any period is as good.
    """
    from astropy.timeseries import BoxLeastSquares  # noqa: PLC0415  # slow to import

    flat = flat_clipped(flat_curve(curve, detrend(curve, longest_duration=0.5)))
    periods = search_grid(curve.span, cadence=curve.cadence, shortest_period=1.0).periods
    own, found = taken(
        lambda: box_least_squares(flat.time, flat.deviation, flat.weight, periods, _FIXED_DURATIONS)
    )
    model = BoxLeastSquares(flat.time, flat.deviation, dy=flat.scatter)
    theirs, other = taken(lambda: model.power(periods, _FIXED_DURATIONS, objective="snr"))
    if np.max(other.depth_snr) < _STANDS_OUT:
        return own / theirs, None
    best = periods[found.strength.argmax()], periods[np.argmax(other.depth_snr)]
    ratio = max(best) / min(best)
    return own / theirs, bool(abs(ratio / round(ratio) - 1) < _SAME)


def taken(call: Callable[[], _Result]) -> tuple[float, _Result]:
    """Return the processor time that a call takes [s], and what it returns."""
    begin = time.process_time()
    result = call()
    return time.process_time() - begin, result
