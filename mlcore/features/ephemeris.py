"""Other stars' objects that repeat at the same times: one source seen in several places.

The light of a bright eclipsing binary reaches the pixels of other stars, near ones by the wings of
its image and far ones by reflections and crosstalk. Each of them then shows a shallow copy of the
eclipses, at the binary's period and epoch, or at half of it when both eclipses are alike.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.features.converting import FIRST, HOST
from mlcore.features.observation import Leaning, clause
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.in_words import cardinal, chance, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.features.observation import Observation, Row

__all__ = ["EPHEMERIS", "TOLERANCE", "pairs_in_ratio", "phase_distance"]

TOLERANCE = 3e-4
"""How far two periods may be from their ratio, relative to it."""
_RATIOS = (1.0, 2.0, 0.5)
_HOURS = 24.0
_PERIOD_FLOOR = 1e-6
"""Relative differences of periods below this one say nothing about how alike they are."""
_EPOCH_FLOOR = 0.05
"""The same for differences of epochs, in durations."""
_WIDTH = 0.05
"""Relative half-width of the window in which periods around one are counted."""
_SMALLEST = 1e-3
"""Angular distance [arcmin] below which two places are one."""
_FARTHEST = 180.0 * 60
"""Angular distance [arcmin] of opposite places."""
_MOST_COMPARED = 1_000_000_000
"""How many objects times objects are searched at a time: of a catalogue's, one in a thousand pairs
has periods in a ratio, and a dozen numbers are held of each."""


def pairs_in_ratio(
    periods: NDArray[np.float64], others: NDArray[np.float64], ratio: float, tolerance: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions of each pair whose periods are in a ratio.

    Parameters
    ----------
    periods, others
        Periods, NaN where unknown; shapes ``(n,)`` and ``(m,)``.
    ratio
        What ``others`` divided by ``periods`` shall be.
    tolerance
        How far it may be from that, relative to `ratio`.

    Returns
    -------
    i, j : ndarray of int
        Positions in `periods` and in `others`, pair by pair, ordered by `i`.
    """
    return _pairs(periods, *_ascending(others), ratio, tolerance)


def _ascending(periods: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the positions of the known periods in rising order, and these periods."""
    order = np.argsort(periods, kind="stable")
    order = order[np.isfinite(periods[order])]
    return order, periods[order]


def _pairs(
    periods: NDArray[np.float64],
    order: NDArray[np.intp],
    ascending: NDArray[np.float64],
    ratio: float,
    tolerance: float,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    low = np.searchsorted(ascending, periods * ratio * (1 - tolerance), side="left")
    high = np.searchsorted(ascending, periods * ratio * (1 + tolerance), side="right")
    count = np.where(np.isfinite(periods), high - low, 0)
    i = np.repeat(np.arange(len(periods)), count)
    within = np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)
    return i, order[np.repeat(low, count) + within]


def phase_distance(
    first: NDArray[np.float64], second: NDArray[np.float64], period: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far two epochs are apart modulo a period, between 0 and half of it."""
    apart = np.abs(first - second) % period
    return np.asarray(np.minimum(apart, period - apart))


def _compute(rows: Arrays, around: Arrays) -> Arrays:
    size = len(rows["period"])
    hosts = np.unique(around[HOST].astype(str), return_inverse=True)[1]
    # The pairs grow with the square of the rows: of a long table they are taken part by part, and
    # a row's extremes are the same.
    at_a_time = max(1, _MOST_COMPARED // max(len(around["period"]), 1))
    bounds = [*range(0, size, at_a_time), size] if size else [0, 0]
    order, ascending = _ascending(around["period"])
    parts = [
        _matched(around, hosts, order, ascending, begin, end) for begin, end in pairwise(bounds)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _matched(
    around: Arrays,
    hosts: NDArray[np.intp],
    order: NDArray[np.intp],
    ascending: NDArray[np.float64],
    begin: int,
    end: int,
) -> Arrays:
    """Return the features of the rows from `begin` to `end`."""
    period, epoch, depth, magnitude = (
        around[name] for name in ("period", "epoch", "depth", "magnitude")
    )
    pairs = [_pairs(period[begin:end], order, ascending, ratio, TOLERANCE) for ratio in _RATIOS]
    i, j = (np.concatenate(side) for side in zip(*pairs, strict=True))
    i += begin
    ratio = np.repeat(_RATIOS, [len(pair[0]) for pair in pairs])
    shortest = np.minimum(period[i], period[j])
    late = phase_distance(epoch[i], epoch[j], shortest)
    length = np.fmax(around["duration"][i], around["duration"][j]) / _HOURS
    listed_once = around[FIRST][j] == j
    same = (hosts[i] != hosts[j]) & (late <= length) & listed_once
    i, j, ratio, shortest, late, length = (
        values[same] for values in (i, j, ratio, shortest, late, length)
    )
    angle = np.maximum(_angle(around, i, j), _SMALLEST)
    off = np.maximum(np.abs(period[j] / period[i] / ratio - 1), _PERIOD_FLOOR)
    # How many objects a catalogue without any contamination would show as close in period and
    # in epoch, and then also as near on the sky.
    chance = _density(ascending, period[i] * ratio) * 2 * off
    chance = chance * np.minimum(2 * np.maximum(late, _EPOCH_FLOOR * length) / shortest, 1.0)
    near = chance * np.sin(np.radians(angle / 60) / 2) ** 2

    def extreme(choose: np.ufunc, values: NDArray[np.float64], start: float) -> NDArray[np.float64]:
        """Return the smallest or largest known value of each row and of where it starts."""
        known = np.isfinite(values)
        extremes = np.full(end - begin, start)
        choose.at(extremes, i[known] - begin, values[known])
        return extremes

    return {
        "matches": np.bincount(i - begin, minlength=end - begin),
        # What stands for an object without a match is what the weakest match would have.
        "match_distance": extreme(np.minimum, angle, _FARTHEST),
        "match_chance": extreme(np.minimum, np.log10(chance), 0.0),
        "match_chance_near": extreme(np.minimum, np.log10(near), 0.0),
        "match_depth_ratio": extreme(np.maximum, np.log10(depth[j] / depth[i]), 0.0),
        "match_brightness": extreme(np.maximum, magnitude[i] - magnitude[j], 0.0),
    }


def _density(ascending: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of objects around a period per unit of relative period."""
    low = np.searchsorted(ascending, at * (1 - _WIDTH), side="left")
    high = np.searchsorted(ascending, at * (1 + _WIDTH), side="right")
    return np.asarray(np.maximum(high - low, 1) / (2 * _WIDTH))


def _angle(around: Arrays, i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the angular distance of each pair [arcmin] by the haversine formula."""
    ra, dec = np.radians(around["right_ascension"]), np.radians(around["declination"])
    half = np.sin((dec[i] - dec[j]) / 2) ** 2
    half = half + np.cos(dec[i]) * np.cos(dec[j]) * np.sin((ra[i] - ra[j]) / 2) ** 2
    return np.asarray(np.degrees(2 * np.arcsin(np.sqrt(np.minimum(half, 1.0)))) * 60)


_LIKELY = -1.5
"""Logarithm of the number of matches by chance from which one more is no surprise."""


def _say_match(row: Row) -> Observation | None:
    """Return what else repeats at the same times, how near it is and how likely by chance."""
    rarity = np.fmin(row["match_chance"], row["match_chance_near"])
    count = row["matches"]
    if np.isnan(rarity) and np.isnan(count):
        return None
    if count == 0 or (np.isnan(count) and rarity == 0):
        return clause(
            "No object on another star matches its period and epoch",
            Leaning.PLANET,
            ": contamination is unlikely",
        )
    several = count > 1
    words = f"{cardinal(round(count)).capitalize()} objects" if several else "An object"
    distance = row["match_distance"]
    if not several and distance < _FARTHEST:
        words += f" {_apart(distance)}"
    words += f" {'match' if several else 'matches'} its period and epoch"
    if several and distance < _FARTHEST:
        words += f", the nearest {_apart(distance)}"
    if rarity < _LIKELY:
        words += f", which chance would give {chance(rarity)}"
        return clause(words, Leaning.FALSE_POSITIVE, ": contamination")
    return clause(f"{words}, as chance often gives")


def _apart(arcmin: float) -> str:
    if arcmin <= _SMALLEST:
        return "at the same place"
    if arcmin >= 60:
        return f"{number(arcmin / 60, digits=2)}° away"
    return f"{number(arcmin, digits=2)}′ away"


def _say_deeper(row: Row) -> Observation | None:
    ratio = row.factor("match_depth_ratio")
    if not ratio > 1.5:
        return _say_match(row)
    return clause(
        f"An object {number(ratio, digits=2)} times as deep matches its period and epoch",
        Leaning.FALSE_POSITIVE,
        ": its light may leak into this star's",
    )


def _say_brighter(row: Row) -> Observation | None:
    magnitudes = row["match_brightness"]
    if not magnitudes > 0.5:
        return _say_match(row)
    return clause(
        f"An object on a star that is {number(magnitudes, digits=2)} mag brighter matches its"
        " period and epoch",
        Leaning.FALSE_POSITIVE,
        ": that star's light may leak into this one's",
    )


_SAME_TIMES = ("period", "epoch", "duration")
_match = partial(
    Feature,
    group="ephemeris matches",
    source="Coughlin et al. 2014, AJ 147, 119",
    needs=_SAME_TIMES,
    of_neighbours=True,
    says=_say_match,
)

EPHEMERIS = Idea(
    features=(
        _match(name="matches", meaning="Number of other stars' objects at the same times"),
        _match(
            name="match_distance",
            unit="arcmin",
            meaning="Angular distance of the nearest object at the same times",
            scale=Scale.LOG,
            needs=(*_SAME_TIMES, "right_ascension", "declination"),
        ),
        _match(
            name="match_depth_ratio",
            unit="dex",
            meaning="Depth of the deepest object at the same times against its own, at least 0",
            needs=(*_SAME_TIMES, "depth"),
            says=_say_deeper,
        ),
        _match(
            name="match_chance",
            unit="dex",
            meaning="Number of matches as close in period and epoch that chance would give",
        ),
        _match(
            name="match_chance_near",
            unit="dex",
            meaning="Number of matches as close on the sky too that chance would give",
            needs=(*_SAME_TIMES, "right_ascension", "declination"),
        ),
        _match(
            name="match_brightness",
            unit="mag",
            meaning="Magnitudes by which a match's star outshines its own, at least 0",
            needs=(*_SAME_TIMES, "magnitude"),
            says=_say_brighter,
        ),
    ),
    compute=_compute,
)
