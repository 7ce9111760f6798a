"""From when a light curve's times count, and in which unit.

A full Julian date leaves little of a double's precision to the seconds, so that all times come to
count from one of two dates: Kepler's (BKJD = BJD − 2454833) or TESS's (BTJD = BJD − 2457000).
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.unit_spellings import epoch_zero_point, read_unit
from mlcore.datasets.units import parse_unit
from mlcore.errors import DataError
from mlcore.in_words import quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.readers.raw_table import Heading
    from mlcore.lightcurves.reading.facts import Facts

__all__ = ["KEPLER_ZERO", "TESS_ZERO", "Times", "read_times"]

KEPLER_ZERO, TESS_ZERO = 2_454_833.0, 2_457_000.0
_MODIFIED, _REDUCED = 2_400_000.5, 2_400_000.0
_OF_MISSION = {
    # What each has observed, in days of its own count; TESS goes on.
    "Kepler": (KEPLER_ZERO, 100.0, 1700.0),
    "K2": (KEPLER_ZERO, 1800.0, 3700.0),
    "TESS": (TESS_ZERO, 1300.0, 12_000.0),
}
_FULL = (2_400_001.0, 2_500_000.0)
"""Between which numbers a time is a Julian date in full: 1858 to 2132."""
_FIVE_DIGITS = (40_000.0, 70_000.0)
"""Between which it is one without its first two digits: 1968 to 2050."""
_BASES = {"mjd": "MJD", "hjd": "HJD", **dict.fromkeys(("bjd", "bkjd", "btjd"), "BJD"), "jd": "JD"}
"""What a date is called, by a part of a heading; the last is part of all."""
_DIFFERS = {
    "HJD": "heliocentric, which differ from barycentric ones by some seconds, or by a minute where"
    " they are in UTC",
    "JD": "not said to be barycentric, from which times at the Earth differ by up to 8 minutes",
}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Times:
    """The times of a file in days."""

    days: NDArray[np.float64]
    """Since `zero`, NaN where there is none, shape ``(n,)``."""
    zero: float
    """Julian date; 0 where nothing says it."""
    name: str
    notes: tuple[str, ...] = ()


def read_times(cells: pd.Series, heading: Heading, facts: Facts) -> Times:
    """Return the times in a column.

    Parameters
    ----------
    cells
        Numbers, or dates such as 2019-01-01T00:00:00, shape ``(n,)``.
    heading
        Its name, in which or behind which the unit and the zero point may stand.
    facts
        What else the file says.

    Raises
    ------
    DataError
        When they are no times, or Julian dates in another unit than days.
    """
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    filled = int(cells.notna().sum())
    if not filled:
        raise DataError(f'The column of times, "{heading.name}", is empty.')
    if pd.api.types.is_datetime64_any_dtype(cells) or np.isfinite(numbers).sum() < 0.5 * filled:
        return _of_dates(cells, heading, facts)
    stated = _Stated.of(heading, facts)
    days = numbers * float(parse_unit(stated.unit).to("d"))
    middle = float(np.nanmedian(days))
    zero, notes = _zero(stated, middle, days, facts)
    if stated.unit != "d":
        notes = (f"The times were converted from {stated.unit} to days.", *notes)
    if zero is None:
        said = "" if stated.unit_stated else "; they were taken for days"
        return Times(
            days=days,
            zero=0.0,
            name="time",
            notes=(*notes, f"Nothing says from when the times count{said}."),
        )
    return _counted(days, zero, stated.base, facts, notes)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stated:
    """What headers and headings say of the times."""

    zero: float | None
    unit: str
    unit_stated: bool
    base: str
    """``BJD``, ``HJD`` or ``JD``; empty where nothing says it."""

    @classmethod
    def of(cls, heading: Heading, facts: Facts) -> _Stated:
        in_units, in_dates = _parts(heading)
        zeros = [zero for part in in_dates if (zero := epoch_zero_point(part)) is not None]
        # What counts from a date says more than that it is a Julian date.
        zero = max(zeros, default=None)
        units = [
            unit
            for part in (facts.time_unit or "", *in_units)
            if (unit := read_unit(part)) in {"d", "h", "min", "s"}
        ]
        unit = units[0] if units and units[0] else "d"
        words = " ".join(in_dates).lower()
        base = next((base for mark, base in _BASES.items() if mark in words), "")
        if facts.time_zero is not None:
            zero, base = facts.time_zero, base or "BJD"
        elif unit != "d" and zero is not None and zero <= _MODIFIED:
            raise DataError(
                f"The column of times, {quoted(heading.name)}, is said to be a Julian date in"
                f" {unit}; Julian dates count days."
            )
        return cls(zero=zero, unit=unit, unit_stated=bool(units), base=base)


def _parts(heading: Heading) -> tuple[list[str], list[str]]:
    """Return what may be a unit in a heading, and what may say from when it counts."""
    brackets = re.findall(r"[\[({]([^\])}]*)", heading.name)
    bare = re.sub(r"[\[({].*", "", heading.name).strip()
    apart = [heading.unit, *brackets]
    # "BJD - 2457000, days" in TESS's files, "time_bjd", "time_s".
    apart += [part for words in tuple(apart) for part in words.split(",")]
    units = [*apart, *re.split(r"[\s_]+", bare)[1:]]
    dates = [*units, heading.name, bare]
    return _short(units), _short(dates)


def _short(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip() and len(part) <= 80]


def _zero(
    stated: _Stated, middle: float, days: NDArray[np.float64], facts: Facts
) -> tuple[float | None, tuple[str, ...]]:
    """Return from which Julian date the times count, None where nothing says it."""
    if _FULL[0] < middle < _FULL[1]:
        taken = () if stated.base else ("The times were taken for barycentric Julian dates.",)
        return 0.0, taken
    if stated.zero is not None and stated.zero > _MODIFIED:
        return stated.zero, ()
    if _FIVE_DIGITS[0] < middle < _FIVE_DIGITS[1]:
        return _of_five_digits(stated)
    zero, low, high = _OF_MISSION.get(facts.mission or "", (0.0, np.inf, -np.inf))
    first, last = np.nanpercentile(days, (1, 99))
    if low < first and last < high:
        name = "BTJD" if zero == TESS_ZERO else "BKJD"
        return zero, (f"The times were taken for {name} (BJD − {zero:.0f}), as {facts.mission}'s.",)
    return None, ()


def _of_five_digits(stated: _Stated) -> tuple[float, tuple[str, ...]]:
    if stated.base == "MJD" or stated.zero == _MODIFIED:
        return _MODIFIED, ()
    if stated.base:
        return _REDUCED, (f"The times were taken for {stated.base} − 2400000.",)
    return _MODIFIED, ("The times were taken for modified Julian dates (JD − 2400000.5).",)


def _counted(
    days: NDArray[np.float64], zero: float, base: str, facts: Facts, notes: tuple[str, ...]
) -> Times:
    """Return times that count from one of the two dates."""
    ours = zero
    if zero not in {KEPLER_ZERO, TESS_ZERO}:
        early = zero + float(np.nanmedian(days)) < TESS_ZERO
        ours = KEPLER_ZERO if early else TESS_ZERO
        if facts.mission:
            ours = _OF_MISSION[facts.mission][0]
    base = {"MJD": "JD", "": "BJD"}.get(base, base)
    if base in _DIFFERS:
        notes = (*notes, f"The times are {_DIFFERS[base]}.")
    name = f"{base} − {ours:.0f}"
    if base == "BJD" and (facts.mission or ours == zero):
        name = "BTJD" if ours == TESS_ZERO else "BKJD"
    # The large numbers first: what is left of them is exact.
    return Times(days=days + (zero - ours), zero=ours, name=name, notes=notes)


def _of_dates(cells: pd.Series, heading: Heading, facts: Facts) -> Times:
    """Return the times of dates as people write them."""
    from astropy.time import Time  # noqa: PLC0415  # slow, and rarely needed

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dates = pd.to_datetime(cells, errors="coerce", utc=True, format="ISO8601")
        known = dates.notna().to_numpy()
        if known.sum() < 0.5 * len(cells):
            raise DataError(
                f"The column of times, {quoted(heading.name)}, has words in it such as"
                f" {quoted(str(cells.dropna().iloc[0]))}; allowed are numbers, and dates such as"
                " 2019-01-01T00:00:00."
            )
        days = np.full(len(cells), np.nan)
        time = Time(dates[known].dt.tz_localize(None).to_numpy(), format="datetime64", scale="utc")
        early = float(np.median(time.jd)) < TESS_ZERO
        ours = KEPLER_ZERO if early else TESS_ZERO
        if facts.mission:
            ours = _OF_MISSION[facts.mission][0]
        dynamical = time.tdb
        days[known] = (dynamical.jd1 - ours) + dynamical.jd2
    notes = ("The dates were taken for UTC.", f"The times are {_DIFFERS['JD']}.")
    return Times(days=days, zero=ours, name=f"JD − {ours:.0f}", notes=notes)
