"""The strongest box-shaped dip at each trial period: box least squares, on folded bins.

Kovács, Zucker & Mazeh 2002 (A&A 391, 369) fit a box of depth δ, duration and phase to the folded
curve. Its strength is δ over the error of δ. The points are put into bins of a fraction of the
shortest duration, once for all periods at which that is alike. A fold adds the bins of one cycle
after the other, each from the bin that is nearest to its beginning, and running sums over the
folded bins give the box of every phase and duration. The same sums give the strongest bump upwards,
which no planet makes: it tells how strong dips are by chance in this very curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Periodogram", "box_least_squares"]

_BINS_PER_DURATION = 5.0
"""Bins in the shortest duration: a box that begins between two of them loses a tenth at most. With
three it is a sixth, and on some stars another period is the strongest than astropy's."""
_OLDEST_BOX = 1 / 3
"""Part of the period that a box may take."""
_SMALLEST_FACTOR_STEP = 1.25
_CELL_STEP = 1.2
"""From one width of the bins to the next: periods whose shortest durations are alike share one, and
with it the sums of the points in each."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Periodogram:
    """The best box at each trial period; all arrays have shape ``(k,)``."""

    periods: NDArray[np.float64]
    """[d]."""
    strength: NDArray[np.float64]
    """Depth over its error of the strongest dip."""
    inverted: NDArray[np.float64]
    """Height over its error of the strongest bump upwards."""
    durations: NDArray[np.float64]
    """Of the strongest dip [d]."""
    epochs: NDArray[np.float64]
    """Mid-time of its first transit after the first point [d]."""


def box_least_squares(
    time: NDArray[np.float64],
    deviation: NDArray[np.float64],
    weight: NDArray[np.float64],
    periods: NDArray[np.float64],
    durations: NDArray[np.float64],
    *,
    noise_durations: NDArray[np.float64] | None = None,
    noise_factors: NDArray[np.float64] | None = None,
) -> Periodogram:
    """Return the strongest box at each trial period.

    Parameters
    ----------
    time
        [d], ascending, shape ``(n,)``.
    deviation
        Relative flux less 1, shape ``(n,)``.
    weight
        Inverse variance of each, shape ``(n,)``.
    periods
        [d], shape ``(k,)``.
    durations
        Trial durations of each period [d], ascending, shape ``(k, m)``; of all of them where the
        shape is ``(m,)``.
    noise_durations, noise_factors
        At these durations [d], evenly spaced in their logarithm, averages scatter so many times
        more than white noise, see `correlated_noise`; shape ``(j,)``. White by default.

    Returns
    -------
    Periodogram
    """
    # A copy: what is broadcast cannot be written to, which is another type to compiled code.
    trial = np.array(
        np.broadcast_to(np.atleast_2d(durations), (len(periods), np.shape(durations)[-1])),
        dtype=np.float64,
        order="C",
    )
    start = float(time[0])
    since = time - start
    value = deviation - np.average(deviation, weights=weight)
    if noise_durations is None or noise_factors is None:
        first, step, factors = 0.0, np.log(_SMALLEST_FACTOR_STEP), np.ones(1)
    else:
        logs = np.log(noise_durations)
        first = float(logs[0])
        step = float(logs[1] - logs[0]) if len(logs) > 1 else 1.0
        factors = np.asarray(noise_factors, dtype=np.float64)
    periods = np.ascontiguousarray(periods, dtype=np.float64)
    best = np.zeros((len(periods), 4))
    # Cells as wide as a part of the shortest duration, in steps that are the same for every search.
    steps = np.floor(np.log(trial[:, 0] / _BINS_PER_DURATION) / np.log(_CELL_STEP))
    for cell in np.unique(steps):
        here = np.flatnonzero(steps == cell)
        width = float(_CELL_STEP**cell)
        place = (since / width).astype(np.int64)
        found = np.zeros((len(here), 4))
        _best_boxes(
            np.bincount(place, weight * value).astype(np.float64),
            np.bincount(place, weight).astype(np.float64),
            width,
            periods[here],
            trial[here],
            first,
            float(step),
            factors**2,
            found,
        )
        best[here] = found
    return Periodogram(
        periods=periods,
        strength=best[:, 0],
        inverted=best[:, 1],
        durations=best[:, 2],
        epochs=best[:, 3] + start,
    )


@njit(
    "void(float64[::1], float64[::1], float64, float64[::1], float64[:, ::1], float64,"
    " float64, float64[::1], float64[:, ::1])",
    cache=True,
    nogil=True,
    # There is neither NaN nor a sign of 0 to keep, so that the largest of many is found abreast.
    fastmath={"nnan", "nsz"},
)
def _best_boxes(  # noqa: PLR0913, PLR0915 - one pass over memory, compiled
    weighted: NDArray[np.float64],
    weight: NDArray[np.float64],
    width: float,
    periods: NDArray[np.float64],
    durations: NDArray[np.float64],
    first_noise: float,
    noise_step: float,
    noise: NDArray[np.float64],
    best: NDArray[np.float64],
) -> None:  # pragma: no cover
    cells, trials = len(weight), durations.shape[1]
    whole = 0.0
    for i in range(cells):
        whole += weight[i]
    # A box without weight, or with all of it, has no deviation either.
    least = 1e-12 * whole * whole
    most = int(np.ceil(periods.max() / width))
    dips = np.empty(most)
    weights = np.empty(most)
    running_dips = np.empty(2 * most + 2)
    running_weights = np.empty(2 * most + 2)
    power = np.empty(most)
    for k in range(len(periods)):
        period = periods[k]
        bins = int(np.ceil(period / width))
        for b in range(bins):
            dips[b] = 0.0
            weights[b] = 0.0
        # Each cycle begins at the nearest cell, so that its cells are added to the bins in a row.
        begin = 0
        cycle = 0
        while begin < cells:
            cycle += 1
            end = min(int(cycle * period / width + 0.5), cells)
            end = min(end, begin + bins)
            cycle_dips = weighted[begin:end]
            cycle_weights = weight[begin:end]
            for b in range(len(cycle_dips)):
                dips[b] += cycle_dips[b]
                weights[b] += cycle_weights[b]
            begin = end
        longest = int(bins * _OLDEST_BOX)
        running_dips[0] = 0.0
        running_weights[0] = 0.0
        for b in range(bins + longest):
            place = b if b < bins else b - bins
            running_dips[b + 1] = running_dips[b] + dips[place]
            running_weights[b + 1] = running_weights[b] + weights[place]
        dip = 0.0
        bump = 0.0
        at = 0
        boxes = 1
        before = 0
        for d in range(trials):
            box = max(1, round(durations[k, d] / width))
            if box == before or box > longest:
                continue
            before = box
            factor = round((np.log(box * width) - first_noise) / noise_step)
            factor = min(max(factor, 0), len(noise) - 1)
            scaled = whole / noise[factor]
            low = 0.0
            high = 0.0
            ahead_dips = running_dips[box : box + bins]
            ahead_weights = running_weights[box : box + bins]
            for b in range(bins):
                inside = ahead_weights[b] - running_weights[b]
                summed = ahead_dips[b] - running_dips[b]
                signed = summed * abs(summed) / max(inside * (whole - inside), least)
                power[b] = signed
                low = min(low, signed)
                high = max(high, signed)
            bump = max(bump, high * scaled)
            if -low * scaled > dip:
                dip = -low * scaled
                boxes = box
                at = 0
                while power[at] != low:
                    at += 1
        best[k, 0] = np.sqrt(dip)
        best[k, 1] = np.sqrt(bump)
        best[k, 2] = boxes * width
        best[k, 3] = (at + 0.5 * boxes) * width % period
