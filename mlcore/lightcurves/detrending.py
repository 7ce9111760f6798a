"""What a light curve is without its star's own changes: the transits, and noise.

The window in which the trend is found is three times the longest transit that is looked for, so
that a transit keeps its depth beside the flux around it. Where the star's light bends much within a
window, both of them lie off 1: a depth is measured against what is around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError
from mlcore.in_words import counted, number
from mlcore.lightcurves.reading.scatter import neighbour_scatter, robust_deviation
from mlcore.lightcurves.trend import FEWEST_POINTS, trend_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.light_curve import LightCurve

__all__ = ["Detrended", "detrend"]

_WINDOWS = 3.0
"""How many times as long as the longest transit the window is."""
_SHORTEST_WINDOW = 0.5
"""[d]; below it the trend of most stars follows the noise."""
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
    trend = trend_of(curve, stretches, window, hidden)
    flux = curve.flux / trend
    there = np.isfinite(flux)
    if not there.any():
        raise DataError(
            f"No stretch of the light curve between gaps of {number(window / 2)} days has the"
            f" {FEWEST_POINTS} points that its trend takes."
        )
    away = np.zeros(len(flux))
    scatter = np.full(len(curve.segment_names), np.nan)
    for code in range(len(curve.segment_names)):
        here = np.flatnonzero((curve.segment == code) & there)
        if len(here) < FEWEST_POINTS:
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
