"""How much a detrended light curve scatters: from point to point, in places, and averaged.

What a star and a spacecraft leave behind a trend is not white: averages over a transit's duration
scatter more than the scatter of single points and their number say. How much more is measured at
each duration, and divides each signal's strength (Pont, Zucker & Queloz 2006, MNRAS 373, 231: red
noise).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError
from mlcore.lightcurves.reading.scatter import robust_deviation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.detrending import Detrended
    from mlcore.lightcurves.light_curve import LightCurve

__all__ = ["FlatCurve", "correlated_noise", "flat_curve", "local_scatter"]

_STRETCH = 8.0
"""Over how many days the scatter of points is taken together: longer than any transit, shorter than
a quarter."""
_FEWEST = 8
_QUIETEST = 0.5
"""The least that a stretch is taken to scatter, in usual stretches: a few points may agree by
chance."""
_FEWEST_AVERAGES = 20
_MOST_POINTS_MISSING = 0.6
"""Share of its usual weight that an average may lack."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FlatCurve:
    """What a search and the tests look at: the points that are kept, without trend."""

    time: NDArray[np.float64]
    """[d], ascending, shape ``(n,)``."""
    deviation: NDArray[np.float64]
    """Relative flux less 1, shape ``(n,)``."""
    scatter: NDArray[np.float64]
    """Standard deviation of each point's noise, from its surroundings, shape ``(n,)``."""
    cadence: float
    """Usual spacing of the points [d]."""

    @property
    def weight(self) -> NDArray[np.float64]:
        """Inverse variance of each point, shape ``(n,)``."""
        return np.asarray(1 / self.scatter**2)

    def take(self, kept: NDArray[np.bool_]) -> FlatCurve:
        """Return it with these points only."""
        return FlatCurve(
            time=self.time[kept],
            deviation=self.deviation[kept],
            scatter=self.scatter[kept],
            cadence=self.cadence,
        )


def flat_curve(
    curve: LightCurve, detrended: Detrended, *, quiet: NDArray[np.bool_] | None = None
) -> FlatCurve:
    """Return a detrended curve's points that are kept, with the scatter of each.

    Parameters
    ----------
    curve, detrended
        A light curve, and what it is without trend.
    quiet
        Which points are outside known transits, shape ``(n,)``: they tell the scatter.

    Raises
    ------
    DataError
        When the flux is the same everywhere.
    """
    kept = detrended.kept
    time, deviation = curve.time[kept], detrended.flux[kept] - 1
    still = np.ones(len(time), dtype=bool) if quiet is None else quiet[kept]
    return FlatCurve(
        time=time,
        deviation=deviation,
        scatter=local_scatter(time, deviation, still),
        cadence=curve.cadence,
    )


def local_scatter(
    time: NDArray[np.float64], deviation: NDArray[np.float64], quiet: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the standard deviation of the noise around each point, shape ``(n,)``.

    Parameters
    ----------
    time, deviation
        Of the points [d], ascending, and what they deviate by, shape ``(n,)``.
    quiet
        Which of them tell it.

    Raises
    ------
    DataError
        When they do not deviate at all.
    """
    whole = _scatter(deviation[quiet])
    if whole <= 0:
        raise DataError("The flux of the light curve is the same at nearly all times.")
    block = ((time - time[0]) / _STRETCH).astype(np.int64)
    centres, levels = [], []
    edges = np.flatnonzero(np.diff(block, prepend=-1, append=block[-1] + 1))
    for begin, end in pairwise(edges):
        here = slice(begin, end)
        if quiet[here].sum() >= _FEWEST:
            centres.append(float(time[here].mean()))
            levels.append(_scatter(deviation[here][quiet[here]]))
    if not levels:
        return np.full(len(time), whole)
    usual = float(np.median(levels)) or whole
    return np.interp(time, centres, np.maximum(levels, _QUIETEST * usual))


def _scatter(deviation: NDArray[np.float64]) -> float:
    robust = robust_deviation(deviation)
    if robust > 0 or not len(deviation):
        return robust
    # Half of the points are equal: what is not equal scatters.
    return float(np.std(deviation))


def correlated_noise(flat: FlatCurve, durations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many times more averages scatter than white noise would, at least 1.

    Parameters
    ----------
    flat
        A curve without trend.
    durations
        Over which times the averages are taken [d], shape ``(m,)``.

    Returns
    -------
    ndarray
        Shape ``(m,)``: the robust deviation of the averages in their own standard errors; 1 where
        there are too few averages to tell.
    """
    weight = flat.weight
    factors = np.ones(len(durations))
    for place, duration in enumerate(durations):
        # Two neighbouring halves at a time, so that averages begin at every half.
        half = ((flat.time - flat.time[0]) / (duration / 2)).astype(np.int64)
        total = np.bincount(half, weight)
        summed = np.bincount(half, weight * flat.deviation)
        both, sums = total[:-1] + total[1:], summed[:-1] + summed[1:]
        if not (both > 0).any():
            continue
        full = both > (1 - _MOST_POINTS_MISSING) * np.median(both[both > 0])
        if full.sum() > _FEWEST_AVERAGES:
            factors[place] = max(1.0, robust_deviation(sums[full] / np.sqrt(both[full])))
    return factors
