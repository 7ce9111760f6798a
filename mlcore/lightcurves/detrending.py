"""What a light curve is without its star's own changes: the transits, and noise.

The trend is a biweight location in a window that slides over each stretch without a gap (Tukey's
biweight as in wotan: Hippke et al. 2019, AJ 158, 143). The window is three times the longest
transit that is looked for, so that a transit keeps its depth beside the flux around it. Where the
star's light bends much within a window, both of them lie off 1: a depth is measured against what is
around it.
"""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mlcore.errors import DataError
from mlcore.in_words import counted, number
from mlcore.lightcurves.reading.scatter import neighbour_scatter, robust_deviation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.lightcurves.light_curve import LightCurve

__all__ = ["Detrended", "detrend"]

_ONE_AT_A_TIME = threading.Lock()
_WINDOWS = 3.0
"""How many times as long as the longest transit the window is."""
_BENT = 2.0
"""How many times its own noise the trend of what the first trend has left deviates where it belongs
to it: a location in a window cuts off what bends in it. With spots of 1 % in 9 days, a window of
1.5 and a noise of 200 ppm the second takes what is left from 300 to 220 ppm, and nothing more of
injected transits' depths."""
_STEPS = 72
"""At how many places of a window the trend is computed where there are more points; between them it
is a straight line. wotan states what that changes: at a cadence of 25 s a fiftieth of the noise or
less, and beside flares a third at most."""
_SHORTEST_WINDOW = 0.5
"""[d]; below it the trend of most stars follows the noise."""
_FEWEST = 12
"""Points that a stretch without a gap needs for a trend of its own, which a transit must not be."""
_ABOVE = 4.0
"""How many deviations above the trend a point is a flare or worse; none in thousands by chance."""
_BESIDE_FLARE = 2.5
"""How many deviations above the trend a flare's neighbours belong to it."""
_ALONE_BELOW = 8.0
"""How many deviations a single point may lie below both its neighbours."""
_NEIGHBOURS_QUIET = 3.0
"""How many deviations those may lie below the trend at most."""
_FAST = 10 / 1440
"""[d]; up to this cadence, no transit is a single point: the shortest takes half an hour. In a
curve of longer ones, such as one that was binned, a point alone may be a transit."""
_LINES = 4
"""How often a line is fitted to the points that lie near the one before."""
_SEEN = 0.5
"""Share of the points near an end that tell how a stretch goes on."""
_OFF_LINE = 3.0
"""Deviations from a line beyond which a point is no part of it, such as one in transit."""
_EDGE_STEP = 1 / 24
"""In pieces of which length a stretch's end is looked at [d]."""
_EDGE_DEVIATIONS = 5.0
"""How many deviations of its mean a piece at an end lies off the trend where it is left out."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Detrended:
    """A light curve without trend; each array has the curve's shape ``(n,)``."""

    flux: NDArray[np.float64]
    """Flux divided by `trend`: 1 outside transits, NaN where there is no trend."""
    trend: NDArray[np.float64]
    """NaN where too few points are near by."""
    error: NDArray[np.float64]
    """The curve's error divided by `trend`."""
    kept: NDArray[np.bool_]
    """Which points a search should use."""
    scatter: NDArray[np.float64]
    """Robust deviation of `flux` between neighbours of each segment, shape ``(segments,)``; NaN
    where a segment has no point that is kept."""
    window: float
    """Length of the window [d]."""
    notes: tuple[str, ...] = ()


def detrend(
    curve: LightCurve, *, longest_duration: float, masked: NDArray[np.bool_] | None = None
) -> Detrended:
    """Divide a light curve by its trend and tell which of its points are to be used.

    Left out are points far above the trend (flares, what an unloading of the wheels left) with
    their neighbours; at cadences below 10 minutes single points far below it whose neighbours are
    not (no transit is so short); the ends of stretches, up to a quarter of a window, as far as all
    of them lies off the trend, which sees one side only there; and stretches between gaps that are
    too short for a trend. Nothing else below the trend is left out: it may be a transit.

    Parameters
    ----------
    curve
        As it was read.
    longest_duration
        Of the transits that are looked for [d].
    masked
        Points in known transits, which the trend does not see, shape ``(n,)``; it goes on through
        them. They are kept however deep they are.

    Raises
    ------
    DataError
        When there is no trend anywhere.
    """
    window = max(_WINDOWS * longest_duration, _SHORTEST_WINDOW)
    hidden = np.zeros(len(curve.time), dtype=bool) if masked is None else masked
    stretches = _stretches(curve, window / 2)
    trend = _trend(curve, stretches, window, hidden)
    flux = curve.flux / trend
    there = np.isfinite(flux)
    if not there.any():
        raise DataError(
            f"No stretch of the light curve between gaps of {number(window / 2)} days has the"
            f" {_FEWEST} points that its trend takes."
        )
    away = np.zeros(len(flux))
    scatter = np.full(len(curve.segment_names), np.nan)
    for code in range(len(curve.segment_names)):
        here = np.flatnonzero((curve.segment == code) & there)
        if len(here) < _FEWEST:
            continue
        scatter[code] = neighbour_scatter(flux[here])
        deviation = max(scatter[code], robust_deviation(flux[here][~hidden[here]]))
        if deviation > 0:
            away[here] = (flux[here] - 1) / deviation
    high, low, edge = (np.zeros(len(flux), dtype=bool) for _ in range(3))
    for stretch in stretches:
        if there[stretch].any():
            high[stretch] = _flares(away[stretch])
            low[stretch] = _alone_below(away[stretch]) & (curve.cadence <= _FAST)
            edge[stretch] = _edges(curve.time[stretch], away[stretch], window / 4)
    low, edge = low & ~hidden & ~high, edge & ~hidden & ~high
    return Detrended(
        flux=flux,
        trend=trend,
        error=curve.error / trend,
        kept=there & ~high & ~low & ~edge,
        scatter=scatter,
        window=window,
        notes=_notes(window, ~there, high, low, edge & ~low),
    )


def _stretches(curve: LightCurve, gap: float) -> list[slice]:
    """Return the stretches between gaps and between segments."""
    breaks = np.flatnonzero((np.diff(curve.time) > gap) | (np.diff(curve.segment) != 0)) + 1
    ends = zip([0, *breaks], [*breaks, len(curve.time)], strict=True)
    return [slice(int(begin), int(end)) for begin, end in ends]


def _trend(
    curve: LightCurve, stretches: Sequence[slice], window: float, hidden: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the trend of each stretch, NaN of those that are too short."""
    trend = np.full(len(curve.time), np.nan)
    for here in stretches:
        if (~hidden[here]).sum() < _FEWEST:
            continue
        time, flux = curve.time[here], curve.flux[here]
        found = _location(time, flux, window, hidden[here])
        # A trend that is nowhere above 0 is none.
        found[~(found > 0)] = np.nan
        left = flux / found
        again = _location(time, left, window, hidden[here])
        noise = neighbour_scatter(left[np.isfinite(left)]) / np.sqrt(window / curve.cadence)
        if robust_deviation(again[np.isfinite(again)]) > _BENT * noise:
            found *= again
            found[~(found > 0)] = np.nan
        trend[here] = found
    return trend


def _location(
    time: NDArray[np.float64],
    flux: NDArray[np.float64],
    window: float,
    hidden: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the biweight location around each point of a stretch."""
    # Compiled at its first use, in some seconds, and slow to import.
    import numba  # noqa: PLC0415
    from wotan import flatten  # noqa: PLC0415

    # It computes in threads, which numba's usual ones would not survive a fork with: what forks
    # from a process that has found a trend is killed when it looks for one.
    config: Any = numba.config
    if config.THREADING_LAYER == "default":
        config.THREADING_LAYER = "forksafe"
    if not np.isfinite(flux).any():
        return np.full(len(time), np.nan)
    # The threads that survive a fork are one caller's at a time.
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # It remarks on trends that are not above 0, which are none here.
        warnings.simplefilter("ignore")
        before, after = _continued(time, flux, window, hidden)
        _, found = flatten(
            np.concatenate([before[0], time, after[0]]),
            np.concatenate([before[1], flux, after[1]]),
            method="biweight",
            window_length=window,
            # The stretches are divided already.
            break_tolerance=0,
            edge_cutoff=0,
            return_trend=True,
            mask=np.concatenate([before[2], hidden, after[2]]),
            step=window / _STEPS,
        )
    found = found[len(before[0]) : len(before[0]) + len(time)]
    known = np.isfinite(found)
    # Where a whole window is hidden, between what is known on both sides.
    if known.any() and not known.all():
        found = np.interp(time, time[known], found[known])
    return np.asarray(found, dtype=np.float64)


_Points: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]"
"""Times, fluxes, and which of them are hidden."""


def _continued(
    time: NDArray[np.float64],
    flux: NDArray[np.float64],
    window: float,
    hidden: NDArray[np.bool_],
) -> tuple[_Points, _Points]:
    """Return what is set before and behind a stretch, so that a window at its end is whole.

    A location in half a window lies beside the flux wherever that rises or falls: by more than the
    noise of a transit's many points. What is set there is the stretch itself, turned about its end
    on the line that its last half window follows.
    """
    sides = []
    for end, near in (
        (time[0], time - time[0] < window / 2),
        (time[-1], time[-1] - time < window / 2),
    ):
        seen = ~hidden[near] & np.isfinite(flux[near])
        level = _at_end(time[near] - end, flux[near], seen)
        # The end itself is there already; where most is hidden, nothing says how it goes on.
        turned = near & (time != end) & (seen.mean() > _SEEN)
        sides.append(
            ((2 * end - time[turned])[::-1], (2 * level - flux[turned])[::-1], hidden[turned][::-1])
        )
    return sides[0], sides[1]


def _at_end(
    since: NDArray[np.float64], flux: NDArray[np.float64], seen: NDArray[np.bool_]
) -> float:
    """Return where the line through points near an end is at time 0, whatever lies far off it."""
    level = float(np.median(flux[seen])) if seen.any() else float("nan")
    for _ in range(_LINES):
        if seen.sum() < 3:
            break
        slope, level = (float(value) for value in np.polyfit(since[seen], flux[seen], 1))
        off = np.abs(flux - level - slope * since)
        seen = seen & (off <= _OFF_LINE * robust_deviation((flux - slope * since)[seen]))
    return level


def _flares(away: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points are too high, with the neighbours that belong to them."""
    high = away > _ABOVE
    raised = away > _BESIDE_FLARE
    # A flare decays over many points; each that is raised and beside one belongs to it.
    runs = np.flatnonzero(np.diff(raised, prepend=False, append=False))
    for begin, end in zip(runs[::2], runs[1::2], strict=True):
        if high[begin:end].any():
            high[begin:end] = True
    return high


def _alone_below(away: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points are far below the trend and both their neighbours are not."""
    before, after = np.roll(away, 1), np.roll(away, -1)
    alone = (away < -_ALONE_BELOW) & (before > -_NEIGHBOURS_QUIET) & (after > -_NEIGHBOURS_QUIET)
    # What is at an end may be the beginning of a transit.
    alone[[0, -1]] = False
    return alone


def _edges(
    time: NDArray[np.float64], away: NDArray[np.float64], at_most: float
) -> NDArray[np.bool_]:
    """Tell which points at the two ends of a stretch lie off the trend all together."""
    off = np.zeros(len(away), dtype=bool)
    for depth in (time - time[0], time[-1] - time):
        for begin in np.arange(0, at_most, _EDGE_STEP):
            piece = (depth >= begin) & (depth < begin + _EDGE_STEP)
            if not piece.any():
                continue
            if abs(away[piece].mean()) * np.sqrt(piece.sum()) < _EDGE_DEVIATIONS:
                break
            off |= piece
    return off


def _notes(
    window: float,
    trendless: NDArray[np.bool_],
    high: NDArray[np.bool_],
    low: NDArray[np.bool_],
    edge: NDArray[np.bool_],
) -> tuple[str, ...]:
    notes = [f"The trend is a biweight location in windows of {number(window)} days."]
    for found, what in (
        (trendless, "in stretches too short for a trend"),
        (high, "far above the trend, such as flares,"),
        (low, "far below the trend and both their neighbours"),
        (edge, "beside gaps, which lie off the trend,"),
    ):
        if found.any():
            notes.append(f"{counted(int(found.sum()), 'point')} {what} left out.")
    return tuple(notes)
