"""The host star's density, mass and luminosity, and how it compares with the main sequence."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from astropy import constants, units

from mlcore.datasets.spec import Scale
from mlcore.features.observation import amount, clause
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.in_words import compared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.features.observation import Observation, Row

__all__ = ["STARS", "stellar_density"]

_SUN = 5772.0
"""Nominal effective temperature of the Sun [K], IAU 2015 resolution B3."""

# Mean dwarfs, from O9 to M6: effective temperature [K] and radius [R_sun].
_DWARFS = (
    (2810, 0.137),
    (3060, 0.196),
    (3410, 0.361),
    (3650, 0.501),
    (3850, 0.588),
    (4440, 0.701),
    (5080, 0.813),
    (5480, 0.876),
    (5770, 1.012),
    (6050, 1.142),
    (6550, 1.473),
    (7220, 1.728),
    (8080, 1.785),
    (9700, 2.193),
    (15700, 2.7),
)


def stellar_density(
    gravity: NDArray[np.float64], radius: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean density of stars [g / cm3].

    Parameters
    ----------
    gravity
        Surface gravity, log10 of cm / s2.
    radius
        Stellar radius [R_sun].
    """
    if np.isnan(gravity).all() or np.isnan(radius).all():
        # Of a table without one of them there is nothing to compute.
        return np.full(np.broadcast_shapes(np.shape(gravity), np.shape(radius)), np.nan)
    acceleration = 10.0**gravity * units.cm / units.s**2
    density = 3 * acceleration / (4 * np.pi * constants.G * radius * units.R_sun)
    return np.asarray(density.to_value("g / cm3"))


def _compute(rows: Arrays, _around: None) -> Arrays:
    temperature, gravity = rows["stellar_temperature"], rows["stellar_gravity"]
    radius = rows["stellar_radius"]
    mass = (10.0**gravity * units.cm / units.s**2) * (radius * units.R_sun) ** 2 / constants.G
    dwarf = np.interp(temperature, *np.transpose(_DWARFS))
    return {
        "stellar_density": stellar_density(gravity, radius),
        # In units of the Sun's.
        "stellar_luminosity": radius**2 * (temperature / _SUN) ** 4,
        "stellar_mass_from_gravity": mass.to_value("M_sun"),
        "radius_above_dwarf": np.log10(radius / dwarf),
    }


def _say_size(row: Row) -> Observation:
    beside = compared(
        row.factor("radius_above_dwarf"), "larger than", "smaller than", "as large as"
    )
    return clause(f"The star is {beside} a dwarf of its temperature")


_star = partial(Feature, group="stellar structure")

STARS = Idea(
    features=(
        Feature(
            name="stellar_density",
            unit="g / cm3",
            meaning="Stellar density from gravity and radius",
            scale=Scale.LOG,
            group="stellar density",
            source="3 g / (4 π G R)",
            says=amount("stellar_density", "Stellar density of {}", "g / cm3"),
            needs=("stellar_gravity", "stellar_radius"),
        ),
        _star(
            name="stellar_luminosity",
            meaning="Stellar luminosity in solar units",
            scale=Scale.LOG,
            source="Stefan-Boltzmann law",
            says=amount("stellar_luminosity", "Stellar luminosity of {} times the Sun's"),
            needs=("stellar_temperature", "stellar_radius"),
        ),
        _star(
            name="stellar_mass_from_gravity",
            unit="M_sun",
            meaning="Stellar mass from gravity and radius",
            scale=Scale.LOG,
            source="g R² / G",
            tells_of="stellar mass",
            says=amount(
                "stellar_mass_from_gravity",
                "Stellar mass of {} from gravity and radius",
                "M_sun",
                digits=2,
            ),
            needs=("stellar_gravity", "stellar_radius"),
        ),
        _star(
            name="radius_above_dwarf",
            unit="dex",
            meaning="Stellar radius against a dwarf's of this temperature",
            source="mean dwarf sequence, Pecaut & Mamajek 2013, ApJS 208, 9",
            tells_of="stellar radius",
            says=_say_size,
            needs=("stellar_temperature", "stellar_radius"),
        ),
    ),
    compute=_compute,
)
