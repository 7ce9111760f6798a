"""The transiting body's size: what the depth says against what the catalogue's radius says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy import constants

from mlcore.datasets.spec import Scale
from mlcore.features.spec import Feature, Idea

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["SIZE"]

_EARTH_IN_SUN = float(constants.R_earth / constants.R_sun)


def _compute(rows: pd.DataFrame, _around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    star = rows["stellar_radius"].to_numpy()
    radius = rows["radius"].to_numpy()
    ratio = radius * _EARTH_IN_SUN / star
    depth_ratio = np.sqrt(np.minimum(rows["depth"].to_numpy() * 1e-6, 1.0))
    impact = rows["impact"].to_numpy()
    return {
        "radius_ratio_from_radius": ratio,
        "radius_ratio_from_depth": depth_ratio,
        "radius_over_depth": np.log10(ratio / depth_ratio),
        "radius_from_depth": depth_ratio * star / _EARTH_IN_SUN,
        "grazing": impact + ratio,
        "grazing_from_depth": impact + depth_ratio,
        "radius_over_valley": np.log10(radius / 1.9)
        + 0.11 * np.log10(rows["period"].to_numpy() / 10),
    }


_size = "planet radius"

SIZE = Idea(
    features=(
        Feature(
            name="radius_ratio_from_radius",
            meaning="Planet-star radius ratio from both radii",
            scale=Scale.LOG,
            group=_size,
            source="R_p / R_s",
            needs=("radius", "stellar_radius"),
        ),
        Feature(
            name="radius_ratio_from_depth",
            meaning="Planet-star radius ratio from the depth",
            scale=Scale.LOG,
            group="transit depth",
            source="square root of the depth, Seager & Mallén-Ornelas 2003, ApJ 585, 1038",
            needs=("depth",),
        ),
        Feature(
            name="radius_over_depth",
            unit="dex",
            meaning="Radius ratio of both radii against that of the depth",
            group=_size,
            source="Seager & Mallén-Ornelas 2003, ApJ 585, 1038, equation 6",
            needs=("radius", "stellar_radius", "depth"),
        ),
        Feature(
            name="radius_from_depth",
            unit="R_earth",
            meaning="Radius that the depth implies on this star",
            scale=Scale.LOG,
            group=_size,
            source="R_s times the square root of the depth",
            needs=("depth", "stellar_radius"),
        ),
        Feature(
            name="grazing",
            meaning="Impact parameter plus radius ratio",
            scale=Scale.LOG,
            group="impact parameter",
            source="above 1 the transit grazes, Seager & Mallén-Ornelas 2003, ApJ 585, 1038",
            needs=("impact", "radius", "stellar_radius"),
        ),
        Feature(
            name="grazing_from_depth",
            meaning="Impact parameter plus the depth's radius ratio",
            scale=Scale.LOG,
            group="impact parameter",
            source="above 1 the transit grazes, Seager & Mallén-Ornelas 2003, ApJ 585, 1038",
            needs=("impact", "depth"),
        ),
        Feature(
            name="radius_over_valley",
            unit="dex",
            meaning="Planet radius against the radius valley at this period",
            group=_size,
            source="Van Eylen et al. 2018, MNRAS 479, 4786",
            needs=("radius", "period"),
        ),
    ),
    compute=_compute,
)
