"""How bright a star's disc is where a planet crosses it."""

from __future__ import annotations

__all__ = ["LINEAR", "MEAN_BRIGHTNESS", "QUADRATIC"]

LINEAR, QUADRATIC = 0.4, 0.26
"""Limb darkening, about that of a star like the Sun in Kepler's band (Claret & Bloemen 2011, A&A
529, A75)."""
MEAN_BRIGHTNESS = 1 - LINEAR / 3 - QUADRATIC / 6
"""Of the disc, its centre's being 1."""
