"""The stars of a session whose light curves were searched, and the signals of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from mlcore.datasets import CLASSES
from mlcore.datasets.units import quantity_in_words
from mlcore.in_words import chance, number
from mlcore.tasks import PLANET
from sessions_app.exceptions import RefusedError
from sessions_app.files.curves import curves_of
from sessions_app.web.formatting import percent
from sessions_app.web.requests import result_objects_of
from sessions_app.web.tables.objects import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.records import SignalRecord, StarRecord
    from sessions_app.files.curves import SignalOfStar
    from sessions_app.files.results import ObjectList
    from sessions_app.models import Session

__all__ = [
    "NOT_DETECTED",
    "ListedSignal",
    "ListedStar",
    "StarOfSignal",
    "few_stars",
    "listed_stars",
    "star_of",
]

NOT_DETECTED = (
    "No transit signal is stronger than the limit in this curve; this is the strongest peak all"
    " the same."
)
_PLANET = CLASSES.index(PLANET)
_PERIOD = "period"
_FEW = 10
"""So many stars, with all their signals, are listed beside what a result means."""
_MINUTES = 24 * 60
_HARDLY_EVER = 1e-12
"""Below that a probability says nothing but that the fit to the noise goes on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedSignal:
    """A signal of a star, as a link to it says it."""

    number: int
    """Among the session's objects."""
    name: str
    verdict: str
    planet: str
    """Probability of a planet."""
    period: str
    """In words; empty where it is not kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedStar:
    """A star in the list of them."""

    record: StarRecord
    span: str
    cadence: str
    signals: Sequence[ListedSignal]


@dataclass(frozen=True, kw_only=True, slots=True)
class StarOfSignal:
    """What a signal's page says of its star and of how it was found."""

    record: StarRecord
    summary: str
    """What the signal is, as its page begins."""
    facts: str
    """What its curve is, as a sentence."""
    signal: str
    """What the signal is, as a sentence."""
    others: Sequence[ListedSignal]
    warning: str
    """What must be said before anything else; empty: nothing."""


def listed_stars(stars: Sequence[StarRecord], objects: ObjectList) -> list[ListedStar]:
    """Return stars with what a list says of them."""
    numbers = [one for star in stars for one in star.numbers]
    signals = {signal.number: signal for signal in _listed(numbers, objects)}
    return [
        ListedStar(
            record=star,
            span=quantity_in_words(star.span, "d") if star.points else "",
            cadence=_cadence(star.cadence) if star.cadence else "",
            signals=[signals[one] for one in star.numbers],
        )
        for star in stars
    ]


def few_stars(session: Session) -> list[ListedStar]:
    """Return the stars whose light curves a session searched, nothing where they are many."""
    try:
        curves = curves_of(session)
    except RefusedError:
        return []
    if curves is None or len(curves.stars) > _FEW:
        return []
    return listed_stars(list(curves.stars.without_lists()), result_objects_of(session))


def star_of(found: SignalOfStar, objects: ObjectList) -> StarOfSignal:
    """Return what is said of a signal's star."""
    star, signal = found.star, found.signal
    others = [other for other in star.numbers if other != signal.number]
    return StarOfSignal(
        record=star,
        summary=f"It dims its star every {quantity_in_words(signal.period, 'd')} for"
        f" {number(signal.duration)} hours, by {number(signal.depth)} ppm. Its star is"
        f" {star.name}.",
        facts=f"{star.points} points over {quantity_in_words(star.span, 'd')}, one each"
        f" {_cadence(star.cadence)}; they scatter by {number(1e6 * star.scatter)} ppm.",
        signal=_told(star, signal),
        others=_listed(others, objects),
        warning="" if signal.detected else NOT_DETECTED,
    )


def _told(star: StarRecord, signal: SignalRecord) -> str:
    """Return what a signal is, as a sentence."""
    told = (
        f"{'Its ephemeris was given' if signal.given else 'It was found by a search'}: every"
        f" {quantity_in_words(signal.period, 'd')} for {number(signal.duration)} hours,"
        f" {number(signal.depth)} ppm deep, at a strength of {number(signal.strength)}"
    )
    if signal.false_alarm is not None and not math.isnan(signal.false_alarm):
        told += f"; noise alone would make so strong a peak {_often(signal.false_alarm)} searches"
    since = f", which is JD − {star.time_zero:.10g}" if star.time_zero else ""
    at = f"{signal.epoch:.5f}".replace("-", "−")
    return f"{told}. Period {signal.period:.6g} days, mid-transit at {at} {star.time_name}{since}."


def _often(probability: float) -> str:
    """Return how often something happens in as many trials.

    Examples
    --------
    >>> _often(0.005), _often(0.0)
    ('once in 200', 'less often than once in 10¹²')
    """
    if probability < _HARDLY_EVER:
        return f"less often than {chance(math.log10(_HARDLY_EVER))}"
    return chance(math.log10(probability))


def _listed(numbers: Sequence[int], objects: ObjectList) -> list[ListedSignal]:
    rows = objects.taken(numbers)
    periods = _periods([row.number for row in rows], objects)
    return [
        ListedSignal(
            number=row.number,
            name=row.name,
            verdict=verdict(row),
            planet=percent(row.probabilities[_PLANET]),
            period=period,
        )
        for row, period in zip(rows, periods, strict=True)
    ]


def _periods(numbers: Sequence[int], objects: ObjectList) -> list[str]:
    if _PERIOD not in objects.values.names:
        return [""] * len(numbers)
    column = objects.values.columns([_PERIOD])[_PERIOD]
    known = column.take(pa.array([number - 1 for number in numbers], pa.int64())).to_pylist()
    return ["" if value is None else quantity_in_words(value, "d") for value in known]


def _cadence(days: float) -> str:
    """Return a spacing of points in words.

    Examples
    --------
    >>> _cadence(0.0204), _cadence(1.5)
    ('29.4 minutes', '1.5 days')
    """
    if days * _MINUTES < _MINUTES:
        return f"{number(days * _MINUTES)} minutes"
    return quantity_in_words(days, "d")
