"""What a sentence says of a measured value, where its column's own plain phrase would not do.

The plain phrase is the column's meaning with its value: "Transit depth of 603 ppm". A row here has
another phrase, or the reason that physics gives for a way in which the value speaks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from mlcore.features.observation import Leaning, Row, clause, phrase
from mlcore.features.size import LARGEST_PLANET, TOO_LARGE
from mlcore.in_words import chance, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.features.observation import Observation, Says

__all__ = ["MEASURED", "PLACE", "Measured"]

Physics: TypeAlias = "Callable[[Row], tuple[Leaning, str] | None]"

PLACE = "place of the transit source"
"""The quantity that all offsets of the transit source tell of, as that of the features derived
from them (`mlcore.features.centroid`)."""

_STAR_DEPTH = 30_000.0
"""Transit depth [ppm] of a body of 0.17 stellar radii: 1.7 Jupiter radii beside the Sun."""
_WEAK = 10.0
"""Signal-to-noise ratio below which chance alarms are many: Christiansen et al. 2020, AJ 160,
159."""
_GIANT = 3.7
"""Surface gravity (log g) below which a star has left the main sequence."""
_THREE_SIGMA = 0.0027
_HALF_A_PIXEL = 2.0
"""Half of a Kepler pixel [arcsec]."""
_BRIGHTNESS = "stellar magnitude"
_STRENGTH = "signal to noise"


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """How a measured quantity is said."""

    template: str = ""
    """The noun phrase, with ``{}`` for the value, its error and its unit; empty: the plain one."""
    unit: str | None = None
    """The unit in the phrase, where the column's values have none; None: the column's own."""
    physics: Physics = lambda _row: None
    """Return the way in which the value speaks by physics, and why."""
    says: Callable[[float], Observation] | None = None
    """Return the whole observation from the value in the column's unit, where it is no phrase."""
    of_row: Says | None = None
    """The same from all that is known of the object, where several columns are said together."""
    noun: str | None = None
    """What it is called where it is not known; None: the column's meaning."""
    subject: str | None = None
    """What it is called before a bare number; None: the column's meaning."""
    group: str | None = None
    """The physical quantity that it belongs to; None: its own."""


def _above(name: str, limit: float, because: str) -> Physics:
    return lambda row: (Leaning.FALSE_POSITIVE, because) if row[name] > limit else None


def _below(name: str, limit: float, because: str) -> Physics:
    return lambda row: (Leaning.FALSE_POSITIVE, because) if row[name] < limit else None


def _say_odd_even(significance: float) -> Observation:
    # The catalogue writes -1 where there were not transits enough to compare.
    if significance < 0:
        return clause("There are too few transits to compare odd with even ones")
    if significance >= _THREE_SIGMA:
        return clause(
            "Odd and even transits are equally deep within the errors",
            Leaning.PLANET,
            ", as those of one body are",
        )
    return clause(
        f"Odd and even transits differ in depth{_rarely(significance)}",
        Leaning.FALSE_POSITIVE,
        ": two stars that eclipse each other",
    )


def _say_centroid(significance: float) -> Observation:
    if significance >= _THREE_SIGMA:
        return clause(
            "The centre of the light stays put in transit within the errors",
            Leaning.PLANET,
            ": no sign of another source",
        )
    return clause(
        f"The centre of the light moves in transit{_rarely(significance)}",
        Leaning.FALSE_POSITIVE,
        ": a neighbour may be the source",
    )


def _say_metallicity(dex: float) -> Observation:
    times = number(10.0**dex, digits=2)
    return phrase(
        f"Stellar metallicity {'like' if times == '1' else f'of {times} times'} the Sun's"
    )


_METALLICITY = Measured(says=_say_metallicity, subject="Stellar metallicity in units of the Sun's")


def _rarely(probability: float) -> str:
    """Return how rarely noise would do it; a probability of zero was too small to be written."""
    if probability <= 0:
        return " beyond any noise"
    return f", which noise would do {chance(math.log10(probability))}"


def _offset(words: str, *, of_source: bool = False) -> Measured:
    """Return how an offset in seconds of arc is said, in `words` with ``{}`` for its size.

    Parameters
    ----------
    words
        The clause.
    of_source
        Whether it is the whole distance of the transit source from the star.
    """

    def say(arcsec: float) -> Observation:
        size = abs(arcsec)
        if 0 < size < 0.01:
            return clause(words.format(f"{number(1000 * size, digits=2)} milliarcseconds"))
        observed = words.format(f"{number(size, digits=2)}″")
        if of_source and size > _HALF_A_PIXEL:
            return clause(observed, Leaning.FALSE_POSITIVE, ": a neighbour may be the source")
        return clause(observed)

    return Measured(says=say, group=PLACE)


_DIRECTIONS = (("ra", " in right ascension"), ("dec", " in declination"))
_DIFFERENCE_IMAGES = {
    f"koi_{reference}_{quarters}{axis}": _offset(
        f"{begin} lies {{}} off the {seen}{along}", of_source=axis == "sky"
    )
    for reference, seen in (("dicco", "star's image"), ("dikco", "star's catalogued place"))
    for quarters, begin in (
        ("m", "The transit source"),
        ("f", "In a single quarter the transit source"),
    )
    for axis, along in (*_DIRECTIONS, ("sky", ""))
}
_FLUX_WEIGHTED = {
    f"koi_fwm_{letter}{short}o": _offset(f"{begin}{along}")
    for letter, begin in (
        ("s", "The flux-weighted transit source lies {} off the star"),
        ("p", "The centre of the light shifts by {} in transit"),
    )
    for short, (_, along) in zip(("ra", "dec"), _DIRECTIONS, strict=True)
}

MEASURED: Mapping[str, Measured] = MappingProxyType(
    {
        "depth": Measured(
            physics=_above("depth", _STAR_DEPTH, ": eclipses so deep are mostly those of stars")
        ),
        "radius": Measured(physics=_above("radius", LARGEST_PLANET, TOO_LARGE)),
        "impact": Measured(
            physics=_above(
                "impact", 1.0, ": the body grazes the star, as companion stars mostly do"
            )
        ),
        "snr": Measured(
            physics=_below("snr", _WEAK, ": noise makes signals so weak"), group=_STRENGTH
        ),
        "insolation": Measured(
            template="Insolation of {} times the Earth's",
            noun="insolation",
            subject="Insolation in units of the Earth's",
            group="insolation",
        ),
        "stellar_gravity": Measured(
            physics=_below(
                "stellar_gravity", _GIANT, ": a planet hardly dims a star so far evolved"
            )
        ),
        # Its square is the depth.
        "radius_ratio": Measured(group="transit depth"),
        "transit_density": Measured(
            template="Stellar density of {} from the transit's shape", group="transit duration"
        ),
        # Its fourth power is the insolation.
        "equilibrium_temperature": Measured(group="insolation"),
        "magnitude": Measured(group=_BRIGHTNESS),
        **{
            f"{band}_magnitude": Measured(
                template=f"Stellar magnitude of {{}} in the {named} band",
                noun=f"stellar magnitude in the {named} band",
                subject=f"Stellar magnitude in the {named} band",
                group=_BRIGHTNESS,
            )
            for band, named in zip("grizjhk", "grizJHK", strict=True)
        },
        **{name: Measured(group=_BRIGHTNESS) for name in ("sy_vmag", "sy_kmag")},
        "distance": Measured(template="Stellar distance of {}", noun="stellar distance"),
        "single_event": Measured(
            template="Detection strength of {} in the strongest transit",
            noun="detection strength in the strongest transit",
            group=_STRENGTH,
        ),
        "multiple_event": Measured(
            template="Detection strength of {} in all transits",
            noun="detection strength in all transits",
            group=_STRENGTH,
        ),
        "transits": Measured(
            says=lambda count: clause(
                f"{number(count)} transits were observed"
                if count != 1
                else "A single transit was observed"
            )
        ),
        "odd_even": Measured(says=_say_odd_even, noun="comparison of odd with even transits"),
        "freedom": Measured(
            says=lambda count: phrase(
                f"Transit fit with {number(count)} degree{'' if count == 1 else 's'} of freedom"
            )
        ),
        "chi_square": Measured(template="Transit fit with a chi-square of {}"),
        "koi_fwm_stat_sig": Measured(says=_say_centroid, group=PLACE),
        "koi_dor": Measured(template="Orbit of {}", unit="R_star", group="orbit"),
        "koi_smet": _METALLICITY,
        "st_met": _METALLICITY,
        **_DIFFERENCE_IMAGES,
        **_FLUX_WEIGHTED,
    }
)
"""By name of the quantity or, where the column is no shared quantity, of the column."""
