"""Real light curves with what is known taken out, upside down, or with their seasons exchanged.

What a search finds in the last two is no planet: so Kepler's last catalogue measured how many of
its candidates are (Thompson et al. 2018, ApJS 235, 38).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlcore.benchmark.light_curves.collections import FlattenedStar
    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.light_curve import LightCurve

__all__ = ["LEARNT_ORDER", "SCORED_ORDER", "inverted", "quiet_stars", "scrambled", "without"]

SCORED_ORDER = (5, 2, 7, 0, 6, 3, 1, 4)
"""Which eighth of a curve comes where: none stays, and none follows the one that it followed."""
LEARNT_ORDER = (6, 4, 1, 7, 3, 0, 2, 5)
"""The same, and none follows one that it follows in the other order: what the spacecraft does to
all stars at the same times meets in other places."""
_LEAST_LEFT = 0.8
"""Share of a curve's points that are left where its known signals are taken out."""
_MARGIN = 1.5
"""How many durations around each known transit are taken out."""


def without(curve: LightCurve, known: Iterable[Ephemeris]) -> LightCurve:
    """Return a light curve without the points in transit of known signals."""
    kept = np.ones(len(curve.time), dtype=bool)
    for ephemeris in known:
        widths = _MARGIN + curve.cadence / ephemeris.duration
        kept &= ~ephemeris.in_transit(curve.time, widths=widths)
    return replace(
        curve,
        time=curve.time[kept],
        flux=curve.flux[kept],
        error=curve.error[kept],
        segment=curve.segment[kept],
        centroid=None,
    )


def quiet_stars(stars: Sequence[FlattenedStar], most: int) -> tuple[FlattenedStar, ...]:
    """Return stars without their known signals, evenly chosen of those with enough points left."""
    quiet = []
    for star in stars:
        curve = without(star.curve, [signal.ephemeris for signal in star.signals])
        if len(curve.time) >= _LEAST_LEFT * len(star.curve.time):
            quiet.append(replace(star, curve=curve, signals=()))
    chosen = np.linspace(0, len(quiet) - 1, min(most, len(quiet))).astype(np.int64)
    return tuple(quiet[place] for place in chosen)


def inverted(curve: LightCurve) -> LightCurve:
    """Return a light curve in which each point lies as far above 1 as it lay below."""
    return replace(curve, flux=2 - curve.flux)


def scrambled(curve: LightCurve, order: Sequence[int] = SCORED_ORDER) -> LightCurve:
    """Return a light curve of the same times in which parts of the flux are exchanged.

    Parameters
    ----------
    curve
        As it was.
    order
        Which of as many equal parts comes where.
    """
    parts = np.array_split(np.arange(len(curve.time)), len(order))
    places = np.concatenate([parts[place] for place in order])
    return replace(curve, flux=curve.flux[places], error=curve.error[places])
