"""When another star's eclipses or transits are, as a list of them says."""

from __future__ import annotations

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
