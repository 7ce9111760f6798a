"""Whether the transit is as long as the star's density lets it be.

A planet's transit is longest where it crosses the middle of the star. One that takes much longer
is in front of a larger star than the catalogue's, such as a giant behind it; one that is much
shorter is none of this star's, or grazes it (Seager & Mallén-Ornelas 2003, ApJ 585, 1038).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcore.lightcurves.ephemeris import longest_transit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_density"]


def measure_density(candidate: Candidate) -> Mapping[str, float]:
    """Return how long the transit takes in central transits at the star's density."""
    density, fit, folded = candidate.star.density, candidate.trapezoid, candidate.folded
    if fit is None or density is None or not (math.isfinite(density) and density > 0):
        return {}
    central = float(longest_transit(folded.ephemeris.period, density=density))
    # A large planet begins and ends its transit by its own radius beside the star.
    central *= 1 + math.sqrt(min(max(fit.depth, 0.0), 1.0))
    return {"duration_over_central": fit.duration * folded.duration / central}
