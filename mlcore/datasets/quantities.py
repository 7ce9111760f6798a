"""What the missions measure, under one set of names and in one system of units.

A quantity is the same thing wherever a mission has it: depths in parts per million, durations in
hours, epochs as barycentric Julian dates. Everything that is derived starts from here, so that a
formula is written once for all missions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.datasets.spec import Scale
from mlcore.datasets.units import parse_unit
from mlcore.in_words import lowered

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
    aliases: tuple[str, ...] = ()
    """What stands above it in people's tables, whatever the mission, in whatever case."""
    symbols: tuple[str, ...] = ()
    """What papers call it in a formula: too short to tell without a unit that it can have."""


@cache
def unit_factor(unit: str, wanted: str) -> float:
    """Return by what a value in one unit is multiplied to be in another."""
    # Logarithmic units are shared by all missions, and have no factor.
    if unit == wanted:
        return 1.0
    return float(parse_unit(unit).to(parse_unit(wanted)))


def _linear(name: str, unit: str, meaning: str, *aliases: str, positive: bool = False) -> Quantity:
    return Quantity(name=name, unit=unit, meaning=meaning, positive=positive, aliases=aliases)


def _log(name: str, unit: str, meaning: str, *aliases: str) -> Quantity:
    return Quantity(
        name=name, unit=unit, meaning=meaning, scale=Scale.LOG, positive=True, aliases=aliases
    )


_ROWS = (
    _log(
        *("period", "d", "Orbital period"),
        *("orbital period", "period", "orb period", "planet orbital period", "period value"),
        *("orbital period value", "planet orbital period value", "per", "porb", "orbper"),
        *("bls period", "period bls", "tls period", "period tls", "best period", "t orb"),
        *("period at max power", "umlaufzeit", "umlaufdauer", "periodo orbital"),
        "periode orbitale",
    ),
    _linear(
        *("epoch", "d", "Transit epoch (BJD)"),
        *("transit epoch", "epoch", "orbital epoch", "transit midpoint", "midpoint", "t0", "tc"),
        *("planet transit midpoint", "planet transit midpoint value", "mid-transit time"),
        *("transit mid time", "time of mid-transit", "transit time", "tranmid", "t conj"),
        *("orbital epoch value", "transit epoch value"),
    ),
    _log(
        *("duration", "h", "Transit duration"),
        *("transit duration", "duration", "dur", "tdur", "t14", "trandur", "t dur"),
        *("planet transit duration", "planet transit duration value", "transit duration value"),
        *("transit dur", "total duration", "total transit duration", "t tot", "dauer"),
        *("transitdauer", "durée", "durée du transit", "duración", "duracion"),
    ),
    _log(
        *("depth", "ppm", "Transit depth"),
        *("transit depth", "depth", "trandep", "tdepth", "planet transit depth"),
        *("planet transit depth value", "transit depth value"),
        *("tiefe", "transittiefe", "profondeur", "profundidad"),
    ),
    _log(
        *("radius", "R_earth", "Planet radius"),
        *("planet radius", "planetary radius", "planet rad", "rp", "rplanet", "prad", "radius"),
        *("planet radius value", "rad p", "radius planet", "rpl", "radius p", "planetenradius"),
        *("rayon planétaire", "radio planetario"),
    ),
    _log(
        *("insolation", "", "Insolation in Earth flux"),
        *("insolation", "insolation flux", "planet insolation", "insol", "incident flux"),
        *("planet insolation value", "planet insolation flux", "insolation value", "insol flux"),
        *("stellar flux", "sp", "s eff", "seff", "s inc", "f inc", "f p"),
    ),
    _linear(
        *("equilibrium_temperature", "K", "Equilibrium temperature"),
        *("equilibrium temperature", "equilibrium temp", "equil temp", "eq temp", "teq", "eqt"),
        *("planet equilibrium temperature", "planet equilibrium temperature value"),
        *("planet eq temp", "planet equil temp", "planet temperature", "temperature", "temp"),
        *("planet equilibrium temp", "planet eq temp value", "eq temperature", "planet teq"),
        *("temp eq", "t equilibrium", "t p", "gleichgewichtstemperatur"),
        positive=True,
    ),
    _linear(
        *("stellar_temperature", "K", "Stellar effective temperature"),
        *("stellar effective temperature", "effective temperature", "teff", "stellar teff"),
        *("stellar effective temperature value", "stellar eff temp", "stellar effective temp"),
        *("star teff", "steff", "stellar temperature", "star temperature", "host teff"),
        *("effective temp", "stellar eff temp value", "temperature", "temp", "tstar"),
        *("teff star", "teff s", "effektivtemperatur", "temperatura efectiva", "ts"),
        positive=True,
    ),
    _linear(
        *("stellar_gravity", "dex(cm / s2)", "Stellar surface gravity"),
        *("stellar surface gravity", "surface gravity", "logg", "log(g)", "stellar logg"),
        *("stellar log(g)", "stellar log(g) value", "star logg", "slogg", "log10 g"),
        *("logg star", "logg s", "log g⋆"),
    ),
    _log(
        *("stellar_radius", "R_sun", "Stellar radius"),
        *("stellar radius", "star radius", "stellar radius value", "rstar", "rs", "srad"),
        *("stellar rad", "host radius", "radius", "rad s", "radius star", "star radius value"),
    ),
    _log(
        *("distance", "pc", "Stellar distance"),
        *("stellar distance", "distance", "dist", "star distance", "distance value"),
    ),
    _linear("magnitude", "mag", "Magnitude in the mission's own band"),
    _linear(
        *("right_ascension", "deg", "Right ascension"),
        *("right ascension", "ra", "radeg", "ra j2000", "raj2000", "ra icrs"),
        *("right ascension j2000", "alpha j2000"),
    ),
    _linear(
        *("declination", "deg", "Declination"),
        *("declination", "dec", "decdeg", "de", "dedeg", "dec j2000", "dej2000", "de icrs"),
        *("declination j2000", "delta j2000", "decl"),
    ),
    _linear(
        *("proper_motion_ra", "mas / yr", "Proper motion in right ascension"),
        *("proper motion in right ascension", "pmra", "pm ra", "proper motion ra"),
    ),
    _linear(
        *("proper_motion_dec", "mas / yr", "Proper motion in declination"),
        *("proper motion in declination", "pmdec", "pm dec", "proper motion dec", "pmde"),
    ),
    _linear(*("impact", "", "Impact parameter"), *("impact parameter", "impact", "impact param")),
    _log(
        *("snr", "", "Transit signal-to-noise ratio"),
        *("transit signal-to-noise ratio", "transit signal-to-noise", "signal-to-noise"),
        *("signal-to-noise ratio", "transit snr", "snr", "planet snr", "model snr", "s/n"),
        *("transit s/n", "planet s/n"),
    ),
    *(
        _linear(f"{name}_{side}", unit, f"{side.capitalize()} uncertainty of the {meaning}")
        for name, unit, meaning in (
            ("period", "d", "orbital period"),
            ("epoch", "d", "transit epoch"),
            ("impact", "", "impact parameter"),
            ("duration", "h", "transit duration"),
            ("depth", "ppm", "transit depth"),
        )
        for side in ("upper", "lower")
    ),
    _log(
        *("radius_ratio", "", "Planet-star radius ratio"),
        *("planet-star radius ratio", "radius ratio", "rp/rs", "r_planet/r_star", "rad_p/rad_s"),
        *("rp over rs", "ror", "rprs", "rp/rstar"),
    ),
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
            ("_error", f"Uncertainty of the {lowered(meaning)}"),
        )
    ),
)

_SYMBOLS = {
    # T is a period in some papers and a duration in others, both in days; tau is the ingress.
    "period": ("P",),
    "impact": ("b",),
    "right_ascension": ("α", "alpha"),
    "declination": ("δ",),
    "depth": ("delta", "δ", "d"),
    "radius": ("R",),
    "insolation": ("S", "F"),
    "equilibrium_temperature": ("T",),
    "stellar_temperature": ("T",),
    "stellar_radius": ("R",),
    "distance": ("d", "D"),
}

QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {row.name: replace(row, symbols=_SYMBOLS.get(row.name, ())) for row in _ROWS}
)
"""Every quantity by name, in the order in which they are shown."""
