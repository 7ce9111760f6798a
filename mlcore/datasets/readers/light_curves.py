"""Telling a light curve from a table of objects, by its headings alone."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["refuse_light_curve"]

_TIMES = frozenset(
    {
        *("time", "times", "timestamp", "bjd", "btjd", "bkjd", "tbjd", "hjd", "jd", "mjd"),
        *("barytime", "bjdtdb", "timebjd", "timebtjd", "timebkjd", "tmid", "cadence"),
        *("cadenceno", "timecorr", "t"),
    }
)
_FLUXES = frozenset(
    {
        *("flux", "fluxes", "sapflux", "pdcsapflux", "pdcflux", "kspsapflux", "rawflux", "fluxraw"),
        *("corrflux", "fluxcorr", "normflux", "fluxnorm", "normalizedflux", "normalisedflux"),
        *("relativeflux", "relflux", "detflux", "detrendedflux", "flatflux", "fcor", "aperflux"),
    }
)
_BRIEF = frozenset({"f", "mag", "mags", "magnitude", "magnitudes", "relmag", "dmag", "counts"})
"""What brightness is called where a file has little beside it: a catalogue has magnitudes, too."""
_BRIEF_COLUMNS = 4
_PERIODS = ("period", "orbper", "porb")
_SERIES = re.compile(r"(?P<stem>.*?)[\s._-]*(?P<number>\d+)")
_LONG_SERIES = 100
_WHAT_IS_READ = (
    "what is read here are tables of objects, one in each row, with the values of a catalogue such"
    " as orbital period and transit depth. Nothing here searches light curves for transits yet"
)
_LONGEST, _SHOWN = 60, 40


def refuse_light_curve(headings: Sequence[str]) -> None:
    """Refuse a file of measured brightness, which has as many columns or rows as moments.

    Parameters
    ----------
    headings
        All of the file's, however many there are.

    Raises
    ------
    DataError
        When they are a light curve's, or those of many, one in each row.
    """
    # A longer name is refused for its length, and would take long to look at.
    short = [name for name in headings if len(name) <= _LONGEST]
    series = Counter(match["stem"] for name in short if (match := _SERIES.fullmatch(name)))
    stem, length = series.most_common(1)[0] if series else ("", 0)
    if length >= _LONG_SERIES and length >= 0.9 * len(headings):
        first, last = (name for name in (_first(short, stem), short[-1]))
        raise DataError(
            f'This is a light curve in each row ({length:,} columns such as "{first[:_SHOWN]}" to'
            f' "{last[:_SHOWN]}"); {_WHAT_IS_READ}.'
        )
    names = {_plain(name): name for name in short[:_LONG_SERIES]}
    times = [names[name] for name in names if name in _TIMES]
    fluxes = [names[name] for name in names if name in _FLUXES]
    if len(headings) <= _BRIEF_COLUMNS:
        fluxes += [names[name] for name in names if name in _BRIEF]
    if times and fluxes and not any(part in name for name in names for part in _PERIODS):
        raise DataError(
            f'This is a light curve (columns "{times[0][:_SHOWN]}" and "{fluxes[0][:_SHOWN]}");'
            f" {_WHAT_IS_READ}."
        )


def _plain(name: str) -> str:
    """Return a heading's letters and digits in lower case, without what is in brackets."""
    return re.sub(r"[\W_]+", "", re.sub(r"[\[({].*", "", name).lower())


def _first(headings: Sequence[str], stem: str) -> str:
    return next(
        name for name in headings if (match := _SERIES.fullmatch(name)) and match["stem"] == stem
    )
