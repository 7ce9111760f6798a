"""How deep the occultation of a planet may be: its own light, which its star hides.

Hot planets reflect and glow enough that their occultation is seen (the Robovetter lets a secondary
of less than a tenth of the transit's depth pass where the albedo that it takes is below 1;
Thompson et al. 2018, ApJS 235, 38).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcore.lightcurves.light_curve import Star
    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["BRIGHTEST", "brightest_share", "orbit_radius", "unexplained"]

BRIGHTEST = 0.1
"""Share of the transit's depth that a planet's light is at most, whatever the star."""
_YEAR = 365.25
_EARTH_ORBIT = 215.03
"""One astronomical unit in solar radii (IAU 2012 Resolution B2, and nominal solar radius of IAU
2015 Resolution B3)."""


def orbit_radius(period: float, *, density: float) -> float:
    """Return a circular orbit's radius [stellar radii].

    Parameters
    ----------
    period
        Orbital period [d].
    density
        The star's mean density [solar densities]. Kepler's third law gives a/R in proportion to
        (ρ P²)^(1/3).

    Examples
    --------
    >>> round(orbit_radius(365.25, density=1.0))
    215
    """
    return float(_EARTH_ORBIT * (period / _YEAR) ** (2 / 3) * density ** (1 / 3))


def brightest_share(period: float, star: Star) -> float:
    """Return which share of its transit's depth a planet's light may be at most.

    A planet of radius r that reflects all light (a geometric albedo of 1) at a distance a sends
    (r/a)² of the star's, while it hides (r/R)²: their ratio is (R/a)². Without the star's density a
    tenth.
    """
    density = star.density
    if density is None or not (math.isfinite(density) and density > 0):
        return BRIGHTEST
    return min(BRIGHTEST, orbit_radius(period, density=density) ** -2)


def unexplained(candidate: Candidate, depth: float, strength: float) -> float:
    """Return by how many errors an eclipse is deeper than a planet's own light, NaN if unknown.

    Parameters
    ----------
    candidate
        The signal.
    depth, strength
        Of the eclipse: relative flux, and over its error, which they state so.
    """
    if not depth:
        return strength
    light = brightest_share(candidate.folded.ephemeris.period, candidate.star)
    return strength * (1 - light * max(candidate.depth, 0.0) / depth)
