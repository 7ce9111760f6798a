"""What else is in the same light curve.

Where a star has two transit signals, both are planets nearly always: false positives do not gather
on few stars (Lissauer et al. 2012, ApJ 750, 112). A second signal at a simple ratio of the period
is another thing: the same eclipses. The search that found them knew of no signal, and is the same
for all signals of a star.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.vetting import columns, papers
from mlcore.lightcurves.vetting.spec import VettingTest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.search.transits import TransitSearch, TransitSignal
    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["OTHERS", "other_signals"]

_RATIOS = np.array([1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3])
"""Of two periods that may be of the same eclipses."""
_WITHIN = 0.008
"""Relative error of such a ratio."""
_NOISE, _MOST = 6.0, 10.0
"""Strength that noise reaches, and by how much above it a signal counts at most."""
_STRONG = 7.0
_OVER_BUMPS = 1.1
"""How many times stronger than the strongest bump upwards a strong signal is at least."""
_PLACES = {"other": "strongest", "second_other": "second strongest"}


def other_signals(
    search: TransitSearch, period: float
) -> tuple[tuple[TransitSignal, ...], tuple[TransitSignal, ...]]:
    """Return what a search found of a signal of this period [d] itself, and what else it found.

    Either the strongest first.
    """
    own: list[TransitSignal] = []
    others: list[TransitSignal] = []
    for signal in sorted(search.signals, key=lambda signal: -signal.strength):
        off = np.abs(signal.ephemeris.period / period / _RATIOS - 1).min()
        (own if off < _WITHIN else others).append(signal)
    return tuple(own), tuple(others)


def measure_others(candidate: Candidate) -> Mapping[str, float]:
    """Return how strong the other signals are, and how the strongest one's period compares."""
    search, folded = candidate.search, candidate.folded
    if search is None:
        return {}
    period = folded.ephemeris.period
    own, others = other_signals(search, period)
    # What was found last, or not any more, says how strong the next one is at most.
    weakest = float(search.last.strength.max())
    bumps = [float(signal.periodogram.inverted.max()) for signal in search.signals]
    bumps.append(float(search.last.inverted.max()))
    strengths = [other.strength for other in others] + [weakest]
    own_strength = own[0].strength if own else 0.0
    values = {
        "search_strength": own_strength,
        "search_rank": own_strength - strengths[0],
        "other_inverted": max(bumps),
        "others_sum": sum(float(np.clip(one.strength - _NOISE, 0, _MOST)) for one in others),
        "others_strong": float(sum(_is_strong(one) for one in others)),
    }
    for name, place in zip(_PLACES, range(len(_PLACES)), strict=True):
        found = place < len(others)
        strength = others[place].strength if found else weakest
        bump = float(others[place].periodogram.inverted.max()) if found else bumps[-1]
        values[f"{name}_strength"] = strength
        values[f"{name}_over_inverted"] = strength - bump
    if others:
        other = others[0].ephemeris
        index = np.log10(other.duration / folded.duration) - np.log10(other.period / period) / 3
        values |= {
            "other_period_ratio": abs(float(np.log10(other.period / period))),
            "other_duration_index": float(index),
        }
    return values


def _is_strong(signal: TransitSignal) -> bool:
    inverted = float(signal.periodogram.inverted.max())
    return signal.strength > max(_STRONG, _OVER_BUMPS * inverted)


OTHERS = VettingTest(
    name="others",
    title="Other signals",
    question="Is another transit signal in the curve?",
    formula="Strongest signals of the same curve that are at no simple ratio of this one's period",
    columns=(
        columns.number(name="search_strength", meaning="Strength of the signal in the search"),
        columns.number(
            name="search_rank", meaning="Strength of the signal in the search above the next one's"
        ),
        *(
            columns.number(name=f"{name}_{value}", meaning=meaning.format(which))
            for name, which in _PLACES.items()
            for value, meaning in (
                ("strength", "Strength of the {} other signal"),
                (
                    "over_inverted",
                    "Strength of the {} other signal above the strongest bump's in the search",
                ),
            )
        ),
        columns.number(
            name="other_inverted", meaning="Strength of the strongest bump upwards of all searches"
        ),
        columns.number(
            name="others_sum", meaning="Strength of all other signals above what noise reaches"
        ),
        columns.number(name="others_strong", meaning="Number of strong other signals"),
        columns.number(
            name="other_period_ratio",
            meaning="Logarithm of the ratio of the strongest other signal's period to the signal's",
        ),
        columns.number(
            name="other_duration_index",
            meaning="Logarithm of the ratio of both durations, each over the cube root of its"
            " period",
        ),
    ),
    measure=measure_others,
    sources=(papers.MULTIPLES,),
)
