"""The transiting body's size: what the depth says against what the catalogue's radius says."""

from __future__ import annotations

from functools import partial

import numpy as np
from astropy import constants

from mlcore.datasets.spec import Scale
from mlcore.features.spec import Arrays, Feature, Idea

__all__ = ["SIZE"]

_EARTH_IN_SUN = float(constants.R_earth / constants.R_sun)


def _compute(rows: Arrays, _around: Arrays) -> Arrays:
    star, radius, impact = rows["stellar_radius"], rows["radius"], rows["impact"]
    ratio = radius * _EARTH_IN_SUN / star
    depth_ratio = np.sqrt(np.minimum(rows["depth"] * 1e-6, 1.0))
    return {
        "radius_ratio_from_radius": ratio,
        "radius_ratio_from_depth": depth_ratio,
        "radius_over_depth": np.log10(ratio / depth_ratio),
        "radius_from_depth": depth_ratio * star / _EARTH_IN_SUN,
        "grazing": impact + ratio,
        "grazing_from_depth": impact + depth_ratio,
        "radius_over_valley": np.log10(radius / 1.9) + 0.11 * np.log10(rows["period"] / 10),
    }


_radius = partial(Feature, group="planet radius")
_SEAGER = "Seager & Mallén-Ornelas 2003, ApJ 585, 1038"
_grazing = partial(
    Feature,
    scale=Scale.LOG,
    group="impact parameter",
    source=f"above 1 the transit grazes, {_SEAGER}",
)

SIZE = Idea(
    features=(
        _radius(
            name="radius_ratio_from_radius",
            meaning="Planet-star radius ratio from both radii",
            scale=Scale.LOG,
            source="R_p / R_s",
            needs=("radius", "stellar_radius"),
        ),
        Feature(
            name="radius_ratio_from_depth",
            meaning="Planet-star radius ratio from the depth",
            scale=Scale.LOG,
            group="transit depth",
            source=f"square root of the depth, {_SEAGER}",
            needs=("depth",),
        ),
        _radius(
            name="radius_over_depth",
            unit="dex",
            meaning="Radius ratio of both radii against that of the depth",
            source=f"{_SEAGER}, equation 6",
            needs=("radius", "stellar_radius", "depth"),
        ),
        _radius(
            name="radius_from_depth",
            unit="R_earth",
            meaning="Radius that the depth implies on this star",
            scale=Scale.LOG,
            source="R_s times the square root of the depth",
            needs=("depth", "stellar_radius"),
        ),
        _grazing(
            name="grazing",
            meaning="Impact parameter plus radius ratio",
            needs=("impact", "radius", "stellar_radius"),
        ),
        _grazing(
            name="grazing_from_depth",
            meaning="Impact parameter plus the depth's radius ratio",
            needs=("impact", "depth"),
        ),
        _radius(
            name="radius_over_valley",
            unit="dex",
            meaning="Planet radius against the radius valley at this period",
            source="Van Eylen et al. 2018, MNRAS 479, 4786",
            needs=("radius", "period"),
        ),
    ),
    compute=_compute,
)
