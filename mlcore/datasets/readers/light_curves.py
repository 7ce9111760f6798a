"""Telling a light curve from a table of objects, by its headings alone."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from mlcore.datasets.readers.light_curve_words import (
    BRIEF,
    FLUXES,
    PERIODS,
    TIME_COMPANIONS,
    TIMES,
    plain,
)
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_light_curve", "light_curves_in_rows", "refuse_light_curve"]

_TIMES = frozenset((*TIMES, *TIME_COMPANIONS))
_BRIEF_COLUMNS = 4
_SERIES = re.compile(r"(?P<stem>.*?)[\s._-]*(?P<number>\d+)")
_LONG_SERIES = 100
_WHAT_IS_READ = (
    "what is read here are tables of objects, one in each row, with the values of a catalogue such"
    " as orbital period and transit depth. Light curves are searched for transits where each star's"
    " is a file of its own, with a time and a flux in each row"
)
_LONGEST, _SHOWN = 60, 40


def is_light_curve(headings: Sequence[str]) -> bool:
    """Tell whether a file has a time and a brightness in each row, and no orbital period.

    Parameters
    ----------
    headings
        All of the file's, however many there are.

    Examples
    --------
    >>> is_light_curve(["TIME", "PDCSAP_FLUX"]), is_light_curve(["koi_period", "time", "flux"])
    (True, False)
    """
    return _told_by(headings) is not None


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
    if series := light_curves_in_rows(headings):
        raise DataError(f"{series}; {_WHAT_IS_READ}.")
    if told_by := _told_by(headings):
        time, flux = told_by
        raise DataError(
            f'This is a light curve (columns "{time[:_SHOWN]}" and "{flux[:_SHOWN]}");'
            f" {_WHAT_IS_READ}."
        )


def light_curves_in_rows(headings: Sequence[str]) -> str:
    """Return what is said of a file with a light curve in each row; empty where it is none."""
    short = _short(headings)
    series = Counter(match["stem"] for name in short if (match := _SERIES.fullmatch(name)))
    stem, length = series.most_common(1)[0] if series else ("", 0)
    if length < _LONG_SERIES or length < 0.9 * len(headings):
        return ""
    first, last = _first(short, stem), short[-1]
    return (
        f'This is a light curve in each row ({length:,} columns such as "{first[:_SHOWN]}" to'
        f' "{last[:_SHOWN]}")'
    )


def _short(headings: Sequence[str]) -> list[str]:
    # A longer name is refused for its length, and would take long to look at.
    return [name for name in headings if len(name) <= _LONGEST]


def _told_by(headings: Sequence[str]) -> tuple[str, str] | None:
    """Return a time and a brightness among the headings, None where it is no light curve."""
    names = {plain(name): name for name in _short(headings)[:_LONG_SERIES]}
    times = [names[name] for name in names if name in _TIMES]
    fluxes = [names[name] for name in names if name in FLUXES]
    if len(headings) <= _BRIEF_COLUMNS:
        fluxes += [names[name] for name in names if name in BRIEF]
    if times and fluxes and not any(part in name for name in names for part in PERIODS):
        return times[0], fluxes[0]
    return None


def _first(headings: Sequence[str], stem: str) -> str:
    return next(
        name for name in headings if (match := _SERIES.fullmatch(name)) and match["stem"] == stem
    )
