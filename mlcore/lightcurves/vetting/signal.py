"""How strong and deep a signal is, and how it compares with its orbit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.reading.scatter import robust_deviation
from mlcore.lightcurves.vetting.means import SHALLOWEST, depth_at, standard_error
from mlcore.lightcurves.vetting.planet_light import unexplained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_half_phase", "measure_signal"]

_FEWEST = 3


def measure_signal(candidate: Candidate) -> Mapping[str, float]:
    """Return period, duration, depth and strength of a signal."""
    folded = candidate.folded
    period, duration, depth = folded.ephemeris.period, folded.duration, candidate.depth
    strength = depth / standard_error(folded, candidate.inside, folded.between(1.0, 3.0))
    values = {
        "period": period,
        "duration": duration * 24,
        "depth": depth * 1e6,
        "log_depth": float(np.log10(max(depth, SHALLOWEST))),
        "white_strength": strength,
        "strength": strength / candidate.noise_factor,
        "duty_cycle": duration / period,
        "duration_index": float(np.log10(duration / period ** (1 / 3))),
    }
    if candidate.searched is not None:
        # The strongest of thousands of peaks is strong by choice.
        values["searched"] = float(candidate.searched)
    outside, inside = candidate.outside, candidate.inside
    if outside.sum() > _FEWEST:
        values["scatter_over_depth"] = robust_deviation(folded.deviation[outside]) / depth
    if inside.sum() > _FEWEST:
        weight, scatter = folded.weight[inside], folded.scatter[inside]
        squares = np.average((folded.deviation[inside] + depth) ** 2, weights=weight)
        values["scatter_inside"] = float(np.sqrt(squares / np.mean(scatter**2)))
    return values


def measure_half_phase(candidate: Candidate) -> Mapping[str, float]:
    """Return the depth half a period after the transit, where a circular orbit's eclipse is."""
    folded = candidate.folded
    depth, error = depth_at(folded, folded.ephemeris.period / 2)
    strength = depth / error / candidate.noise_factor
    return {
        "half_phase_strength": strength,
        "half_phase_ratio": depth / candidate.depth,
        "half_phase_unexplained": unexplained(candidate, depth, strength),
    }
