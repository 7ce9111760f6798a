"""How people spell units: in brackets, in a row of their own, behind a name."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["epoch_zero_point", "read_unit", "unit_of_body"]

_SYMBOLS = str.maketrans(
    {"⊕": "earth", "☉": "sun", "⊙": "sun", "♃": "jup", "°": "deg", "‰": "permille"}
)

_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "d": ("day", "days", "dy"),
    "h": ("hr", "hrs", "hour", "hours"),
    "min": ("mins", "minute", "minutes"),
    "s": ("sec", "secs", "second", "seconds"),
    "yr": ("yrs", "year", "years"),
    "ppm": ("partspermillion",),
    # Not trillionths, which no transit is deep.
    "ppt": ("permille", "partsperthousand"),
    "%": ("percent", "pct"),
    "": ("fraction", "frac", "relative", "dimensionless", "unitless"),
    "mag": ("mags", "magnitude", "magnitudes"),
    "mmag": ("mmags", "millimag", "millimags", "millimagnitude", "millimagnitudes"),
    "R_earth": ("earthradii", "earthradius", "rearth", "rgeo", "re", "roplus", "reearth"),
    "R_jup": ("jupiterradii", "jupiterradius", "rjup", "rjupiter", "rj", "jovianradii"),
    "R_sun": ("solarradii", "solarradius", "rsun", "solrad", "rsol", "rodot", "rsolar"),
    "M_earth": ("earthmass", "earthmasses", "mearth", "mgeo", "me", "moplus"),
    "M_jup": ("jupitermass", "jupitermasses", "mjup", "mjupiter", "mj"),
    "M_sun": ("solarmass", "solarmasses", "msun", "solmass", "msol", "modot"),
    "S_earth": (
        *("earthflux", "earthfluxes", "searth", "fearth", "soplus", "foplus", "insolearth"),
        *("searths", "earthinsolation", "earthunits", "iearth"),
    ),
    "K": ("k", "kelvin", "kelvins", "degk"),
    "deg_C": ("degc", "celsius"),
    "deg": ("degs", "degree", "degrees", "decimaldegrees", "decimaldegree", "degj2000"),
    "arcsec": ("arcsecs", "arcsecond", "arcseconds"),
    "mas": ("milliarcsec",),
    "au": (),
    "pc": ("parsec", "parsecs"),
    "kpc": (),
    "lyr": ("ly", "lightyear", "lightyears"),
    "mas / yr": ("mas/yr", "mas/year", "masyr-1", "masyr^-1", "mas/y"),
    "arcsec / yr": ("arcsec/yr", "arcsecyr-1", "arcsec/year"),
    "dex": ("[fe/h]", "[m/h]"),
    "dex(cm / s2)": (
        *("log10(cm/s2)", "log(cm/s2)", "log10cm/s2", "logcm/s2", "dex(cm/s2)", "[cm/s2]"),
        *("log10(cms-2)", "log(cms-2)", "dex(cms-2)", "[cms-2]", "log10(cgs)", "log(cgs)"),
        *("logcgs", "dexcgs", "lgcm/s2"),
    ),
    "dex(m / s2)": ("log10(m/s2)", "log(m/s2)", "log10(ms-2)", "log(ms-2)", "[m/s2]", "logsi"),
    "cm / s2": ("cm/s2", "cms-2", "cm/s/s", "cgs"),
    "m / s2": ("m/s2", "ms-2"),
    "g / cm3": ("g/cm3", "gcm-3", "g/cc"),
    "Gyr": ("gyr", "gyrs"),
    "Myr": ("myr", "myrs"),
}
"""What people write for a unit that `mlcore.datasets.units.parse_unit` reads; see `_squeezed`."""


def _squeezed(spelling: str) -> str:
    """Return a spelling in lower case and without what is written in many ways."""
    text = unicodedata.normalize("NFKC", spelling.translate(_SYMBOLS)).lower()
    text = text.replace("**", "").replace("−", "-")
    return re.sub(r"[\s_^{}$\\.*']+", "", text)


_UNITS: Mapping[str, str] = MappingProxyType(
    {
        squeezed: unit
        for unit, spellings in _SPELLINGS.items()
        for squeezed in (*spellings, *([_squeezed(unit)] if unit else []))
    }
)

_ZERO_POINTS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("bjd", "jd", "hjd", "bjdtdb", "bjd(tdb)", "bjd-tdb", "jdtdb"), 0.0),
        **dict.fromkeys(("mjd", "bmjd", "hmjd", "mjdtdb"), 2_400_000.5),
        **dict.fromkeys(("rjd", "brjd"), 2_400_000.0),
        # Kepler Archive Manual, KDMC-10008, and TESS Science Data Products, EXP-TESS-ARC-ICD-0014.
        **dict.fromkeys(("bkjd", "kbjd", "kjd"), 2_454_833.0),
        **dict.fromkeys(("btjd", "tbjd", "tjd"), 2_457_000.0),
    }
)
_COUNTED_FROM = re.compile(r"(?:b|h)?jd(?:tdb|\(tdb\))?-(\d{1,7}(?:\.\d+)?)")


def read_unit(spelling: str) -> str | None:
    """Return the unit that a spelling means, as `mlcore.datasets.units.parse_unit` reads it.

    Parameters
    ----------
    spelling
        As somebody wrote it; blanks, underscores and case do not matter.

    Returns
    -------
    str or None
        None where it is none of the usual spellings, which it may be a unit all the same.

    Examples
    --------
    >>> read_unit("Earth radii"), read_unit("R_Earth"), read_unit("hrs"), read_unit("orbits")
    ('R_earth', 'R_earth', 'h', None)
    """
    return _UNITS.get(_squeezed(spelling)) if spelling.strip() else None


_BODIES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("earth", "earths", "terrestrial"), "earth"),
        **dict.fromkeys(("jupiter", "jupiters", "jup", "jovian"), "jup"),
        **dict.fromkeys(("sun", "suns", "solar"), "sun"),
    }
)


def unit_of_body(spelling: str, own: str = "") -> str | None:
    """Return the unit of a radius, a mass or a flux that is called after a body alone.

    Parameters
    ----------
    spelling
        As somebody wrote it.
    own
        The unit of the column that it is for: of a radius the Earth's is a radius. Where it is
        empty, any unit of the body is returned.

    Examples
    --------
    >>> unit_of_body("Earth", "R_sun"), unit_of_body("solar", "M_earth"), unit_of_body("Earth", "d")
    ('R_earth', 'M_sun', None)
    """
    body = _BODIES.get(_squeezed(spelling))
    kind = own[:2] if own else "R_"
    return f"{kind}{body}" if body and kind in {"R_", "M_", "S_"} else None


def epoch_zero_point(spelling: str) -> float | None:
    """Return from which Julian date [d] epochs count that are given in this way, None if in none.

    Examples
    --------
    >>> epoch_zero_point("BKJD"), epoch_zero_point("BJD - 2457000"), epoch_zero_point("days")
    (2454833.0, 2457000.0, None)
    """
    # A comma or a blank may group the digits of the date.
    text = re.sub(r"[\s_,]+", "", spelling).lower().replace("−", "-").replace("–", "-")
    if text in _ZERO_POINTS:
        return _ZERO_POINTS[text]
    match = _COUNTED_FROM.fullmatch(text)
    return float(match.group(1)) if match else None
