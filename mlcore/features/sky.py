"""Where a star stands in the Galaxy and how fast it crosses the sky."""

from __future__ import annotations

from functools import partial

import numpy as np
from astropy import units
from astropy.coordinates import SkyCoord

from mlcore.datasets.spec import Scale
from mlcore.features.observation import Leaning, Observation, Row, amount, clause
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.in_words import number

__all__ = ["MOTION", "POSITION"]

_PER_MAS_PC = (units.AU.to("km") / units.yr.to("s")) * 1e-3
"""Speed [km / s] of one milliarcsecond a year at one parsec."""


def _place(rows: Arrays, _around: None) -> Arrays:
    ra, dec = rows["right_ascension"], rows["declination"]
    known = np.isfinite(ra) & (np.abs(dec) <= 90)
    galactic = np.full(len(ra), np.nan)
    if known.any():
        place = SkyCoord(ra[known] * units.deg, dec[known] * units.deg, frame="icrs")
        galactic[known] = np.abs(place.galactic.b.deg)
    return {"galactic_latitude": galactic}


def _motion(rows: Arrays, _around: None) -> Arrays:
    total = np.hypot(rows["proper_motion_ra"], rows["proper_motion_dec"])
    moving = np.where(total > 0, total, np.nan)
    return {
        "proper_motion": moving,
        "tangential_velocity": moving * rows["distance"] * _PER_MAS_PC,
        "reduced_proper_motion": rows["magnitude"] + 5 * np.log10(moving * 1e-3) + 5,
    }


def _say_latitude(row: Row) -> Observation:
    degrees = row["galactic_latitude"]
    words = f"The star lies {number(degrees, digits=2)}° from the Galactic plane"
    if degrees < 10:
        return clause(words, Leaning.FALSE_POSITIVE, ", where stars crowd and blend")
    if degrees > 15:
        return clause(words, Leaning.PLANET, ", away from its crowd of stars")
    return clause(words)


POSITION = Idea(
    features=(
        Feature(
            name="galactic_latitude",
            unit="deg",
            meaning="Distance from the Galactic plane",
            group="crowding of the field",
            source="IAU 1958 Galactic coordinates by astropy",
            says=_say_latitude,
            needs=("right_ascension", "declination"),
        ),
    ),
    compute=_place,
)

_kinematic = partial(Feature, group="kinematics")
_MOTIONS = ("proper_motion_ra", "proper_motion_dec")

MOTION = Idea(
    features=(
        _kinematic(
            name="proper_motion",
            unit="mas / yr",
            meaning="Total proper motion",
            scale=Scale.LOG,
            source="length of the proper motion's two components",
            says=amount("proper_motion", "Stellar proper motion of {}", "mas / yr"),
            needs=_MOTIONS,
        ),
        _kinematic(
            name="tangential_velocity",
            unit="km / s",
            meaning="Velocity across the line of sight",
            scale=Scale.LOG,
            source="4.74 times proper motion and distance",
            says=amount(
                "tangential_velocity", "Stellar velocity of {} across the line of sight", "km / s"
            ),
            needs=(*_MOTIONS, "distance"),
        ),
        _kinematic(
            name="reduced_proper_motion",
            unit="mag",
            meaning="Reduced proper motion",
            source="Luyten 1922; m + 5 log μ + 5",
            says=amount("reduced_proper_motion", "Reduced proper motion of {}", "mag"),
            needs=(*_MOTIONS, "magnitude"),
        ),
    ),
    compute=_motion,
)
