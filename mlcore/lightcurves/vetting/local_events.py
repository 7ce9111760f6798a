"""Events of the orbit held against the flux right beside them.

A box that is held against all of the orbit finds the slopes of a wave; one that is held against
both its sides finds dips alone. Among many boxes noise reaches √(2 ln n) by itself, which is told
apart from what a dip reaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.reading.scatter import robust_deviation
from mlcore.lightcurves.vetting.means import SHALLOWEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold
    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_local_events"]

_STEPS_PER_DURATION = 4.0
_STEPS = (20, 1500)
_NEAR, _FAR = 0.75, 1.5
"""From and to how many widths from its middle a box is held against."""
_APART = 1.5
"""Widths between two different events."""
_FEWEST = 5


def measure_local_events(candidate: Candidate) -> Mapping[str, float]:
    """Return the strongest dip away from the transit, and what noise does."""
    fit, folded = candidate.trapezoid, candidate.folded
    if fit is None:
        return {}
    period = folded.ephemeris.period
    whole = fit.duration * folded.duration
    width = max(whole * (1 - fit.ingress), folded.cadence)
    step = max(whole / _STEPS_PER_DURATION, folded.cadence / _STEPS_PER_DURATION)
    count = int(np.clip(period / step, *_STEPS))
    middle = (np.arange(count) + 0.5) / count * period - period / 2
    depth, error = _boxes(folded, middle, width)
    away = np.abs(middle)
    there = np.isfinite(depth) & np.isfinite(error)
    # No side of a box lies in transit.
    nearest = (max(whole, folded.duration) + folded.cadence) / 2 + _FAR * width
    there &= (away > nearest) & (away < period / 2 - width)
    if there.sum() <= _FEWEST:
        return {}
    middle, depth, error = middle[there], depth[there], error[there]
    strength = depth / error
    noise = max(1.0, robust_deviation(strength))
    strength = strength / noise
    at = int(strength.argmax())
    secondary, bump = float(strength[at]), float(-strength.min())
    floor = max(fit.depth, SHALLOWEST)
    # How far from the star the planet is, in stellar radii, were its transit central.
    distance = period / (np.pi * whole)
    values = {
        "local_primary": fit.depth / fit.error / noise / candidate.noise_factor,
        "local_secondary": secondary,
        "local_secondary_over_noise": secondary
        - float(np.sqrt(2 * np.log(max(period / width, 2.0)))),
        "local_bump": bump,
        "local_secondary_over_bump": secondary - bump,
        "local_secondary_ratio": float(depth[at]) / fit.depth if fit.depth else float("nan"),
        "local_secondary_phase": abs(float(middle[at])) / period,
        "local_limit": float(np.log10(np.median(error) * noise / floor)),
        "local_albedo": float(np.log10(max(float(depth[at]), SHALLOWEST) * distance**2)),
    }
    apart = np.abs(np.mod(middle - middle[at] + period / 2, period) - period / 2)
    others = apart > _APART * width
    if others.any():
        values["local_tertiary"] = float(strength[others].max())
        values["local_secondary_over_tertiary"] = secondary - values["local_tertiary"]
    return values


def _boxes(
    folded: Fold, middle: NDArray[np.float64], width: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the depth of boxes against both their sides, and its white error."""
    order = np.argsort(folded.phase, kind="stable")
    phase, weight = folded.phase[order], folded.weight[order]
    total = np.concatenate([[0.0], np.cumsum(weight)])
    summed = np.concatenate([[0.0], np.cumsum(weight * folded.deviation[order])])

    def between(low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        begin = np.searchsorted(phase, middle + low * width)
        end = np.searchsorted(phase, middle + high * width)
        # Running sums of nothing differ in their last digits.
        gathered = np.where(end > begin, total[end] - total[begin], 0.0)
        return gathered, summed[end] - summed[begin]

    inside, dip = between(-0.5, 0.5)
    before, left = between(-_FAR, -_NEAR)
    after, right = between(_NEAR, _FAR)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = (left + right) / (before + after) - dip / inside
        error = np.sqrt(1 / inside + 1 / (before + after))
    return depth, error
