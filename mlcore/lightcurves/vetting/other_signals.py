"""What else is in the same light curve.

Where a star has two transit signals, both are planets nearly always: false positives do not gather
on few stars (Lissauer et al. 2012, ApJ 750, 112). A second signal at a simple ratio of the period
is another thing: the same eclipses. The search that found them knew of no signal, and is the same
for all signals of a star.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.missions.light_curves.other_signals import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.search.transits import TransitSearch, TransitSignal
    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_others", "other_signals"]

_RATIOS = np.array([1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3])
"""Of two periods that may be of the same eclipses."""
_WITHIN = 0.008
"""Relative error of such a ratio."""
_NOISE, _MOST = 6.0, 10.0
"""Strength that noise reaches, and by how much above it a signal counts at most."""
_STRONG = 7.0
_OVER_BUMPS = 1.1
"""How many times stronger than the strongest bump upwards a strong signal is at least."""


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
    for name, place in zip(PLACES, range(len(PLACES)), strict=True):
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
