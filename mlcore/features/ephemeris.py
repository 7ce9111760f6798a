"""Other stars' objects that repeat at the same times: one source seen in several places.

The light of a bright eclipsing binary reaches the pixels of other stars, near ones by the wings of
its image and far ones by reflections and crosstalk. Each of them then shows a shallow copy of the
eclipses, at the binary's period and epoch, or at half of it when both eclipses are alike.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.features.ephemeris_matches import FARTHEST, SMALLEST, TOLERANCE, matches_of
from mlcore.features.observation import Leaning, clause
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.in_words import cardinal, chance, number

if TYPE_CHECKING:
    from mlcore.features.observation import Observation, Row
    from mlcore.features.surroundings import Around

__all__ = ["EPHEMERIS", "TOLERANCE"]


def _compute(_rows: Arrays, around: Around) -> Arrays:
    here = slice(around.begin, around.end)
    found = around.everything.of_all(matches_of)
    return {name: values[here] for name, values in found.items()}


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
    if not several and distance < FARTHEST:
        words += f" {_apart(distance)}"
    words += f" {'match' if several else 'matches'} its period and epoch"
    if several and distance < FARTHEST:
        words += f", the nearest {_apart(distance)}"
    if rarity < _LIKELY:
        words += f", which chance would give {chance(rarity)}"
        return clause(words, Leaning.FALSE_POSITIVE, ": contamination")
    return clause(f"{words}, as chance often gives")


def _apart(arcmin: float) -> str:
    if arcmin <= SMALLEST:
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
