"""How long a transit lasts against how long the star and the orbit allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy import constants, units

from mlcore.datasets.spec import Scale
from mlcore.features.spec import Feature, Idea
from mlcore.features.stars import stellar_density

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["TRANSIT", "scaled_axis"]

_G = constants.G.to_value("cm3 / (g d2)")
_HOURS = units.d.to("h")


def scaled_axis(period: NDArray[np.float64], density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the semi-major axis in stellar radii for a period [d] and a density [g / cm3]."""
    return np.asarray(np.cbrt(_G * density * period**2 / (3 * np.pi)))


def _compute(rows: pd.DataFrame, _around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    period = rows["period"].to_numpy()
    duration = rows["duration"].to_numpy() / _HOURS
    ratio = np.sqrt(np.minimum(rows["depth"].to_numpy() * 1e-6, 1.0))
    density = stellar_density(rows["stellar_gravity"].to_numpy(), rows["stellar_radius"].to_numpy())
    axis = scaled_axis(period, density)
    longest = period / np.pi * np.arcsin(np.minimum((1 + ratio) / axis, 1.0))
    # For a central transit of a circular orbit, which no other geometry undercuts.
    implied = (
        3
        * np.pi
        / (_G * period**2)
        * ((1 + ratio) / np.sin(np.pi * np.minimum(duration / period, 0.5))) ** 3
    )
    chord = np.sqrt(np.maximum((1 + ratio) ** 2 - rows["impact"].to_numpy() ** 2, 0.0))
    expected = period / np.pi * np.arcsin(np.minimum(chord / axis, 1.0))
    with np.errstate(divide="ignore"):
        against_expected = np.log10(duration / expected)
    return {
        "scaled_axis": axis,
        "duration_over_longest": np.log10(duration / longest),
        "duration_over_expected": np.where(np.isfinite(against_expected), against_expected, np.nan),
        "density_from_duration": implied,
        "density_ratio": np.log10(implied / density),
        "duty_cycle": duration / period,
        "transit_probability": np.minimum(1.0 / axis, 1.0),
    }


_length = "transit duration"

TRANSIT = Idea(
    features=(
        Feature(
            name="scaled_axis",
            meaning="Semi-major axis in stellar radii from the stellar density",
            scale=Scale.LOG,
            group="orbit",
            source="Kepler's third law",
            needs=("period", "stellar_gravity", "stellar_radius"),
        ),
        Feature(
            name="duration_over_longest",
            unit="dex",
            meaning="Transit duration against the longest that the star allows",
            group=_length,
            source="Seager & Mallén-Ornelas 2003, ApJ 585, 1038, equation 3",
            needs=("period", "duration", "depth", "stellar_gravity", "stellar_radius"),
        ),
        Feature(
            name="duration_over_expected",
            unit="dex",
            meaning="Transit duration against what the impact parameter gives",
            group=_length,
            source="Seager & Mallén-Ornelas 2003, ApJ 585, 1038, equation 3",
            needs=("period", "duration", "depth", "impact", "stellar_gravity", "stellar_radius"),
        ),
        Feature(
            name="density_from_duration",
            unit="g / cm3",
            meaning="Stellar density that a central transit of this duration implies",
            scale=Scale.LOG,
            group="stellar density",
            source="Seager & Mallén-Ornelas 2003, ApJ 585, 1038, equation 9",
            needs=("period", "duration", "depth"),
        ),
        Feature(
            name="density_ratio",
            unit="dex",
            meaning="Density that the transit implies against the star's",
            group="stellar density",
            source="asterodensity profiling, Kipping 2014, MNRAS 440, 2164",
            needs=("period", "duration", "depth", "stellar_gravity", "stellar_radius"),
        ),
        Feature(
            name="duty_cycle",
            meaning="Share of the orbit spent in transit",
            scale=Scale.LOG,
            group=_length,
            source="duration / period",
            needs=("period", "duration"),
        ),
        Feature(
            name="transit_probability",
            meaning="Geometric probability of a transit",
            scale=Scale.LOG,
            group="orbit",
            source="R / a, Borucki & Summers 1984, Icarus 58, 121",
            needs=("period", "stellar_gravity", "stellar_radius"),
        ),
    ),
    compute=_compute,
)
