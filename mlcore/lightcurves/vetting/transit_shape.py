"""The shape of a transit: a trapezoid's ingress, its two sides, and its profile.

A planet's transit has a flat floor unless it grazes the star; two stars that eclipse each other
make a V more often than not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.missions.light_curves.transit_shape import PROFILE, SIDES
from mlcore.lightcurves.vetting.means import SHALLOWEST, mean_in, standard_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_profile", "measure_shape", "measure_symmetry"]

_DEPTH_POWER = 0.75
"""To which power the depth enters a star's density that is told by a transit alone: ρ is in
proportion to P δ^¾ / (T² − T_f²)^(3/2) (Seager & Mallén-Ornelas 2003, ApJ 585, 1038), in which the
floor's length T_f is left out, since few ingresses are resolved."""


def measure_shape(candidate: Candidate) -> Mapping[str, float]:
    """Return the trapezoid that fits best, and how well a V and a U fit beside it."""
    fit, folded = candidate.trapezoid, candidate.folded
    if fit is None:
        return {}
    period, noise = folded.ephemeris.period, candidate.noise_factor
    saved, left = fit.flat_squares - fit.squares, fit.left
    of_ingress = fit.tried.min(axis=0)
    sharp, triangle = float(of_ingress[0]), float(of_ingress[-1])
    duration, spread = fit.mean_duration()
    depth = max(fit.depth, SHALLOWEST)
    days = fit.duration * folded.duration
    return {
        "trapezoid_duration": fit.duration,
        "trapezoid_ingress": fit.ingress,
        "trapezoid_floor": fit.duration * (1 - 2 * fit.ingress),
        "trapezoid_depth": fit.depth / candidate.depth,
        "trapezoid_log_depth": float(np.log10(depth)),
        "trapezoid_shift": abs(fit.shift),
        "trapezoid_strength": fit.depth / fit.error / noise,
        "trapezoid_gain": saved / noise**2,
        "trapezoid_residual": fit.squares / fit.points / noise**2,
        "trapezoid_log_duration": float(np.log10(24 * days)),
        "trapezoid_duration_index": float(np.log10(days / period ** (1 / 3))),
        "v_over_u": (triangle - sharp) / left,
        "v_over_u_share": (triangle - sharp) / max(saved, left),
        "v_over_best": (triangle - fit.squares) / left,
        "u_over_best": (sharp - fit.squares) / left,
        "likely_ingress": fit.mean_ingress(),
        "likely_duration": duration,
        "duration_uncertainty": spread,
        "density_index": float(
            np.log10(period / (duration * folded.duration) ** 3 * depth**_DEPTH_POWER)
        ),
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
