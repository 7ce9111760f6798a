"""Other stars' objects that repeat at the same times: one source seen in several places.

The light of a bright eclipsing binary reaches the pixels of other stars, near ones by the wings of
its image and far ones by reflections and crosstalk. Each of them then shows a shallow copy of the
eclipses, at the binary's period and epoch, or at half of it when both eclipses are alike.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.features.observation import Leaning, clause
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.in_words import cardinal, chance, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.features.observation import Observation, Row
    from mlcore.features.surroundings import Around, Surroundings

__all__ = ["EPHEMERIS", "TOLERANCE"]

TOLERANCE = 3e-4
"""How far two periods may be from their ratio, relative to it."""
_RATIOS = (1.0, 2.0, 0.5)
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


def _compute(rows: Arrays, around: Around) -> Arrays:
    # Whoever lists what features there are, such as a web server, compiles nothing.
    from mlcore.features.period_pairs import match_in_phase  # noqa: PLC0415

    everything, size = around.everything, around.end - around.begin
    # Rows by their periods, so that those next to each other are compared with the same others.
    order = np.argsort(rows["period"], kind="stable")
    own = everything.compared(around.begin + order)
    others = everything.by_period
    period, ascending = own.values[:, 0], np.ascontiguousarray(others.values[:, 0])
    matches = np.zeros(size, dtype=np.int64)
    extremes = np.tile([np.inf, np.inf, np.inf, -np.inf, -np.inf, np.nan], (size, 1))
    pairs = np.full((size, 2), -1, dtype=np.int64)
    for ratio in _RATIOS:
        low = np.searchsorted(ascending, period * ratio * (1 - TOLERANCE), side="left")
        high = np.searchsorted(ascending, period * ratio * (1 + TOLERANCE), side="right")
        match_in_phase(
            low,
            np.where(np.isfinite(period), high, low),
            own.host,
            own.values,
            # How many objects a catalogue without any contamination would show as close in period.
            _density(everything.periods, period * ratio),
            others.host,
            others.values,
            ratio,
            _PERIOD_FLOOR,
            _EPOCH_FLOOR,
            _sine_squared(_SMALLEST),
            matches,
            extremes,
            pairs,
        )
    angles = np.full((size, 2), np.nan)
    for place in range(2):
        some = np.flatnonzero(pairs[:, place] >= 0)
        nearest = others.positions[pairs[some, place]]
        angles[some, place] = _angle(everything, own.positions[some], nearest)
    angles = np.maximum(angles, _SMALLEST)
    found = {
        # What stands for an object without a match is what the weakest match would have.
        "match_distance": np.fmin(angles[:, 1], _FARTHEST),
        "match_chance": np.fmin(np.log10(extremes[:, 0]), 0.0),
        # As close in period and epoch, and as near on the sky too.
        "match_chance_near": np.fmin(np.log10(extremes[:, 5] * _sine_squared(angles[:, 0])), 0.0),
        "match_depth_ratio": np.fmax(np.log10(np.maximum(extremes[:, 3], 0.0)), 0.0),
        "match_brightness": np.fmax(extremes[:, 4], 0.0),
    }
    in_order = {"matches": matches.astype(np.float64), **found}
    back = np.argsort(order)
    return {name: values[back] for name, values in in_order.items()}


def _sine_squared(angle: NDArray[np.float64] | float) -> Any:
    """Return the squared sine of half an angle [arcmin]: the share of the sky that is nearer."""
    return np.sin(np.radians(np.asarray(angle) / 60) / 2) ** 2


def _density(ascending: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of objects around a period per unit of relative period."""
    low = np.searchsorted(ascending, at * (1 - _WIDTH), side="left")
    high = np.searchsorted(ascending, at * (1 + _WIDTH), side="right")
    return np.asarray(np.maximum(high - low, 1) / (2 * _WIDTH))


def _angle(
    everything: Surroundings, i: NDArray[np.intp], j: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the angular distance of each pair [arcmin] by the haversine formula."""
    ra, dec = everything.place
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
