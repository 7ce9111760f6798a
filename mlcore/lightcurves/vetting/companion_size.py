"""Whether what crosses the star is as small as a planet.

It covers at least the share of the disc that is missing, were the whole disc as bright as its
middle, and more where it only grazes the star or another star's light is in the aperture: so its
radius is one at least.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcore.datasets.radii import SUN_IN_EARTHS
from mlcore.lightcurves.limb_darkening import MEAN_BRIGHTNESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_size"]


def measure_size(candidate: Candidate) -> Mapping[str, float]:
    """Return the smallest radius of what crosses the star [R_earth]."""
    radius, fit = candidate.star.radius, candidate.trapezoid
    if fit is None or radius is None or not (math.isfinite(radius) and radius > 0):
        return {}
    covered = min(max(fit.depth, 0.0) * MEAN_BRIGHTNESS, 1.0)
    return {"companion_radius": SUN_IN_EARTHS * radius * math.sqrt(covered)}
