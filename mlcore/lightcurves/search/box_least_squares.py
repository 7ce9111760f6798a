"""The strongest box-shaped dip at each trial period: box least squares, on folded bins.

Kovács, Zucker & Mazeh 2002 (A&A 391, 369) fit a box of depth δ, duration and phase to the folded
curve. Its strength is δ over the error of δ. At each period the points are put into bins of a
fraction of the shortest duration once, and running sums over the bins give the box of every phase
and duration. The same sums give the strongest bump upwards, which no planet makes: it tells how
strong dips are by chance in this very curve.
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
_BIN_AHEAD = 4.0
"""Where points lie so much closer than the bins, neighbours are averaged first."""


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
    since, value, weight = _averaged(
        time - start, deviation, weight, float(trial[:, 0].min()) / _BINS_PER_DURATION
    )
    value = value - np.average(value, weights=weight)
    if noise_durations is None or noise_factors is None:
        first, step, factors = 0.0, np.log(_SMALLEST_FACTOR_STEP), np.ones(1)
    else:
        logs = np.log(noise_durations)
        first = float(logs[0])
        step = float(logs[1] - logs[0]) if len(logs) > 1 else 1.0
        factors = np.asarray(noise_factors, dtype=np.float64)
    best = np.zeros((len(periods), 4))
    _best_boxes(
        np.ascontiguousarray(since),
        np.ascontiguousarray(weight * value),
        np.ascontiguousarray(weight),
        np.ascontiguousarray(periods, dtype=np.float64),
        trial,
        first,
        float(step),
        factors**2,
        best,
    )
    return Periodogram(
        periods=periods,
        strength=best[:, 0],
        inverted=best[:, 1],
        durations=best[:, 2],
        epochs=best[:, 3] + start,
    )


def _averaged(
    since: NDArray[np.float64],
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    width: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return weighted averages of neighbours where many lie within a bin's width."""
    spacing = float(np.median(np.diff(since)))
    # Half a bin, so that no more is lost than by the bins themselves.
    width = width / 2
    if spacing * _BIN_AHEAD > width:
        return since, value, weight
    place = (since / width).astype(np.int64)
    total: NDArray[np.float64] = np.bincount(place, weight).astype(np.float64)
    there = total > 0
    total = total[there]
    means = [np.bincount(place, weight * values)[there] / total for values in (since, value)]
    return means[0], means[1], total


@njit(
    "void(float64[::1], float64[::1], float64[::1], float64[::1], float64[:, ::1], float64,"
    " float64, float64[::1], float64[:, ::1])",
    cache=True,
    nogil=True,
)
def _best_boxes(  # noqa: PLR0912, PLR0913, PLR0915 - one pass over memory, compiled
    since: NDArray[np.float64],
    weighted: NDArray[np.float64],
    weight: NDArray[np.float64],
    periods: NDArray[np.float64],
    durations: NDArray[np.float64],
    first_noise: float,
    noise_step: float,
    noise: NDArray[np.float64],
    best: NDArray[np.float64],
) -> None:  # pragma: no cover
    count, trials = len(since), durations.shape[1]
    whole = 0.0
    for i in range(count):
        whole += weight[i]
    most = 1
    for k in range(len(periods)):
        bins = int(np.ceil(periods[k] * _BINS_PER_DURATION / durations[k, 0]))
        most = max(most, bins)
    folded = np.empty((most, 2))
    running = np.empty((2 * most + 2, 2))
    for k in range(len(periods)):
        period = periods[k]
        bins = int(np.ceil(period * _BINS_PER_DURATION / durations[k, 0]))
        width = period / bins
        for b in range(bins):
            folded[b, 0] = 0.0
            folded[b, 1] = 0.0
        scale = 1.0 / period
        for i in range(count):
            phase = since[i] * scale
            phase -= int(phase)
            b = int(phase * bins)
            if b >= bins:
                b = bins - 1
            folded[b, 0] += weighted[i]
            folded[b, 1] += weight[i]
        longest = int(bins * _OLDEST_BOX)
        running[0, 0] = 0.0
        running[0, 1] = 0.0
        for b in range(bins + longest):
            place = b if b < bins else b - bins
            running[b + 1, 0] = running[b, 0] + folded[place, 0]
            running[b + 1, 1] = running[b, 1] + folded[place, 1]
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
            for b in range(bins):
                inside = running[b + box, 1] - running[b, 1]
                if inside <= 0.0:
                    continue
                summed = running[b + box, 0] - running[b, 0]
                outside = whole - inside
                if outside <= 0.0:
                    continue
                power = summed * summed * scaled / (inside * outside)
                if summed < 0.0:
                    if power > dip:
                        dip = power
                        at = b
                        boxes = box
                elif power > bump:
                    bump = power
        best[k, 0] = np.sqrt(dip)
        best[k, 1] = np.sqrt(bump)
        best[k, 2] = boxes * width
        best[k, 3] = (at + 0.5 * boxes) * width % period
