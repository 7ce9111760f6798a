"""The units of the archive's columns, for computing and for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astropy.units import UnitBase

__all__ = ["number_in_words", "parse_unit", "quantity_in_words", "unit_in_words"]

_WORDS = {
    "S_earth": "Earth flux",
    "R_earth": "Earth radii",
    "R_jup": "Jupiter radii",
    "R_sun": "solar radii",
    "M_earth": "Earth masses",
    "M_jup": "Jupiter masses",
    "M_sun": "solar masses",
    "d": "days",
    "h": "hours",
    "deg": "degrees",
    "dex(cm / s2)": "dex",
    "g / cm3": "g/cm³",
    "mas / yr": "mas/yr",
}


def parse_unit(text: str) -> UnitBase:
    """Return the astropy unit that a column's `unit` names.

    Parameters
    ----------
    text
        A unit in astropy's notation or one that astropy lacks by default: ``ppm`` and ``ppt``
        (parts per million and per thousand), ``S_earth`` (the flux that the Earth gets from the
        Sun, 1361 W/m²: IAU 2015 Resolution B3). An empty text is dimensionless.

    Raises
    ------
    ValueError
        When there is no such unit.

    Examples
    --------
    >>> parse_unit("ppm").to("")
    1e-06
    """
    from astropy import units  # noqa: PLC0415  # slow to import, and most readers need no units

    with units.add_enabled_units(
        [
            units.def_unit("ppm", 1e-6 * units.dimensionless_unscaled),
            units.def_unit("ppt", 1e-3 * units.dimensionless_unscaled),
            units.def_unit("S_earth", 1361 * units.W / units.m**2),
        ]
    ):
        return units.Unit(text)


def unit_in_words(text: str) -> str:
    """Return a column's unit as a sentence says it: ``Earth radii`` for ``R_earth``.

    Examples
    --------
    >>> unit_in_words("d")
    'days'
    >>> unit_in_words("ppm")
    'ppm'
    """
    return _WORDS.get(text, text)


def number_in_words(value: float) -> str:
    """Return a number with at most four significant digits, or all digits before the point.

    Examples
    --------
    >>> number_in_words(603.4712)
    '603.5'
    >>> number_in_words(10829.0)
    '10829'
    >>> number_in_words(2.775e-05)
    '2.775e-05'
    """
    return f"{value:.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.4g}"


def quantity_in_words(value: float, unit: str) -> str:
    """Return a number with its unit, as `number_in_words` and `unit_in_words` write them.

    Examples
    --------
    >>> quantity_in_words(2.2642, "R_earth")
    '2.264 Earth radii'
    >>> quantity_in_words(0.25, "")
    '0.25'
    """
    return f"{number_in_words(value)} {unit_in_words(unit)}".rstrip()
