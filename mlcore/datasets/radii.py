"""Radii that others are measured by, in Earth radii."""

from __future__ import annotations

__all__ = ["LARGEST_PLANET", "SUN_IN_EARTHS"]

_SUN, _JUPITER, _EARTH = 695_700.0, 71_492.0, 6_378.1
"""Nominal equatorial radii [km] (Prša et al. 2016, AJ 152, 41)."""

SUN_IN_EARTHS = _SUN / _EARTH
"""The Sun's radius [R_earth]."""
LARGEST_PLANET = 2 * _JUPITER / _EARTH
"""Two of Jupiter's radii [R_earth], which hardly any planet exceeds (Chabrier & Baraffe 2000, ARA&A
38, 337; Thorngren & Fortney 2018, AJ 155, 214)."""
