"""What a sentence says of what vetting tests measure of a signal in a light curve.

Several values of one test tell of one thing, and are said together: what a model makes of them is
the sum of what it makes of each.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS
from mlcore.datasets.missions.light_curves.transit_shape import PROFILE
from mlcore.datasets.units import amount_in_words
from mlcore.features.measured import Measured
from mlcore.features.observation import Leaning, clause, phrase, share
from mlcore.in_words import lowered, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlcore.features.observation import Observation, Row

__all__ = ["OF_SIGNALS"]

_V_SHAPE = VETTING_TESTS["shape"].most
_WAVES = VETTING_TESTS["sinusoid"].most
_ODD_EVEN = VETTING_TESTS["odd_even"].most
_ONE_EVENT = VETTING_TESTS["transits"].least
_STRONG = VETTING_TESTS["signal"].least
_BINARY = ": two stars that eclipse each other"
_SIGMA = 3.0
"""Standard errors from which an event is said to be there."""


def _n(value: float) -> str:
    return number(value, digits=2)


def _of_depth(part: float) -> str:
    """Return a part of the transit's depth, never a whole that it is not."""
    # Two digits are too few just above the whole.
    return f"{number(100 * part, digits=3)} %" if 1.005 <= part < 1.1 else share(part)


def _period(row: Row) -> Observation:
    return phrase(f"Orbital period of {amount_in_words(row['period'], 'd')}")


def _duration(row: Row) -> Observation:
    return phrase(
        f"Transit duration of {amount_in_words(row['duration'], 'h')} in an orbit of"
        f" {amount_in_words(row['period'], 'd')}"
    )


def _depth(row: Row) -> Observation:
    return phrase(f"Transit depth of {amount_in_words(row['depth'], 'ppm')}")


def _strength(row: Row) -> Observation:
    strength = row["strength"]
    if strength < _STRONG:
        return clause(
            f"The transits together have a strength below {_n(_STRONG)}",
            Leaning.FALSE_POSITIVE,
            ": noise can make that",
        )
    return phrase(f"Strength of all transits together of {_n(strength)} standard errors")


def _scatter(row: Row) -> Observation:
    return phrase(
        f"Scatter of the points in transit over their noise of {_n(row['scatter_inside'])}"
    )


def _searched(row: Row) -> Observation:
    if math.isnan(row["searched"]):
        return phrase("An ephemeris of which nothing says who chose it")
    return phrase(
        "An ephemeris that a search chose"
        if row["searched"]
        else "An ephemeris that was stated and not searched for"
    )


def _uniqueness(row: Row) -> Observation:
    above = row["uniqueness"]
    if above < 0:
        return clause(
            "Noise makes events as strong as the transit at other phases",
            Leaning.FALSE_POSITIVE,
            ": it may be one of them",
        )
    return phrase(f"Strength of the transit above what noise makes at other phases of {_n(above)}")


def _secondary(row: Row) -> Observation:
    strength, phase = row["secondary_strength"], row["secondary_phase"]
    if strength < _SIGMA:
        return clause(
            f"The strongest dip at another phase has {_n(strength)} standard errors,"
            " as noise makes it"
        )
    part = _of_depth(row["secondary_depth_ratio"])
    return clause(
        f"At phase {_n(phase)} the flux dips by {_n(strength)} standard errors, to {part} of the"
        " transit's depth"
    )


def _half_phase(row: Row) -> Observation:
    strength = row["half_phase_strength"]
    if strength < _SIGMA:
        return clause("No dip half a period after the transit stands out")
    return clause(
        f"Half a period after the transit the flux dips by {_n(strength)} standard errors"
    )


def _elsewhere(row: Row) -> Observation:
    strength = row["local_secondary"]
    return phrase(f"Strength of the strongest dip elsewhere in the orbit of {_n(strength)}")


def _odd_even(row: Row) -> Observation:
    apart = row["odd_even_over_spread"]
    if apart > _ODD_EVEN:
        return clause(
            f"Odd and even transits differ in depth by {_n(apart)} standard errors",
            Leaning.FALSE_POSITIVE,
            _BINARY,
        )
    return phrase(f"Difference between odd and even transits of {_n(apart)} standard errors")


def _transits(row: Row) -> Observation:
    without = row["strength_without_one"]
    if without < _ONE_EVENT:
        return clause(
            f"Without its strongest transit the signal is {_n(without)} times its error deep",
            Leaning.FALSE_POSITIVE,
            ": one event makes it",
        )
    chi_square = _n(row["depth_chi_square"])
    return phrase(f"Reduced chi square of {chi_square} of the single transits' depths")


def _template(row: Row) -> Observation:
    chi_square = _n(row["template_chi_square"])
    return phrase(f"Reduced chi square of {chi_square} of the single transits' fitted depths")


def _shape(row: Row) -> Observation:
    ingress = row["trapezoid_ingress"]
    if ingress > _V_SHAPE:
        return clause(
            f"Ingress takes a share of {_n(ingress)} of the transit",
            Leaning.FALSE_POSITIVE,
            ": a V, as of stars that graze each other",
        )
    return phrase(f"Share of ingress in the transit's duration of {_n(ingress)}")


def _symmetry(row: Row) -> Observation:
    apart = abs(row["ingress_asymmetry"])
    return phrase(f"Difference between ingress and egress of {_n(apart)} standard errors")


def _waves(row: Row) -> Observation:
    strength = row["two_waves_strength"]
    if strength > _WAVES:
        return clause(
            f"Out of transit the flux waves with the orbit, by {_n(strength)} standard errors",
            Leaning.FALSE_POSITIVE,
            ": two stars that draw each other out, or spots",
        )
    return phrase(f"Waves of the orbit out of transit of {_n(strength)} standard errors")


def _shorter(row: Row) -> Observation:
    return phrase(
        f"Strength of another transit half a period after each of {_n(row['half_period_strength'])}"
    )


def _others(row: Row) -> Observation:
    other = row["other_strength"]
    if math.isnan(other):
        return clause("The search finds nothing else in this light curve")
    return clause(f"The strongest other signal of this light curve has a strength of {_n(other)}")


def _noise(row: Row) -> Observation:
    scatter = 1e6 * row.factor("log_scatter")
    return clause(f"Points out of transit scatter by {_n(scatter)} ppm")


_SAYS: dict[str, Callable[[Row], Observation]] = {
    "uniqueness": _uniqueness,
    "secondary": _secondary,
    "half_phase": _half_phase,
    "local_events": _elsewhere,
    "odd_even": _odd_even,
    "transits": _transits,
    "template_transits": _template,
    "shape": _shape,
    "symmetry": _symmetry,
    "sinusoid": _waves,
    "aliases": _shorter,
    "others": _others,
    "noise": _noise,
}
"""Of each test whose values tell of one thing."""
_NEEDS: dict[str, tuple[str, ...]] = {
    "uniqueness": ("uniqueness",),
    "secondary": ("secondary_strength", "secondary_phase", "secondary_depth_ratio"),
    "half_phase": ("half_phase_strength",),
    "local_events": ("local_secondary",),
    "odd_even": ("odd_even_over_spread",),
    "transits": ("strength_without_one", "depth_chi_square"),
    "template_transits": ("template_chi_square",),
    "shape": ("trapezoid_ingress",),
    "symmetry": ("ingress_asymmetry",),
    "sinusoid": ("two_waves_strength",),
    "aliases": ("half_period_strength",),
    "others": ("search_strength",),
    "noise": ("log_scatter",),
}
"""What is spoken of in each of them: without it single values are said."""
_OF_STRENGTH: dict[tuple[str, ...], tuple[str, tuple[str, ...], Callable[[Row], Observation]]] = {
    ("period",): ("orbital period", ("period",), _period),
    ("duration", "duty_cycle", "duration_index"): (
        "transit duration",
        ("duration", "period"),
        _duration,
    ),
    ("depth", "log_depth"): ("transit depth", ("depth",), _depth),
    ("strength", "white_strength"): ("strength", ("strength",), _strength),
    ("searched",): ("choice of the ephemeris", ("searched",), _searched),
    ("scatter_over_depth", "scatter_inside"): ("scatter in transit", ("scatter_inside",), _scatter),
}


def _profile(part: str, low: float, high: float) -> Callable[[Row], Observation]:
    where = f"From {low:g} to {high:g} durations off mid-transit"

    def say(row: Row) -> Observation:
        depth, strength = row[f"{part}_depth"], row[f"{part}_strength"]
        return clause(
            f"{where} the flux is {_of_depth(abs(depth))} of the transit's depth"
            f" {'below' if depth > 0 else 'above'} its level, {_n(abs(strength))} standard errors"
        )

    return say


def _if_known(
    says: Callable[[Row], Observation], needs: Sequence[str]
) -> Callable[[Row], Observation | None]:
    """Return what says something only where all that it speaks of is known."""
    return lambda row: None if any(math.isnan(row[name]) for name in needs) else says(row)


def _declared() -> dict[str, Measured]:
    said: dict[str, Measured] = {}
    for test in VETTING_TESTS.values():
        if (says := _SAYS.get(test.name)) is not None:
            one = Measured(
                of_row=_if_known(says, _NEEDS[test.name]),
                group=lowered(test.title),
                noun=f"result in the test {test.title}",
            )
            said |= {column.name: one for column in test.columns}
    for names, (group, needs, says) in _OF_STRENGTH.items():
        one = Measured(of_row=_if_known(says, needs), group=group)
        said |= dict.fromkeys(names, one)
    for part, (low, high) in PROFILE.items():
        one = Measured(
            of_row=_if_known(_profile(part, low, high), (f"{part}_depth", f"{part}_strength")),
            group=f"fold from {low:g} to {high:g} durations",
        )
        said |= {f"{part}_depth": one, f"{part}_strength": one}
    return said


OF_SIGNALS: Mapping[str, Measured] = MappingProxyType(_declared())
"""By the name of the column."""
