"""The shape of a transit: a trapezoid's ingress, its two sides, and its profile.

A planet's transit has a flat floor unless it grazes the star; two stars that eclipse each other
make a V more often than not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mlcore.datasets.missions.light_curves.transit_shape import PROFILE, SIDES
from mlcore.lightcurves.vetting.candidate import mean_in, standard_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_profile", "measure_shape", "measure_symmetry"]

_DURATIONS: NDArray[np.float64] = np.geomspace(0.4, 1.92, 11)
"""Of the ephemeris' duration that are tried."""
_INGRESSES = np.array([0.01, 0.05, 0.1, 0.18, 0.27, 0.37, 0.5])
"""Part of the whole duration that ingress takes; a half of it is a V."""
_SHIFTS = 0.08 * np.arange(-2.0, 3.0)
_REACH = 3.0
_FEWEST = 6


def measure_shape(candidate: Candidate) -> Mapping[str, float]:
    """Return the trapezoid that fits best."""
    folded = candidate.folded
    near = np.abs(folded.phase) < min(_REACH * folded.duration, folded.ephemeris.period / 2)
    if near.sum() < _FEWEST:
        return {}
    weight, deviation = folded.weight[near], folded.deviation[near]
    best = np.array([np.inf, 0, 0, 0, 0])
    _best_trapezoid(
        folded.phase[near] / folded.duration,
        deviation,
        weight,
        _DURATIONS,
        _INGRESSES,
        _SHIFTS,
        best,
    )
    if not np.isfinite(best[0]):
        return {}
    squares, duration, ingress, shift, depth = (float(value) for value in best)
    level = float(np.average(deviation, weights=weight))
    flat = float((weight * (deviation - level) ** 2).sum())
    noise = candidate.noise_factor**2
    return {
        "trapezoid_duration": duration,
        "trapezoid_ingress": ingress,
        "trapezoid_depth": depth / candidate.depth,
        "trapezoid_shift": shift,
        "trapezoid_gain": (flat - squares) / noise,
        "trapezoid_residual": squares / int(near.sum()) / noise,
    }


def measure_profile(candidate: Candidate) -> Mapping[str, float]:
    """Return the mean of each part of the fold, in depths and in its own errors."""
    folded, values = candidate.folded, {}
    for part, (low, high) in PROFILE.items():
        points = folded.between(low, high)
        if points.any():
            mean = mean_in(folded, points)
            error = standard_error(folded, points)
            values[f"{part}_depth"] = -mean / candidate.depth
            values[f"{part}_strength"] = mean / error / candidate.noise_factor
    return values


def measure_symmetry(candidate: Candidate) -> Mapping[str, float]:
    """Return how much the time before mid-transit differs from the time after, in errors."""
    folded, values = candidate.folded, {}
    for part, (low, high) in SIDES.items():
        points = folded.between(low, high)
        before, after = points & (folded.phase < 0), points & (folded.phase > 0)
        if before.any() and after.any():
            difference = mean_in(folded, before) - mean_in(folded, after)
            error = standard_error(folded, before, after)
            values[f"{part}_asymmetry"] = difference / error / candidate.noise_factor
    return values


@njit(
    "void(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[::1],"
    " float64[::1])",
    cache=True,
    nogil=True,
)
def _best_trapezoid(
    phase: NDArray[np.float64],
    deviation: NDArray[np.float64],
    weight: NDArray[np.float64],
    durations: NDArray[np.float64],
    ingresses: NDArray[np.float64],
    shifts: NDArray[np.float64],
    best: NDArray[np.float64],
) -> None:  # pragma: no cover
    for d in range(len(durations)):
        half = durations[d] / 2
        for g in range(len(ingresses)):
            ramp = ingresses[g] * durations[d]
            for s in range(len(shifts)):
                w0 = 0.0
                wm = 0.0
                wmm = 0.0
                wy = 0.0
                wmy = 0.0
                wyy = 0.0
                for i in range(len(phase)):
                    away = abs(phase[i] - shifts[s])
                    dip = 0.0
                    if away <= half - ramp:
                        dip = 1.0
                    elif away < half:
                        dip = (half - away) / ramp
                    w0 += weight[i]
                    wm += weight[i] * dip
                    wmm += weight[i] * dip * dip
                    wy += weight[i] * deviation[i]
                    wmy += weight[i] * dip * deviation[i]
                    wyy += weight[i] * deviation[i] * deviation[i]
                determinant = w0 * wmm - wm * wm
                if determinant <= 1e-12 * w0 * w0:
                    continue
                depth = (w0 * wmy - wm * wy) / determinant
                level = (wmm * wy - wm * wmy) / determinant
                squares = wyy - depth * wmy - level * wy
                if squares < best[0]:
                    best[0] = squares
                    best[1] = durations[d]
                    best[2] = ingresses[g]
                    best[3] = shifts[s]
                    best[4] = -depth
