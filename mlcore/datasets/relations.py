"""What the quantities of a transit say of each other, whatever the object turns out to be.

A value in another unit disagrees with its neighbours by the factor between the units, in nearly all
rows at once. Agreement is wide enough for eclipsing binaries, giants and grazing transits: it is
there to tell units apart, and judges no object. Its widths and the usual values were set by the
archive's tables of all missions, without a label.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Quantities = Mapping[str, NDArray[np.float64]]

__all__ = ["ERROR_SIZES", "RELATIONS", "UNITS_IN_USE", "USUAL", "ErrorSize", "Relation", "Unit"]

_EARTH_IN_SUN = 0.00917
"""Earth's radius [R_sun], IAU 2015 resolution B3."""
_SUN_AXIS = 4.21
"""Semi-major axis of an orbit of a day around the Sun [R_sun], by Kepler's third law."""
_SUN_GRAVITY = 4.438
"""Surface gravity of the Sun, log10 of cm / s2, IAU 2015 resolution B3."""
_SUN_TEMPERATURE = 5772.0
"""Effective temperature of the Sun [K], IAU 2015 resolution B3."""
_AU = 215.03
"""Astronomical unit [R_sun]."""
_SUN_MAGNITUDE = 4.5
"""What the Sun's absolute magnitude would be in the red bands of TESS and Gaia: the median of the
archive's tables of TESS (4.4) and K2 (4.7) by the relation below."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Relation:
    """What some quantities say of each other."""

    of: tuple[str, ...]
    """Names of the quantities in `mlcore.datasets.quantities`, in whose units the values are."""
    residual: Callable[[Quantities], NDArray[np.floating]]
    """Returns how far they are apart [dex], shape ``(n,)``; 0 is as expected."""
    width: float
    """How far apart [dex] they still agree."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A unit in which people give a quantity."""

    unit: str
    """As `mlcore.datasets.units.parse_unit` reads it."""
    words: str
    certain: bool = True
    """Whether no other unit in use is nearly as large."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorSize:
    """How large the error of a quantity usually is: the median of the archive's tables."""

    relative: float
    """Of the error by the value, log10."""
    by_epoch: Callable[[Quantities], NDArray[np.floating]] | None = None
    """Returns the same by the error of the epoch, which tells more, with 0 as usual; its argument
    has ``error``, ``value`` and ``epoch_error``."""


def _axis(rows: Quantities) -> NDArray[np.float64]:
    """Return the semi-major axis in stellar radii."""
    density = 10.0 ** (rows["stellar_gravity"] - _SUN_GRAVITY) / rows["stellar_radius"]
    return np.asarray(_SUN_AXIS * np.cbrt(density * rows["period"] ** 2))


def _depth(rows: Quantities) -> NDArray[np.float64]:
    ratio = rows["radius"] * _EARTH_IN_SUN / rows["stellar_radius"]
    return np.asarray(np.log10(rows["depth"] * 1e-6) - 2 * np.log10(ratio))


def _duration(rows: Quantities) -> NDArray[np.float64]:
    # 1.8 h at a period of a day is the median of Kepler's objects; a Sun-like star gives 2.0 h.
    return np.asarray(np.log10(rows["duration"] / 1.8) - np.log10(rows["period"]) / 3)


def _duration_at_star(rows: Quantities) -> NDArray[np.float64]:
    longest = 24 * rows["period"] / np.pi * np.arcsin(np.minimum(1.03 / _axis(rows), 1.0))
    return np.asarray(np.log10(rows["duration"] / longest))


def _temperature(rows: Quantities) -> NDArray[np.float64]:
    expected = rows["stellar_temperature"] / np.sqrt(2 * _axis(rows))
    return np.asarray(np.log10(rows["equilibrium_temperature"] / expected))


def _insolation(rows: Quantities) -> NDArray[np.float64]:
    luminosity = rows["stellar_radius"] ** 2 * (rows["stellar_temperature"] / _SUN_TEMPERATURE) ** 4
    distance = _axis(rows) * rows["stellar_radius"] / _AU
    return np.asarray(np.log10(rows["insolation"] * distance**2 / luminosity))


def _distance(rows: Quantities) -> NDArray[np.float64]:
    # Its luminosity makes a star as bright at ten parsecs as its radius and temperature give.
    absolute = (
        _SUN_MAGNITUDE
        - 5 * np.log10(rows["stellar_radius"])
        - 10 * np.log10(rows["stellar_temperature"] / _SUN_TEMPERATURE)
    )
    return np.asarray(np.log10(rows["distance"] / 10) - (rows["magnitude"] - absolute) / 5)


_STAR = ("stellar_gravity", "stellar_radius")

RELATIONS: tuple[Relation, ...] = (
    Relation(of=("depth", "radius", "stellar_radius"), residual=_depth, width=0.5),
    Relation(of=("duration", "period"), residual=_duration, width=0.6),
    Relation(of=("duration", "period", *_STAR), residual=_duration_at_star, width=0.6),
    Relation(
        of=("equilibrium_temperature", "period", "stellar_temperature", *_STAR),
        residual=_temperature,
        width=0.2,
    ),
    Relation(
        of=("insolation", "period", "stellar_temperature", *_STAR),
        residual=_insolation,
        width=0.5,
    ),
    Relation(
        of=("distance", "magnitude", "stellar_radius", "stellar_temperature"),
        residual=_distance,
        width=0.25,
    ),
)

UNITS_IN_USE: Mapping[str, tuple[Unit, ...]] = {
    "depth": (
        Unit(unit="", words="fractions"),
        Unit(unit="%", words="percent"),
        # A millimagnitude is 0.92 thousandths.
        Unit(unit="1e-3", words="thousandths or millimagnitudes", certain=False),
        Unit(unit="ppm", words="ppm"),
    ),
    "duration": (
        Unit(unit="d", words="days"),
        Unit(unit="h", words="hours"),
        Unit(unit="min", words="minutes"),
        Unit(unit="s", words="seconds"),
    ),
    "period": (
        Unit(unit="d", words="days"),
        Unit(unit="h", words="hours"),
        Unit(unit="min", words="minutes"),
        Unit(unit="s", words="seconds"),
        Unit(unit="yr", words="years"),
    ),
    "radius": (
        Unit(unit="R_earth", words="Earth radii"),
        Unit(unit="R_jup", words="Jupiter radii"),
        # Not solar radii: their square is as large as a depth in ppm where percent is meant.
        Unit(unit="km", words="kilometres"),
    ),
    "distance": (
        Unit(unit="pc", words="parsecs"),
        # What is known of some stars is too far from the truth to tell single rows.
        Unit(unit="lyr", words="light years", certain=False),
        Unit(unit="kpc", words="kiloparsecs", certain=False),
    ),
}
"""In which units people give the quantities, by the quantity's name."""

USUAL: Mapping[str, tuple[float, float]] = {
    "period": (0.2, 3000.0),
    "duration": (0.3, 60.0),
    "depth": (8.0, math.inf),
    "radius": (0.4, 1000.0),
    "distance": (2.0, 20_000.0),
}
"""Between which values of a quantity, in its unit, nearly all of the archive's objects are."""


def _period_error(rows: Quantities) -> NDArray[np.float64]:
    # A period is as sure as its epochs over the span of the data, here of Kepler.
    return np.asarray(np.log10(rows["error"] / (rows["epoch_error"] * rows["value"])) + 2.9)


def _duration_error(rows: Quantities) -> NDArray[np.float64]:
    return np.asarray(np.log10(rows["error"] / 24 / rows["epoch_error"]) - 0.2)


ERROR_SIZES: Mapping[str, ErrorSize] = {
    "depth": ErrorSize(relative=-1.4),
    "duration": ErrorSize(relative=-1.3, by_epoch=_duration_error),
    "period": ErrorSize(relative=-5.0, by_epoch=_period_error),
    "radius": ErrorSize(relative=-0.8),
}
