"""Signals of which one knows what they are, since they were made: to learn from, never to score.

What a search finds in curves turned over or with their parts exchanged is no planet; a transit that
was injected and found again is one. So the limits of Kepler's last catalogue were chosen (Thompson
et al. 2018, ApJS 235, 38). All that is made of a star's curve keeps the star's name, so that no
model judges a star of which it saw anything.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.benchmark.light_curves.altered import LEARNT_ORDER, inverted, quiet_stars, scrambled
from mlcore.benchmark.light_curves.drawn import INJECTED, LEARNT, with_transit
from mlcore.benchmark.light_curves.vetted import vetted_found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.benchmark.light_curves.collections import FlattenedStar
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["made_signals"]


def made_signals(
    stars: Sequence[FlattenedStar],
    most: int,
    *,
    cores: Cores,
    progress: ProgressCallback,
) -> Mapping[str, tuple[MeasuredSignal, ...]]:
    """Return what a search finds in curves that are altered, and of transits put into them.

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
        By how they came to be. Those of altered curves are false positives. Of a curve with a
        transit in it only that transit is kept, as a planet: what else is found there may be of it.
    """
    quiet = quiet_stars(stars, most)
    sets = {
        "inverted": [replace(star, curve=inverted(star.curve)) for star in quiet],
        "scrambled": [replace(star, curve=scrambled(star.curve, LEARNT_ORDER)) for star in quiet],
        INJECTED: [with_transit(star, LEARNT)[0] for star in quiet],
    }
    made = {}
    for place, (kind, altered) in enumerate(sets.items()):

        def report(done: float, step: str, place: int = place) -> None:
            progress((place + done) / len(sets), step)

        signals = vetted_found(altered, cores=cores, progress=report)
        wanted = INJECTED if kind == INJECTED else ""
        made[kind] = tuple(signal for signal in signals if signal.name == wanted)
    return made
