"""Where a star stands in the Galaxy and how fast it crosses the sky."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy import units
from astropy.coordinates import SkyCoord

from mlcore.datasets.spec import Scale
from mlcore.features.spec import Feature, Idea

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["MOTION", "POSITION"]

_PER_MAS_PC = (units.AU.to("km") / units.yr.to("s")) * 1e-3
"""Speed [km / s] of one milliarcsecond a year at one parsec."""


def _place(rows: pd.DataFrame, _around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    ra, dec = rows["right_ascension"].to_numpy(), rows["declination"].to_numpy()
    known = np.isfinite(ra) & (np.abs(dec) <= 90)
    galactic = np.full(len(rows), np.nan)
    if known.any():
        place = SkyCoord(ra[known] * units.deg, dec[known] * units.deg, frame="icrs")
        galactic[known] = np.abs(place.galactic.b.deg)
    return {"galactic_latitude": galactic}


def _motion(rows: pd.DataFrame, _around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    total = np.hypot(rows["proper_motion_ra"].to_numpy(), rows["proper_motion_dec"].to_numpy())
    distance = rows["distance"].to_numpy()
    moving = np.where(total > 0, total, np.nan)
    return {
        "proper_motion": moving,
        "tangential_velocity": moving * distance * _PER_MAS_PC,
        "reduced_proper_motion": rows["magnitude"].to_numpy() + 5 * np.log10(moving * 1e-3) + 5,
    }


POSITION = Idea(
    features=(
        Feature(
            name="galactic_latitude",
            unit="deg",
            meaning="Distance from the Galactic plane",
            group="crowding of the field",
            source="IAU 1958 Galactic coordinates by astropy",
            needs=("right_ascension", "declination"),
        ),
    ),
    compute=_place,
)

MOTION = Idea(
    features=(
        Feature(
            name="proper_motion",
            unit="mas / yr",
            meaning="Total proper motion",
            scale=Scale.LOG,
            group="kinematics",
            source="length of the proper motion's two components",
            needs=("proper_motion_ra", "proper_motion_dec"),
        ),
        Feature(
            name="tangential_velocity",
            unit="km / s",
            meaning="Velocity across the line of sight",
            scale=Scale.LOG,
            group="kinematics",
            source="4.74 times proper motion and distance",
            needs=("proper_motion_ra", "proper_motion_dec", "distance"),
        ),
        Feature(
            name="reduced_proper_motion",
            unit="mag",
            meaning="Reduced proper motion",
            group="kinematics",
            source="Luyten 1922; m + 5 log μ + 5",
            needs=("proper_motion_ra", "proper_motion_dec", "magnitude"),
        ),
    ),
    compute=_motion,
)
