"""The trend of a light curve: what its star does more slowly than a transit.

It is a biweight location in a window that slides over each stretch without a gap (Tukey's biweight
as in wotan: Hippke et al. 2019, AJ 158, 143).
"""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mlcore.lightcurves.reading.scatter import neighbour_scatter, robust_deviation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.lightcurves.light_curve import LightCurve

__all__ = ["FEWEST_POINTS", "trend_of"]

FEWEST_POINTS = 12
"""Points that a stretch without a gap needs for a trend of its own, which a transit must not be."""
_ONE_AT_A_TIME = threading.Lock()
_BENT = 2.0
"""How many times its own noise the trend of what the first trend has left deviates where it belongs
to it: a location in a window cuts off what bends in it. With spots of 1 % in 9 days, a window of
1.5 and a noise of 200 ppm the second takes what is left from 300 to 220 ppm, and nothing more of
injected transits' depths."""
_STEPS = 72
"""At how many places of a window the trend is computed where there are more points; between them it
is a straight line. wotan states what that changes: at a cadence of 25 s a fiftieth of the noise or
less, and beside flares a third at most."""
_LINES = 4
"""How often a line is fitted to the points that lie near the one before."""
_SEEN = 0.5
"""Share of the points near an end that tell how a stretch goes on."""
_OFF_LINE = 3.0
"""Deviations from a line beyond which a point is no part of it, such as one in transit."""


def trend_of(
    curve: LightCurve, stretches: Sequence[slice], window: float, hidden: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the trend of each stretch, NaN of those that are too short.

    Parameters
    ----------
    curve
        As it was read, of n points.
    stretches
        Its parts between gaps, each of which has a trend of its own.
    window
        In which a location is found [d].
    hidden
        Points that the trend does not see; it goes on through them. Shape ``(n,)``.

    Returns
    -------
    ndarray
        Shape ``(n,)``, of the flux's unit, above 0.
    """
    trend = np.full(len(curve.time), np.nan)
    for here in stretches:
        if (~hidden[here]).sum() < FEWEST_POINTS:
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
