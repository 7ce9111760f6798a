"""What the missions measure, under one set of names and in one system of units.

A quantity is the same thing wherever a mission has it: depths in parts per million, durations in
hours, epochs as barycentric Julian dates. Everything that is derived starts from here, so that a
formula is written once for all missions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.datasets.spec import Scale
from mlcore.datasets.units import parse_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["QUANTITIES", "Quantity", "unit_factor"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A measured quantity; each mission declares which of its columns it is."""

    name: str
    unit: str
    """The unit that `mlcore.features.converting.quantities_of` gives it in."""
    meaning: str
    scale: Scale = Scale.LINEAR
    positive: bool = False
    """Whether a value that is not above zero says that it was not measured."""


@cache
def unit_factor(unit: str, wanted: str) -> float:
    """Return by what a value in one unit is multiplied to be in another."""
    # Logarithmic units are shared by all missions, and have no factor.
    if unit == wanted:
        return 1.0
    return float(parse_unit(unit).to(parse_unit(wanted)))


def _linear(name: str, unit: str, meaning: str, *, positive: bool = False) -> Quantity:
    return Quantity(name=name, unit=unit, meaning=meaning, positive=positive)


def _log(name: str, unit: str, meaning: str) -> Quantity:
    return Quantity(name=name, unit=unit, meaning=meaning, scale=Scale.LOG, positive=True)


_ROWS = (
    _log("period", "d", "Orbital period"),
    _linear("epoch", "d", "Transit epoch (BJD)"),
    _log("duration", "h", "Transit duration"),
    _log("depth", "ppm", "Transit depth"),
    _log("radius", "R_earth", "Planet radius"),
    _log("insolation", "", "Insolation in Earth flux"),
    _linear("equilibrium_temperature", "K", "Equilibrium temperature", positive=True),
    _linear("stellar_temperature", "K", "Stellar effective temperature", positive=True),
    _linear("stellar_gravity", "dex(cm / s2)", "Stellar surface gravity"),
    _log("stellar_radius", "R_sun", "Stellar radius"),
    _log("distance", "pc", "Stellar distance"),
    _linear("magnitude", "mag", "Magnitude in the mission's own band"),
    _linear("right_ascension", "deg", "Right ascension"),
    _linear("declination", "deg", "Declination"),
    _linear("proper_motion_ra", "mas / yr", "Proper motion in right ascension"),
    _linear("proper_motion_dec", "mas / yr", "Proper motion in declination"),
    _linear("impact", "", "Impact parameter"),
    _log("snr", "", "Transit signal-to-noise ratio"),
    *(
        _linear(f"{name}_{side}", unit, f"{side.capitalize()} uncertainty of the {meaning}")
        for name, unit, meaning in (
            ("period", "d", "orbital period"),
            ("epoch", "d", "transit epoch"),
            ("impact", "", "impact parameter"),
            ("duration", "h", "transit duration"),
            ("depth", "ppm", "transit depth"),
            ("radius", "R_earth", "planet radius"),
            ("insolation", "", "insolation"),
            ("stellar_temperature", "K", "stellar effective temperature"),
            ("stellar_gravity", "dex(cm / s2)", "stellar surface gravity"),
            ("stellar_radius", "R_sun", "stellar radius"),
        )
        for side in ("upper", "lower")
    ),
    _log("radius_ratio", "", "Planet-star radius ratio"),
    _log("transit_density", "g / cm3", "Stellar density from the transit"),
    _log("single_event", "", "Maximum single event statistic"),
    _log("multiple_event", "", "Maximum multiple event statistic"),
    _log("transits", "", "Number of transits"),
    _linear("odd_even", "", "Significance that odd and even transits are equally deep"),
    _log("freedom", "", "Degrees of freedom of the transit fit"),
    _log("chi_square", "", "Chi-square of the transit fit"),
    *(_linear(f"{band}_magnitude", "mag", f"{band} magnitude") for band in "grizjhk"),
    *(
        _linear(f"{name}_offset{ending}", "arcsec", words)
        for name, meaning in (
            ("centroid_ra", "Flux-weighted right ascension offset of the source"),
            ("centroid_dec", "Flux-weighted declination offset of the source"),
            ("shift_ra", "Flux-weighted right ascension shift in transit"),
            ("shift_dec", "Flux-weighted declination shift in transit"),
            ("image_ra", "Right ascension offset from the star out of transit"),
            ("image_dec", "Declination offset from the star out of transit"),
            ("image", "Angular offset from the star out of transit"),
            ("catalogue_ra", "Right ascension offset from the catalogue"),
            ("catalogue_dec", "Declination offset from the catalogue"),
            ("catalogue", "Angular offset from the catalogue"),
        )
        for ending, words in (
            ("", meaning),
            ("_error", f"Uncertainty of the {meaning[0].lower()}{meaning[1:]}"),
        )
    ),
)

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({row.name: row for row in _ROWS})
"""Every quantity by name, in the order in which they are shown."""
