"""How large a planet can be."""

from __future__ import annotations

__all__ = ["LARGEST_PLANET"]

_JUPITER, _EARTH = 71_492.0, 6_378.1
"""Nominal equatorial radii [km] (Prša et al. 2016, AJ 152, 41)."""

LARGEST_PLANET = 2 * _JUPITER / _EARTH
"""Two of Jupiter's radii [R_earth], which hardly any planet exceeds (Chabrier & Baraffe 2000, ARA&A
38, 337; Thorngren & Fortney 2018, AJ 155, 214)."""
