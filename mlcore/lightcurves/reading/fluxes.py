"""What a light curve's brightness is measured in, and the relative flux that it means.

A wrong guess would scale every transit, so that nothing is guessed where it matters: fluxes around
0 whose unit nothing states are read only where they can be nothing but differences from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.readers.light_curve_words import MAGNITUDES, plain
from mlcore.datasets.unit_spellings import read_unit
from mlcore.errors import DataError
from mlcore.in_words import number, quoted
from mlcore.lightcurves.reading.scatter import neighbour_scatter, robust_deviation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.readers.raw_table import Heading

__all__ = ["Brightness", "Scale", "may_be_magnitudes", "relative_flux", "scale_of"]


class Scale(Enum):
    """What a number of a column of brightness is."""

    UNSTATED = "unstated"
    COUNTS = "counts"
    RELATIVE = "relative"
    PERCENT = "percent"
    PPT = "ppt"
    PPM = "ppm"
    MAG = "mag"
    MMAG = "mmag"


_WHOLE = {Scale.PERCENT: 1e2, Scale.PPT: 1e3, Scale.PPM: 1e6}
_MAGNITUDES = {Scale.MAG: 1.0, Scale.MMAG: 1e-3}
_OF_UNIT = {"%": Scale.PERCENT, "ppt": Scale.PPT, "ppm": Scale.PPM, "mag": Scale.MAG}
_COUNTS = re.compile(r"(?:e-?|el|electrons?|counts?|ct|adu|dn|m?jy)(?:(?:/|per).*|s-1)?")
_IN_NAME = re.compile(r"(?<![a-z])(ppm|ppt|percent|pct|mmag)(?![a-z])")
_ZERO_AT_MOST = 3.0
"""How many deviations the median may lie from 0 where fluxes are said to lie around it."""
_DIFFERENCES_AT_MOST = 0.01
"""Scatter between neighbours up to which fluxes around 0 are taken for relative differences. In
percent it would be 100 ppm, in thousandths 10: few light curves are so quiet, and of those fewer
have one of these units and do not say so."""
_MAG = 0.4 * np.log(10)
_OF_STARS = (2.0, 25.0)
"""Between which magnitudes the stars lie whose light curves people have."""
_SAYS_NEITHER = ("brightness", "intensity")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Brightness:
    """Fluxes with a zero point at no light at all, in any unit."""

    flux: NDArray[np.float64]
    error: NDArray[np.float64] | None
    """In the unit of `flux`."""
    notes: tuple[str, ...] = ()


def scale_of(heading: Heading) -> Scale:
    """Return what a heading says that its column is measured in.

    Examples
    --------
    >>> from mlcore.datasets.readers.raw_table import Heading
    >>> scale_of(Heading(name="flux (ppm)")), scale_of(Heading(name="V", unit="mag"))
    (<Scale.PPM: 'ppm'>, <Scale.MAG: 'mag'>)
    """
    for part in (heading.unit, *re.findall(r"[\[({]([^\])}]*)", heading.name)):
        unit = read_unit(part)
        if unit in _OF_UNIT:
            return _OF_UNIT[unit]
        if unit == "mmag":
            return Scale.MMAG
        if unit == "" and part.strip():
            return Scale.RELATIVE
        if _COUNTS.fullmatch(re.sub(r"\s+", "", part.lower())):
            return Scale.COUNTS
    if found := _IN_NAME.search(heading.name.lower().replace("_", " ")):
        word = read_unit(found[1]) or ""
        return _OF_UNIT.get(word, Scale.MMAG)
    return Scale.MAG if plain(heading.name) in MAGNITUDES else Scale.UNSTATED


def may_be_magnitudes(values: NDArray[np.float64]) -> bool:
    """Tell whether numbers that nothing calls fluxes may be magnitudes of a star.

    Taken for the other, each transit would be a brightening.

    Parameters
    ----------
    values
        NaN where there is none, shape ``(n,)``.

    Examples
    --------
    >>> import numpy as np
    >>> may_be_magnitudes(np.array([12.01, 12.02])), may_be_magnitudes(np.array([0.99, 1.0]))
    (True, False)
    """
    there = values[np.isfinite(values)]
    low, high = _OF_STARS
    return bool(len(there)) and low < float(np.median(there)) < high


def relative_flux(
    values: NDArray[np.float64],
    errors: NDArray[np.float64] | None,
    *,
    heading: Heading,
    error_heading: Heading | None = None,
) -> Brightness:
    """Return fluxes above no light, of whatever scale the file has.

    Parameters
    ----------
    values
        Finite, in the order of time, shape ``(n,)``.
    errors
        NaN where there is none, likewise.
    heading, error_heading
        What stands above them.

    Raises
    ------
    DataError
        When they lie around 0 and nothing says in what unit, or may as well be magnitudes.
    """
    scale = scale_of(heading)
    if (
        scale is Scale.UNSTATED
        and plain(heading.name) in _SAYS_NEITHER
        and may_be_magnitudes(values)
    ):
        raise DataError(
            f"The column {quoted(heading.name)} lies around {number(float(np.median(values)))},"
            " which may be magnitudes or fluxes: call it mag or flux."
        )
    of_errors = scale_of(error_heading) if error_heading else Scale.UNSTATED
    if scale in _MAGNITUDES:
        unit = _MAGNITUDES[scale]
        middle = float(np.median(values))
        flux = 10 ** (-0.4 * unit * (values - middle))
        error = None if errors is None else _MAG * unit * flux * errors
        return Brightness(
            flux=flux, error=error, notes=("Magnitudes were converted to relative fluxes.",)
        )
    if scale in _WHOLE:
        whole = _WHOLE[scale]
        around_zero = abs(float(np.median(values))) < 0.5 * whole
        flux = values / whole + around_zero
        what = f"The fluxes are in {scale.value}"
        note = f"{what}, around 0: 1 was added." if around_zero else f"{what}."
        return Brightness(flux=flux, error=_scaled(errors, of_errors, whole), notes=(note,))
    middle, spread = float(np.median(values)), robust_deviation(values)
    # Of a star that varies much, hardly any flux is below 0 all the same.
    positive = float(np.percentile(values, 1)) > 0
    if scale is Scale.COUNTS or positive or abs(middle) >= _ZERO_AT_MOST * spread:
        _refuse_negative(middle, heading)
        return Brightness(flux=values, error=_scaled(errors, of_errors, 1.0, level=middle))
    if scale is Scale.UNSTATED and (
        neighbour_scatter(values) > _DIFFERENCES_AT_MOST or values.min() < -1
    ):
        raise DataError(
            f"The fluxes in the column {quoted(heading.name)} lie around 0, from"
            f" {number(float(values.min()))} to {number(float(values.max()))}, and nothing says in"
            " what unit: name it in the heading, such as flux (ppm), flux (percent) or flux"
            " (relative)."
        )
    note = "The fluxes lie around 0 and were taken for relative differences: 1 was added."
    return Brightness(flux=values + 1, error=_scaled(errors, of_errors, 1.0), notes=(note,))


def _scaled(
    errors: NDArray[np.float64] | None, stated: Scale, otherwise: float, *, level: float = 1.0
) -> NDArray[np.float64] | None:
    """Return errors in the unit of the fluxes.

    Parameters
    ----------
    errors
        As the file has them.
    stated
        What the file says that they are.
    otherwise
        By what they are divided where it says nothing.
    level
        The flux that errors in parts are parts of.
    """
    if errors is None:
        return None
    parts = {**_WHOLE, Scale.RELATIVE: 1.0}
    return errors / parts[stated] * level if stated in parts else errors / otherwise


def _refuse_negative(middle: float, heading: Heading) -> None:
    if middle <= 0:
        raise DataError(
            f"The fluxes in the column {quoted(heading.name)} have the median {number(middle)}, and"
            " so cannot be compared with the star's light: send fluxes from which not all of it"
            " was subtracted, or differences in a unit that the heading names, such as ppm."
        )
