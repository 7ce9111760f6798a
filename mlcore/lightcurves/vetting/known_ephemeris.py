"""When another star's eclipses or transits are, as a list of them says."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["KnownEphemeris"]


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownEphemeris:
    """When the eclipses or transits of another star are."""

    name: str
    period: float
    """[d]."""
    epoch: float
    """Mid-time of one [BJD]."""
    period_error: float = 0.0
    """Standard error [d]."""
    epoch_error: float = 0.0
    """[d]."""
    star: str = ""
    """With its number, such as ``KIC 11442793``."""
    separation: float = math.nan
    """How far on the sky it is [arcsec]."""
    lost_light: float = math.nan
    """In one [10⁻⁶ of the light of a star of magnitude 0]; NaN where it is not known."""
