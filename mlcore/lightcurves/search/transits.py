"""Which transits are in a light curve: searched, refined, masked, and searched again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.detrending import detrend
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.noise import FlatCurve, correlated_noise, flat_curve
from mlcore.lightcurves.search.box_least_squares import Periodogram, box_least_squares
from mlcore.lightcurves.search.false_alarm import false_alarm_probability
from mlcore.lightcurves.search.grid import search_grid
from mlcore.lightcurves.search.refining import refine
from mlcore.lightcurves.search.transit_numbers import (
    keeps_transits,
    rests_on_one,
    shorter_periods,
    transit_numbers,
)
from mlcore.progress import silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.detrending import Detrended
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.grid import SearchGrid
    from mlcore.progress import ProgressCallback

__all__ = [
    "DETECTION_LIMIT",
    "MOST_SIGNALS",
    "TransitSearch",
    "TransitSignal",
    "search_flat_curve",
    "search_transits",
]

DETECTION_LIMIT = 6.0
"""Strength below which no peak is told of, correlated noise considered: white noise passes it once
in thousands of searches. Kepler's own pipeline took 7.1 and TESS's 7.3, of which its vetting has to
sort out less; here each signal comes with its false-alarm probability."""
MOST_SIGNALS = 5
"""Of one star: more than it has, most of the time."""
LONGEST_DURATION = 0.5
"""Of the transits that the trend leaves whole in a search [d]."""
_CLIPPED = 5.0
"""Deviations below the trend that count in the search: a single point far below cannot make a
signal of its own, and a deep transit still is one."""
_CLIPPED_ABOVE = 3.0
_MASKED = 1.5
"""How many durations around each transit are hidden from the next search."""
_DEEP = 0.3
"""Share of the points in transit that are cut off, from which a signal is deep."""
_LEAST_LEFT = 0.5
"""Of the points; where fewer are left, nothing more is searched."""
_NOISE_DURATIONS: NDArray[np.float64] = np.geomspace(0.02, 1.4, 20)
"""At which durations the noise of averages is measured [d]: half an hour to a day and a half."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TransitSignal:
    """One signal that repeats in a light curve."""

    ephemeris: Ephemeris
    depth: float
    """Mean dip over the duration, relative flux."""
    strength: float
    """Depth over its error, correlated noise considered."""
    false_alarm: float
    """Chance that noise alone makes a peak so strong in such a search; NaN where it can't be
    told."""
    transits: int
    """How many of its transits have points."""
    shorter: tuple[float, ...]
    """Shorter periods that fit as well [d]: the further transits would fall into gaps."""
    periodogram: Periodogram
    """Of the search that found it, in which stronger signals were hidden."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TransitSearch:
    """What a search found."""

    signals: tuple[TransitSignal, ...]
    """The strongest first, as they were found."""
    detrended: Detrended
    """The curve as it was searched."""
    grid: SearchGrid
    last: Periodogram
    """Of the last search, in which no signal was strong enough, or of the last signal."""


def search_transits(
    curve: LightCurve,
    *,
    shortest_period: float = 0.5,
    longest_period: float | None = None,
    limit: float = DETECTION_LIMIT,
    most: int = MOST_SIGNALS,
    report: ProgressCallback = silent,
) -> TransitSearch:
    """Return the transit signals in a light curve.

    Parameters
    ----------
    curve
        As it was read; the density of its star, where it is known, narrows the durations.
    shortest_period, longest_period
        Between which periods to look [d]; up to half the span by default.
    limit
        The least strength of a signal.
    most
        How many signals at most.
    report
        Told how far it has come.

    Raises
    ------
    DataError
        When the curve has no trend, or no period lies in the range.

    Examples
    --------
    >>> import mlcore
    >>> import numpy as np
    >>> time = np.arange(0, 27, 0.02)
    >>> flux = 1 + 2e-4 * np.random.default_rng(0).normal(size=len(time))
    >>> flux[np.abs((time - 1.2 + 2) % 4 - 2) < 0.06] -= 1e-3
    >>> curve = mlcore.LightCurve(
    ...     time=time, flux=flux, error=np.full(len(time), 2e-4), cadence=0.02,
    ...     segment=np.zeros(len(time), dtype=int), time_zero=0.0, time_name="time",
    ... )
    >>> [signal] = mlcore.search_transits(curve).signals
    >>> round(signal.ephemeris.period, 2), signal.transits
    (4.0, 7)
    """
    grid = search_grid(
        curve.span,
        cadence=curve.cadence,
        density=curve.star.density,
        shortest_period=shortest_period,
        longest_period=longest_period,
    )
    report(0.0, "finding the trend")
    longest = min(LONGEST_DURATION, float(grid.durations.max()))
    detrended = detrend(curve, longest_duration=longest)
    flat = flat_curve(curve, detrended)
    signals, last = search_flat_curve(flat, grid, limit=limit, most=most, report=report)
    return TransitSearch(signals=signals, detrended=detrended, grid=grid, last=last)


def search_flat_curve(
    flat: FlatCurve,
    grid: SearchGrid,
    *,
    limit: float = DETECTION_LIMIT,
    most: int = MOST_SIGNALS,
    report: ProgressCallback = silent,
) -> tuple[tuple[TransitSignal, ...], Periodogram]:
    """Return the signals in a curve without trend, and the periodogram of the last search.

    Parameters
    ----------
    flat
        A curve without trend.
    grid
        Where to look.
    limit, most, report
        As `search_transits` takes them.
    """
    clipped = flat_clipped(flat)
    factors = correlated_noise(clipped, _NOISE_DURATIONS)
    hidden = np.zeros(len(flat.time), dtype=bool)
    signals: list[TransitSignal] = []
    alone = 0
    while True:
        report(len(signals) / (most + 1), f"looking for signal {len(signals) + 1}")
        left = clipped.take(~hidden)
        periodogram = box_least_squares(
            left.time,
            left.deviation,
            left.weight,
            grid.periods,
            grid.durations,
            noise_durations=_NOISE_DURATIONS,
            noise_factors=factors,
        )
        signal = _strongest(flat, flat.take(~hidden), left, periodogram, factors)
        if signal is None or signal.strength < limit:
            break
        factor = _noise_factor(signal.ephemeris, factors)
        if rests_on_one(signal.ephemeris, left, noise_factor=factor):
            # One event alone has no period; what else there is may have one.
            alone += 1
        else:
            signals.append(signal)
        hidden |= signal.ephemeris.in_transit(
            flat.time, widths=_MASKED + flat.cadence / signal.ephemeris.duration
        )
        if len(signals) == most or alone > most or (~hidden).mean() < _LEAST_LEFT:
            break
    return tuple(signals), periodogram


def _noise_factor(ephemeris: Ephemeris, factors: NDArray[np.float64]) -> float:
    return float(np.interp(np.log(ephemeris.duration), np.log(_NOISE_DURATIONS), factors))


def flat_clipped(flat: FlatCurve) -> FlatCurve:
    """Return a curve in which no single point deviates so much that it makes a signal alone."""
    return FlatCurve(
        time=flat.time,
        deviation=np.clip(flat.deviation, -_CLIPPED * flat.scatter, _CLIPPED_ABOVE * flat.scatter),
        scatter=flat.scatter,
        cadence=flat.cadence,
    )


def _strongest(
    observed: FlatCurve,
    whole: FlatCurve,
    clipped: FlatCurve,
    periodogram: Periodogram,
    factors: NDArray[np.float64],
) -> TransitSignal | None:
    place = int(periodogram.strength.argmax())
    peak = float(periodogram.strength[place])
    periods = periodogram.periods
    if peak <= 0:
        return None
    box = Ephemeris(
        period=float(periods[place]),
        epoch=float(periodogram.epochs[place]),
        duration=float(periodogram.durations[place]),
    )
    around = periods[max(place - 1, 0) : place + 2]
    step = float(np.diff(around).max())
    refined = refine(clipped, box, period_step=step)
    if refined is None:
        return None
    if not keeps_transits(refined.ephemeris, box, whole):
        refined = replace(refined, ephemeris=box, strength=peak)
    cut = (clipped.deviation != whole.deviation)[refined.ephemeris.in_transit(whole.time)]
    if cut.any() and cut.mean() > _DEEP:
        # Most of its points are cut off: its floor and its sides are in the whole curve alone.
        sharper = refine(whole, refined.ephemeris, period_step=step / 8)
        if sharper is not None and keeps_transits(sharper.ephemeris, refined.ephemeris, whole):
            refined = sharper
    ephemeris = refined.ephemeris
    inside = ephemeris.in_transit(whole.time)
    if not inside.any():
        return None
    # Where another signal is hidden there is no gap.
    numbers = transit_numbers(ephemeris, observed)
    # Every so many transits have points: the others fall into gaps, each of them.
    apart = int(np.gcd.reduce(np.diff(numbers))) if len(numbers) > 1 else 1
    ephemeris = replace(
        ephemeris,
        period=ephemeris.period * apart,
        epoch=ephemeris.epoch + int(numbers[0]) * ephemeris.period,
    )
    # Clipped points tell where a transit is, and not how deep.
    depth = -float(np.average(whole.deviation[inside], weights=whole.weight[inside]))
    return TransitSignal(
        ephemeris=ephemeris,
        depth=depth,
        strength=max(refined.strength / _noise_factor(ephemeris, factors), peak),
        false_alarm=false_alarm_probability(periodogram, peak),
        transits=len(numbers),
        shorter=shorter_periods(ephemeris, observed),
        periodogram=periodogram,
    )
