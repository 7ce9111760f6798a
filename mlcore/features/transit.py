"""How long a transit lasts against how long the star and the orbit allow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from astropy import constants, units

from mlcore.datasets.spec import Scale
from mlcore.datasets.units import amount_in_words
from mlcore.features.observation import Leaning, clause, phrase, share
from mlcore.features.spec import Arrays, Feature, Idea
from mlcore.features.stars import stellar_density
from mlcore.in_words import compared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.features.observation import Observation, Row

__all__ = ["TRANSIT", "scaled_axis"]

_G = constants.G.to_value("cm3 / (g d2)")
_HOURS = units.d.to("h")


def scaled_axis(period: NDArray[np.float64], density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the semi-major axis in stellar radii for a period [d] and a density [g / cm3]."""
    return np.asarray(np.cbrt(_G * density * period**2 / (3 * np.pi)))


def _compute(rows: Arrays, _around: None) -> Arrays:
    period, duration = rows["period"], rows["duration"] / _HOURS
    ratio = np.sqrt(np.minimum(rows["depth"] * 1e-6, 1.0))
    density = stellar_density(rows["stellar_gravity"], rows["stellar_radius"])
    axis = scaled_axis(period, density)
    longest = period / np.pi * np.arcsin(np.minimum((1 + ratio) / axis, 1.0))
    # For a central transit of a circular orbit, which no other geometry undercuts.
    implied = (
        3
        * np.pi
        / (_G * period**2)
        * ((1 + ratio) / np.sin(np.pi * np.minimum(duration / period, 0.5))) ** 3
    )
    chord = np.sqrt(np.maximum((1 + ratio) ** 2 - rows["impact"] ** 2, 0.0))
    expected = period / np.pi * np.arcsin(np.minimum(chord / axis, 1.0))
    return {
        "scaled_axis": axis,
        "duration_over_longest": np.log10(duration / longest),
        "duration_over_expected": np.log10(duration / expected),
        "density_from_duration": implied,
        "density_ratio": np.log10(implied / density),
        "duty_cycle": duration / period,
        "transit_probability": np.minimum(1.0 / axis, 1.0),
    }


_WITHIN = clause(
    "The orbit would lie within the star",
    Leaning.FALSE_POSITIVE,
    ": star and signal do not belong together",
)


def _say_orbit(row: Row) -> Observation:
    axis = row["scaled_axis"]
    if axis < 1:
        return _WITHIN
    return phrase(f"Orbit of {amount_in_words(axis, 'R_star')}")


def _say_chance(row: Row) -> Observation:
    probability = row["transit_probability"]
    if probability >= 1:
        return _WITHIN
    return clause(f"Of all orbits of this size {share(probability)} transit")


def _say_longest(row: Row) -> Observation:
    ratio = row.factor("duration_over_longest")
    allowed = "the star's density allows on a circular orbit"
    if ratio > 1.1:
        return clause(
            f"The transit lasts {compared(ratio, 'longer than', '', 'as long as')} {allowed}",
            Leaning.FALSE_POSITIVE,
            ": the eclipsed star may be another, larger one",
        )
    if ratio > 0.97:
        return clause(f"The transit lasts about as long as {allowed}")
    words = f"The transit lasts {share(ratio)} of the longest time that {allowed}"
    if ratio > 0.4:
        return clause(words, Leaning.PLANET, ", as a planet's may")
    return clause(words, Leaning.FALSE_POSITIVE, ": only a path near the star's edge is so short")


def _say_expected(row: Row) -> Observation:
    ratio = row.factor("duration_over_expected")
    beside = compared(ratio, "longer than", "shorter than", "as long as")
    words = f"The transit lasts {beside} the star's density and the fitted path across it give"
    if 0.8 < ratio < 1.25:
        return clause(words, Leaning.PLANET, ": star and transit agree")
    return clause(words, Leaning.FALSE_POSITIVE, ": star and transit do not agree")


def _say_density(row: Row) -> Observation:
    ratio = row.factor("density_ratio")
    beside = compared(ratio, "denser than", "less dense than", "as dense as")
    words = f"The transit's length implies a star that is {beside} the catalogue's"
    if 0.5 < ratio < 2:
        return clause(words, Leaning.PLANET, ": star and transit agree")
    other = (
        "a path near the star's edge, or another star"
        if ratio >= 2
        else "another, larger star may be eclipsed"
    )
    return clause(words, Leaning.FALSE_POSITIVE, f": {other}")


def _say_implied(row: Row) -> Observation:
    density = amount_in_words(row["density_from_duration"], "g / cm3", digits=2)
    return clause(f"A central transit of this length implies a stellar density of {density}")


def _say_duty_cycle(row: Row) -> Observation:
    part = row["duty_cycle"]
    words = f"The transit takes {share(part)} of the orbit"
    if part > 0.15:
        return clause(words, Leaning.FALSE_POSITIVE, ", as in a close pair of stars")
    return clause(words)


_SEAGER = "Seager & Mallén-Ornelas 2003, ApJ 585, 1038"
_STAR = ("stellar_gravity", "stellar_radius")
_orbit = partial(Feature, scale=Scale.LOG, group="orbit", needs=("period", *_STAR))
_duration = partial(Feature, group="transit duration")
_against_expected = partial(_duration, unit="dex", source=f"{_SEAGER}, equation 3")
_density = partial(Feature, group="stellar density")

TRANSIT = Idea(
    features=(
        _orbit(
            name="scaled_axis",
            meaning="Semi-major axis in stellar radii from the stellar density",
            source="Kepler's third law",
            says=_say_orbit,
        ),
        _against_expected(
            name="duration_over_longest",
            meaning="Transit duration against the longest that the star allows",
            says=_say_longest,
            needs=("period", "duration", "depth", *_STAR),
        ),
        _against_expected(
            name="duration_over_expected",
            meaning="Transit duration against what the impact parameter gives",
            says=_say_expected,
            needs=("period", "duration", "depth", "impact", *_STAR),
        ),
        _density(
            name="density_from_duration",
            unit="g / cm3",
            meaning="Stellar density that a central transit of this duration implies",
            scale=Scale.LOG,
            source=f"{_SEAGER}, equation 9",
            tells_of="transit duration",
            says=_say_implied,
            needs=("period", "duration", "depth"),
        ),
        _density(
            name="density_ratio",
            unit="dex",
            meaning="Density that the transit implies against the star's",
            source="asterodensity profiling, Kipping 2014, MNRAS 440, 2164",
            tells_of="transit duration",
            says=_say_density,
            needs=("period", "duration", "depth", *_STAR),
        ),
        _duration(
            name="duty_cycle",
            meaning="Share of the orbit spent in transit",
            scale=Scale.LOG,
            source="duration / period",
            says=_say_duty_cycle,
            needs=("period", "duration"),
        ),
        _orbit(
            name="transit_probability",
            meaning="Geometric probability of a transit",
            source="R / a, Borucki & Summers 1984, Icarus 58, 121",
            says=_say_chance,
        ),
    ),
    compute=_compute,
)
