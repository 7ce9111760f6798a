"""Transit by transit with the fold's own shape: what varies from one to the next.

A transit of few points differs in depth from the next by where its exposures fall, not by noise
alone. What depths vary by is told three times: against their errors as they are, and as if each
depth were uncertain by 3 and by 8 hundredths of it beside.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.missions.light_curves.template_transits import FLOORS
from mlcore.lightcurves.reading.scatter import robust_deviation
from mlcore.lightcurves.vetting.means import NEARLY_NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate
    from mlcore.lightcurves.vetting.each_transit import FittedTransits

__all__ = ["measure_template_transits"]

_FEWEST_FOR_SPREAD = 4
_THERE = 1.5
"""Errors above which a single transit is there."""
_LEAST_SQUARES = 0.01
"""Squares that are left for each degree of freedom are told in their logarithm, above this."""


def measure_template_transits(candidate: Candidate) -> Mapping[str, float]:
    """Return how the transits compare with one another when all have the fold's shape."""
    fit, transits = candidate.trapezoid, candidate.fitted_transits
    if not candidate.in_time or fit is None or transits is None or len(transits.depth) < 2:
        return {}
    noise, depth = candidate.noise_factor, transits.depth
    error = transits.error * noise
    strength = depth / error
    values: dict[str, float] = {}
    mean = NEARLY_NOTHING
    for name, floor in FLOORS.items():
        of_floor = _against(transits, np.hypot(error, floor * fit.depth))
        mean = of_floor.pop("mean")
        values |= {f"{value}{name}": told for value, told in of_floor.items()}
    median = float(np.median(depth))
    excess = float(np.var(depth)) - float(np.mean(error**2))
    return values | {
        "template_deviation": robust_deviation(depth) / abs(median or NEARLY_NOTHING),
        "template_excess": math.sqrt(max(0.0, excess)) / abs(mean),
        "template_median_over_mean": median / mean,
        "template_shallowest": float(depth.min()) / mean,
        "template_deepest": float(depth.max()) / mean,
        "template_residual": float(np.log10(np.median(transits.residual) + _LEAST_SQUARES)),
        "template_worst_residual": float(np.log10(np.max(transits.residual) + _LEAST_SQUARES)),
        "template_median_strength": float(np.median(strength)),
        "template_largest_share": float((strength**2).max() / (strength**2).sum()),
        "template_present_share": float(np.mean(strength > _THERE)),
    }


def _against(transits: FittedTransits, error: NDArray[np.float64]) -> dict[str, float]:
    """Return the mean depth, chi square of all, and odd against even ones, with these errors."""
    depth, count = transits.depth, len(transits.depth)
    weight = 1 / error**2
    mean = float((weight * depth).sum() / weight.sum()) or NEARLY_NOTHING
    chi_square = float((weight * (depth - mean) ** 2).sum()) / (count - 1)
    values = {"mean": mean, "template_chi_square": chi_square}
    odd = transits.number % 2 == 1
    if not odd.any() or odd.all():
        return values
    means = [float(np.average(depth[part], weights=weight[part])) for part in (odd, ~odd)]
    difference = abs(means[0] - means[1])
    of_difference = np.sqrt(1 / weight[odd].sum() + 1 / weight[~odd].sum())
    values["template_odd_even"] = difference / float(of_difference)
    if count >= _FEWEST_FOR_SPREAD:
        values["template_odd_even_over_spread"] = values["template_odd_even"] / float(
            np.sqrt(max(1.0, chi_square))
        )
    return values
