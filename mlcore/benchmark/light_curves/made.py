"""Signals of which one knows what they are, since they were made: to learn from, never to score.

What a search finds in curves turned over or with their parts exchanged is no planet; a transit that
was injected and found again is one, and eclipses of two stars are none, nor is what chance and
noise make. So the limits of Kepler's last catalogue were chosen (Thompson et al. 2018, ApJS 235,
38). All that is made of a star's curve keeps the star's name, so that no model judges a star of
which it saw anything.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from mlcore.benchmark.light_curves.altered import LEARNT_ORDER, inverted, quiet_stars, scrambled
from mlcore.benchmark.light_curves.drawn import (
    INJECTED,
    LEARNT,
    LEARNT_AGAIN,
    LEARNT_STRONG,
    with_transit,
)
from mlcore.benchmark.light_curves.eclipses import ECLIPSES, seen_as_eclipses, with_eclipses
from mlcore.benchmark.light_curves.nothing import (
    BY_CHANCE,
    SIMULATED,
    curves_of_noise,
    with_chance_ephemeris,
)
from mlcore.benchmark.light_curves.vetted import vetted_found, vetted_peaks, vetted_stars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.benchmark.light_curves.collections import FlattenedStar
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["PEAKS", "made_signals"]

PEAKS = "peaks"
"""What the strongest peaks are called of altered curves in which nothing is strong enough."""


class _Measures(Protocol):
    """What measures signals of many stars."""

    def __call__(
        self, stars: Sequence[FlattenedStar], *, cores: Cores, progress: ProgressCallback
    ) -> tuple[MeasuredSignal, ...]: ...


def made_signals(
    stars: Sequence[FlattenedStar],
    most: int,
    *,
    cores: Cores,
    progress: ProgressCallback,
) -> Mapping[str, tuple[MeasuredSignal, ...]]:
    """Return what is measured in curves that were altered, filled or made up, and by chance.

    Parameters
    ----------
    stars
        With their known signals, which are taken out before.
    most
        How many of them, evenly chosen.
    cores, progress
        Where to find free ones, and what is told how far it has come.

    Returns
    -------
    Mapping
        By how they came to be. Only injected transits are planets. Of a curve with a transit or
        eclipses in it only those are kept: what else is found there may be of them.
    """
    quiet = quiet_stars(stars, most)
    turned = [replace(star, curve=inverted(star.curve)) for star in quiet]
    mixed = [replace(star, curve=scrambled(star.curve, LEARNT_ORDER)) for star in quiet]
    sets: dict[str, tuple[_Measures, Sequence[FlattenedStar]]] = {
        "inverted": (vetted_found, turned),
        "scrambled": (vetted_found, mixed),
        INJECTED: (
            vetted_found,
            [
                with_transit(star, draw)[0]
                for draw, into in (
                    (LEARNT, quiet),
                    (LEARNT_AGAIN, quiet),
                    # About as many as eclipses are seen as such.
                    (LEARNT_STRONG, quiet[1::2]),
                )
                for star in into
            ],
        ),
        ECLIPSES: (vetted_found, [with_eclipses(star) for star in quiet]),
        # Few teach what noise is; more would only make planets rarer than they are.
        PEAKS: (vetted_peaks, [*turned[::8], *mixed[3::8]]),
        SIMULATED: (vetted_peaks, curves_of_noise(-(-most // 8))),
        BY_CHANCE: (vetted_stars, with_chance_ephemeris(quiet[::8])),
    }
    made = {}
    for place, (kind, (measured, altered)) in enumerate(sets.items()):

        def report(done: float, step: str, place: int = place) -> None:
            progress((place + done) / len(sets), step)

        signals = measured(altered, cores=cores, progress=report)
        wanted = kind if kind in (INJECTED, ECLIPSES, BY_CHANCE) else ""
        made[kind] = tuple(
            signal
            for signal in signals
            if signal.name == wanted and (kind != ECLIPSES or seen_as_eclipses(signal.values))
        )
    return made
