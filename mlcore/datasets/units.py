"""The units of the archive's columns, for computing and for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.in_words import number

if TYPE_CHECKING:
    from astropy.units import UnitBase

    from mlcore.datasets.spec import Column

__all__ = [
    "amount_in_words",
    "column_facts",
    "number_in_words",
    "parse_unit",
    "quantity_in_words",
    "unit_in_words",
    "unit_spelt_out",
]

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
_SPELT_OUT = {
    "dex": "",
    "R_star": "stellar radii",
    "dex(cm / s2)": "(log g)",
    "arcsec": "arcseconds",
    "arcmin": "arcminutes",
    "mas / yr": "milliarcseconds a year",
    "pc": "parsecs",
    "Gyr": "billion years",
    "km / s": "km/s",
}
"""Units that a sentence spells out although a table has no room to."""
_SINGULAR = {
    "radii": "radius",
    "masses": "mass",
    "days": "day",
    "hours": "hour",
    "degrees": "degree",
    "parsecs": "parsec",
    "arcseconds": "arcsecond",
    "arcminutes": "arcminute",
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


def column_facts(column: Column) -> dict[str, str]:
    """Return what is told of a column beside its values, as JSON values.

    Returns
    -------
    dict
        ``title``, ``unit`` as astropy writes it (empty without one), and ``unit_in_words``.
    """
    return {
        "title": column.meaning,
        "unit": column.unit,
        "unit_in_words": unit_in_words(column.unit),
    }


def number_in_words(value: float) -> str:
    """Return a number with at most four significant digits, or all digits before the point.

    Examples
    --------
    >>> number_in_words(603.4712)
    '603.5'
    >>> number_in_words(10829.0)
    '10829'
    >>> number_in_words(2.775e-05)
    '2.775 × 10⁻⁵'
    """
    if 1000 <= abs(value) < 1e7:
        return f"{value:.0f}"
    written = f"{value:.4g}"
    return number(value, digits=4) if "e" in written else written


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


def amount_in_words(value: float, unit: str, *, digits: int = 3) -> str:
    """Return a number with its unit as a sentence says it.

    Parameters
    ----------
    value
        A finite number.
    unit
        A column's `unit`; a logarithm of a ratio (dex) is said as the ratio itself.
    digits
        Significant digits.

    Examples
    --------
    >>> amount_in_words(1.0, "d"), amount_in_words(2.2642, "R_earth")
    ('1 day', '2.26 Earth radii')
    >>> amount_in_words(-0.301, "dex"), amount_in_words(4.467, "dex(cm / s2)")
    ('0.5', '4.47 (log g)')
    """
    said = number(10.0**value if unit == "dex" else value, digits=digits)
    return f"{said} {unit_spelt_out(unit, said)}".rstrip()


def unit_spelt_out(unit: str, number_said: str = "") -> str:
    """Return a column's unit as a sentence spells it out, in the singular after "1".

    Examples
    --------
    >>> unit_spelt_out("mas / yr"), unit_spelt_out("h", "1")
    ('milliarcseconds a year', 'hour')
    """
    words = _SPELT_OUT.get(unit, unit_in_words(unit))
    if number_said != "1":
        return words
    head, _, last = words.rpartition(" ")
    if last in _SINGULAR:
        return f"{head} {_SINGULAR[last]}".lstrip()
    return words
