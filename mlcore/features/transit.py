"""How long a transit lasts against how long the star and the orbit allow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from astropy import constants, units

from mlcore.datasets.spec import Scale
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.features.stars import stellar_density

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TRANSIT", "scaled_axis"]

_G = constants.G.to_value("cm3 / (g d2)")
_HOURS = units.d.to("h")


def scaled_axis(period: NDArray[np.float64], density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the semi-major axis in stellar radii for a period [d] and a density [g / cm3]."""
    return np.asarray(np.cbrt(_G * density * period**2 / (3 * np.pi)))


def _compute(rows: Arrays, _around: Arrays) -> Arrays:
    period, duration = rows["period"], rows["duration"] / _HOURS
    ratio = np.sqrt(np.minimum(rows["depth"] * 1e-6, 1.0))
    density = stellar_density(rows["stellar_gravity"], rows["stellar_radius"])
    axis = scaled_axis(period, density)
    longest = period / np.pi * np.arcsin(np.minimum((1 + ratio) / axis, 1.0))
    # For a central transit of a circular orbit, which no other geometry undercuts.
    implied = (
        3
        * np.pi
        / (_G * period**2)
        * ((1 + ratio) / np.sin(np.pi * np.minimum(duration / period, 0.5))) ** 3
    )
    chord = np.sqrt(np.maximum((1 + ratio) ** 2 - rows["impact"] ** 2, 0.0))
    expected = period / np.pi * np.arcsin(np.minimum(chord / axis, 1.0))
    return {
        "scaled_axis": axis,
        "duration_over_longest": np.log10(duration / longest),
        "duration_over_expected": np.log10(duration / expected),
        "density_from_duration": implied,
        "density_ratio": np.log10(implied / density),
        "duty_cycle": duration / period,
        "transit_probability": np.minimum(1.0 / axis, 1.0),
    }


_SEAGER = "Seager & Mallén-Ornelas 2003, ApJ 585, 1038"
_STAR = ("stellar_gravity", "stellar_radius")
_orbit = partial(Feature, scale=Scale.LOG, group="orbit", needs=("period", *_STAR))
_duration = partial(Feature, group="transit duration")
_against_expected = partial(_duration, unit="dex", source=f"{_SEAGER}, equation 3")
_density = partial(Feature, group="stellar density")

TRANSIT = Idea(
    features=(
        _orbit(
            name="scaled_axis",
            meaning="Semi-major axis in stellar radii from the stellar density",
            source="Kepler's third law",
        ),
        _against_expected(
            name="duration_over_longest",
            meaning="Transit duration against the longest that the star allows",
            needs=("period", "duration", "depth", *_STAR),
        ),
        _against_expected(
            name="duration_over_expected",
            meaning="Transit duration against what the impact parameter gives",
            needs=("period", "duration", "depth", "impact", *_STAR),
        ),
        _density(
            name="density_from_duration",
            unit="g / cm3",
            meaning="Stellar density that a central transit of this duration implies",
            scale=Scale.LOG,
            source=f"{_SEAGER}, equation 9",
            needs=("period", "duration", "depth"),
        ),
        _density(
            name="density_ratio",
            unit="dex",
            meaning="Density that the transit implies against the star's",
            source="asterodensity profiling, Kipping 2014, MNRAS 440, 2164",
            needs=("period", "duration", "depth", *_STAR),
        ),
        _duration(
            name="duty_cycle",
            meaning="Share of the orbit spent in transit",
            scale=Scale.LOG,
            source="duration / period",
            needs=("period", "duration"),
        ),
        _orbit(
            name="transit_probability",
            meaning="Geometric probability of a transit",
            source="R / a, Borucki & Summers 1984, Icarus 58, 121",
        ),
    ),
    compute=_compute,
)
