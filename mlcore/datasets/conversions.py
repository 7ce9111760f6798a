"""From the unit that a file states to the one that a mission's column has."""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from mlcore.datasets.unit_spellings import epoch_zero_point, read_unit, unit_of_body
from mlcore.datasets.units import parse_unit, unit_in_words
from mlcore.errors import DataError
from mlcore.in_words import lowered

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from astropy.units import UnitBase

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["Conversion", "ConversionError", "UnknownUnitError", "conversion_of"]

_Values = TypeVar("_Values", float, "pd.Series[float]")
_SIZE_OF_MAGNITUDE = {"mag": 1.0, "mmag": 1e-3}
_DRAWN = re.compile(r"[-–—_.…\s]*")
"""What stands where there is no unit to state."""
_NO_UNIT = re.compile(r"1|none|dimensionless|unitless|relative|fraction|frac|", re.IGNORECASE)
_WITHOUT_LOGARITHM = {"cm / s2": "dex(cm / s2)", "m / s2": "dex(m / s2)", "dex": "dex(cm / s2)"}


class ConversionError(DataError):
    """A unit is not one that a column can have; the text says which it can."""


class UnknownUnitError(DataError):
    """A spelling is no unit that is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """What makes values in a file's unit values in a column's."""

    unit_from: str
    """In words."""
    unit_to: str
    """In words."""
    factor: float = 1.0
    offset: float = 0.0
    """Added after the factor, in the column's unit."""
    magnitudes: float = 0.0
    """How many magnitudes a value of 1 is, where it is a depth in magnitudes."""

    def apply(self, values: _Values) -> _Values:
        """Return one or many values in the column's unit."""
        if self.magnitudes:
            # The share of its light that a star loses which gets fainter by so much (Pogson 1856).
            values = 1.0 - 10.0 ** (-0.4 * self.magnitudes * values)
        # Nothing is added where nothing is to be, so that no last digit is lost.
        return values * self.factor + self.offset if self.offset else values * self.factor


def conversion_of(spelling: str, column: Column, dataset: Dataset) -> Conversion | None:
    """Tell what makes values of a stated unit values of a column.

    Parameters
    ----------
    spelling
        The unit as a file or a request states it.
    column
        The column of the mission that the values are to be.
    dataset
        The mission: its epochs may count from a date of their own.

    Returns
    -------
    Conversion or None
        None where they are in the column's unit already.

    Raises
    ------
    UnknownUnitError
        When the spelling is no unit that is known.
    ConversionError
        When the column cannot have this unit.
    """
    zero_point = epoch_zero_point(spelling)
    if zero_point is not None:
        return _of_epochs(spelling, zero_point, column, dataset)
    unit, own_unit = read_unit(spelling), column.unit
    value = column.uncertainty_of or column.name
    if value == dataset.quantities.get("insolation"):
        own_unit = "S_earth"
        # In that of the Earth it has none.
        unit = own_unit if _NO_UNIT.fullmatch(spelling.strip()) else unit
    if _DRAWN.fullmatch(spelling):
        unit = own_unit
    unit = unit_of_body(spelling, own_unit or "none") if unit is None else unit
    if own_unit.startswith("dex("):
        # Who leaves the logarithm out of the unit of log g does not mean another number.
        unit = _WITHOUT_LOGARITHM.get(unit or "", unit)
    if unit is not None and unit in {own_unit, *column.misstated}:
        return None
    if unit in _SIZE_OF_MAGNITUDE and value == dataset.quantities.get("depth"):
        return _of_depths(unit, spelling, column)
    if unit == "h" and own_unit in {"deg", "hourangle"}:
        unit = "hourangle"
    if unit is None and _names_a_unit_in_brackets(spelling):
        raise _of_logarithm(spelling, column)
    theirs = _parsed(spelling if unit is None else unit)
    factor, offset = _between(theirs, _parsed(own_unit), spelling, column)
    if factor == 1.0 and offset == 0.0:
        return None
    return Conversion(
        unit_from=unit_in_words(unit) if unit else spelling,
        unit_to=unit_in_words(own_unit),
        factor=factor,
        offset=offset,
    )


def _of_epochs(
    spelling: str, zero_point: float, column: Column, dataset: Dataset
) -> Conversion | None:
    value = column.uncertainty_of or column.name
    if value != dataset.quantities.get("epoch"):
        # Of the dates that no feature is derived from, the meaning says from when they count.
        if f"({spelling.strip()})" in column.meaning:
            return None
        raise _unfit(spelling, column)
    own = dataset.zero_points.get("epoch", 0.0)
    if column.uncertainty_of is not None or zero_point == own:
        return None
    # Both dates are exact in binary, and so is what lies between them.
    return Conversion(
        unit_from=spelling,
        unit_to=f"BJD - {own:.0f}" if own else "BJD",
        offset=zero_point - own,
    )


def _of_depths(unit: str, spelling: str, column: Column) -> Conversion:
    if column.uncertainty_of is not None:
        # How much of the depth an error in magnitudes is follows from the depth itself.
        raise _unfit(spelling, column)
    return Conversion(
        unit_from=unit,
        unit_to=unit_in_words(column.unit),
        factor=float(parse_unit("").to(parse_unit(column.unit))),
        magnitudes=_SIZE_OF_MAGNITUDE[unit],
    )


def _parsed(text: str) -> UnitBase:
    from astropy import units  # noqa: PLC0415  # slow to import, and most files state no units

    # The spellings of catalogues (CDS, VizieR) and of virtual observatory tables too.
    catalogues = [partial(units.Unit, format=kind) for kind in ("cds", "vounit")]
    readers: list[Callable[[str], UnitBase]] = [parse_unit, *catalogues]
    for read in readers:
        try:
            with warnings.catch_warnings():
                # What is bad style in a unit is clear all the same.
                warnings.simplefilter("ignore", units.UnitsWarning)
                return read(text)
        except (ValueError, TypeError):
            continue
    raise UnknownUnitError(f'"{text}" is no unit that is known.')


def _between(theirs: UnitBase, own: UnitBase, spelling: str, column: Column) -> tuple[float, float]:
    """Return the factor and the offset that lead from one unit to another.

    An uncertainty has no offset: it is a difference.
    """
    from astropy import units  # noqa: PLC0415  # as above

    try:
        if isinstance(theirs, units.DexUnit) and isinstance(own, units.DexUnit):
            offset = math.log10(theirs.physical_unit.to(own.physical_unit))
            return 1.0, 0.0 if column.uncertainty_of else offset
        if isinstance(theirs, units.function.FunctionUnitBase):
            # No factor leads from a logarithm to its number.
            raise _of_logarithm(spelling, column)
        with units.add_enabled_equivalencies(units.temperature()):
            offset = float(theirs.to(own, 0.0))
            factor = _short(float(theirs.to(own, 1.0)) - offset)
    except (units.UnitConversionError, units.UnitTypeError, TypeError, AttributeError):
        raise _unfit(spelling, column) from None
    return factor, 0.0 if column.uncertainty_of else offset


def _short(factor: float) -> float:
    """Return 1000 for 999.9999999999999: a factor of few digits lost none of them."""
    few = float(f"{factor:.6g}")
    return few if math.isclose(few, factor, rel_tol=1e-14) else factor


def _names_a_unit_in_brackets(spelling: str) -> bool:
    """Tell whether a unit is written as catalogues write the one of a logarithm, such as [K]."""
    inner = spelling.strip()[1:-1] if spelling.strip()[:1] + spelling.strip()[-1:] == "[]" else ""
    return read_unit(inner) is not None or epoch_zero_point(inner) is not None


def _of_logarithm(spelling: str, column: Column) -> ConversionError:
    return ConversionError(
        f'the unit "{spelling}" stands for a logarithm, which {column.name}'
        f" ({lowered(column.meaning)}) is not"
    )


def _unfit(spelling: str, column: Column) -> ConversionError:
    own = f"is in {unit_in_words(column.unit)}" if column.unit else "has no unit"
    return ConversionError(
        f'the unit "{spelling}" cannot be one of {column.name} ({lowered(column.meaning)}), which'
        f" {own}"
    )
