"""The transiting body's size: what the depth says against what the catalogue's radius says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets import radii
from mlcore.datasets.spec import Scale
from mlcore.datasets.units import amount_in_words
from mlcore.features.observation import Leaning, Observation, Row, clause, phrase, share
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.in_words import compared, number

if TYPE_CHECKING:
    from mlcore.features.observation import Says

__all__ = ["LARGEST_PLANET", "SIZE", "TOO_LARGE"]

LARGEST_PLANET = round(radii.LARGEST_PLANET, 1)
"""Two Jupiter radii [Earth radii], to the digits that catalogues give."""
TOO_LARGE = ": hardly any planet is so large"
_STELLAR = 0.4
"""Ratio of radii from which the smaller body is a star, but beside the smallest stars."""

_EARTH_IN_SUN = 1 / radii.SUN_IN_EARTHS


def _compute(rows: Arrays, _around: None) -> Arrays:
    star, radius, impact = rows["stellar_radius"], rows["radius"], rows["impact"]
    ratio = radius * _EARTH_IN_SUN / star
    depth_ratio = np.sqrt(np.minimum(rows["depth"] * 1e-6, 1.0))
    return {
        "radius_ratio_from_radius": ratio,
        "radius_ratio_from_depth": depth_ratio,
        "radius_over_depth": np.log10(ratio / depth_ratio),
        "radius_from_depth": depth_ratio * star / _EARTH_IN_SUN,
        "grazing": impact + ratio,
        "grazing_from_depth": impact + depth_ratio,
        "radius_over_valley": np.log10(radius / 1.9) + 0.11 * np.log10(rows["period"] / 10),
    }


def _say_ratio(row: Row) -> Observation:
    ratio = row["radius_ratio_from_radius"]
    of_star = f"{share(ratio)} of the star's"
    in_stars = amount_in_words(ratio, "R_star", digits=2)
    words = f"Radius of {in_stars if ratio > 0.995 else of_star}"
    if ratio > _STELLAR:
        return phrase(words, Leaning.FALSE_POSITIVE, ": a companion of a star's size")
    return phrase(words)


def _say_depth_ratio(row: Row) -> Observation | None:
    # What it says is the depth itself, which is said as such where the model sees it.
    if np.isfinite(row["depth"]):
        return None
    part = row["radius_ratio_from_depth"] ** 2
    return phrase(f"Transit depth of {share(part) if part < 1 else 'the whole light'}")


def _say_agreement(row: Row) -> Observation:
    ratio = row.factor("radius_over_depth")
    beside = compared(ratio, "larger than", "smaller than", "as large as")
    words = f"The catalogue's planet radius is {beside} the transit depth implies"
    if ratio > 1.3:
        return clause(words, Leaning.FALSE_POSITIVE, ": only a part of the body crosses the star")
    if 0.8 < ratio < 1.25:
        return clause(words, Leaning.PLANET, ": radius and depth agree")
    return clause(words)


def _say_implied(row: Row) -> Observation:
    radius = row["radius_from_depth"]
    words = f"The transit depth implies a body of {amount_in_words(radius, 'R_earth')}"
    if radius > LARGEST_PLANET:
        return clause(words, Leaning.FALSE_POSITIVE, TOO_LARGE)
    return clause(words)


def _grazing_by(name: str) -> Says:
    def say(row: Row) -> Observation:
        farthest = number(row[name])
        if farthest == "1":
            farthest = f"just {'over' if row[name] > 1 else 'under'} 1"
        if row[name] > 1:
            return clause(
                "The body only grazes the star (impact parameter and radius ratio add up to"
                f" {farthest})",
                Leaning.FALSE_POSITIVE,
                ": most that do are stars",
            )
        return clause(
            "The whole body crosses the star (impact parameter and radius ratio add up to"
            f" {farthest})",
            Leaning.PLANET,
            ", as a planet does",
        )

    return say


def _say_valley(row: Row) -> Observation | None:
    ratio = row.factor("radius_over_valley")
    # Far from it the gap says nothing that the radius does not.
    if not 0.4 < ratio < 2.5:
        return None
    beside = compared(ratio, "larger than", "smaller than", "as large as")
    return clause(
        f"The body is {beside} those in the gap between rocky and gaseous planets of its period"
    )


_radius = partial(Feature, group="planet radius")
_SEAGER = "Seager & Mallén-Ornelas 2003, ApJ 585, 1038"
_grazing = partial(
    Feature,
    scale=Scale.LOG,
    group="impact parameter",
    source=f"above 1 the transit grazes, {_SEAGER}",
)

SIZE = Idea(
    features=(
        _radius(
            name="radius_ratio_from_radius",
            meaning="Planet-star radius ratio from both radii",
            scale=Scale.LOG,
            source="R_p / R_s",
            says=_say_ratio,
            needs=("radius", "stellar_radius"),
        ),
        Feature(
            name="radius_ratio_from_depth",
            meaning="Planet-star radius ratio from the depth",
            scale=Scale.LOG,
            group="transit depth",
            source=f"square root of the depth, {_SEAGER}",
            says=_say_depth_ratio,
            needs=("depth",),
        ),
        _radius(
            name="radius_over_depth",
            unit="dex",
            meaning="Radius ratio of both radii against that of the depth",
            source=f"{_SEAGER}, equation 6",
            says=_say_agreement,
            needs=("radius", "stellar_radius", "depth"),
        ),
        _radius(
            name="radius_from_depth",
            unit="R_earth",
            meaning="Radius that the depth implies on this star",
            scale=Scale.LOG,
            source="R_s times the square root of the depth",
            says=_say_implied,
            needs=("depth", "stellar_radius"),
        ),
        _grazing(
            name="grazing",
            meaning="Impact parameter plus radius ratio",
            says=_grazing_by("grazing"),
            needs=("impact", "radius", "stellar_radius"),
        ),
        _grazing(
            name="grazing_from_depth",
            meaning="Impact parameter plus the depth's radius ratio",
            says=_grazing_by("grazing_from_depth"),
            needs=("impact", "depth"),
        ),
        _radius(
            name="radius_over_valley",
            unit="dex",
            meaning="Planet radius against the radius valley at this period",
            source="Van Eylen et al. 2018, MNRAS 479, 4786",
            says=_say_valley,
            needs=("radius", "period"),
        ),
    ),
    compute=_compute,
)
