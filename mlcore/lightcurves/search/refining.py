"""From the best box of the grid to period, epoch, duration and depth: transit least squares.

Around the box's values a dip of a transit's shape is moved and stretched (Hippke & Heller 2019,
A&A 623, A39), smeared over the exposure, first in steps of the grid, then ten times finer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.search.template import TEMPLATE, best_transit

if TYPE_CHECKING:
    from mlcore.lightcurves.noise import FlatCurve

__all__ = ["RefinedTransit", "refine"]

_WINDOWS = 4.0
"""How many durations around each mid-transit are looked at."""
_DURATIONS = (0.5, 0.6, 0.72, 0.85, 1.0, 1.18, 1.4, 1.65, 1.95)
"""Of the box's; a round transit is longer than the box that fits it best."""
_FINER = 8.0
_STEPS = 21


@dataclass(frozen=True, kw_only=True, slots=True)
class RefinedTransit:
    """A transit signal where its shape fits best."""

    ephemeris: Ephemeris
    depth: float
    """Mean dip over the duration, relative flux."""
    strength: float
    """Depth over its error, of white noise."""


def refine(flat: FlatCurve, box: Ephemeris, *, period_step: float) -> RefinedTransit | None:
    """Return the transit that fits best near a box.

    Parameters
    ----------
    flat
        A curve without trend.
    box
        What the search found.
    period_step
        From its period to the next trial period [d].

    Returns
    -------
    RefinedTransit or None
        None where no dip fits.
    """
    near = box.in_transit(flat.time, widths=_WINDOWS)
    if near.sum() < 3:
        return None
    # The epoch in the middle of the points, so that period and epoch move independently.
    middle = int(np.round((np.median(flat.time[near]) - box.epoch) / box.period))
    time = flat.time[near] - (box.epoch + middle * box.period)
    weight = flat.weight[near]
    weighted = weight * flat.deviation[near]
    longest = box.period / 2
    period, shift, duration = box.period, 0.0, box.duration
    reach, moved = 1.5 * period_step, 0.6 * box.duration
    tried = np.array(_DURATIONS)
    best = np.zeros(5)
    for _ in range(2):
        periods = period + reach * np.linspace(-1, 1, _STEPS)
        shifts = shift + moved * np.linspace(-1, 1, _STEPS)
        durations = np.unique(np.minimum(duration * tried, longest))
        best_transit(
            time, weighted, weight, periods, shifts, durations, TEMPLATE, flat.cadence, best
        )
        if best[0] <= 0:
            return None
        period, shift, duration = float(best[1]), float(best[2]), float(best[3])
        reach, moved = reach / _FINER, moved / _FINER
        tried = 1 + 0.1 * np.linspace(-1, 1, 9)
    epoch = box.epoch + middle * box.period + shift
    # The first transit that lies in the curve.
    epoch -= np.floor((epoch - flat.time[0]) / period) * period
    return RefinedTransit(
        ephemeris=Ephemeris(period=period, epoch=float(epoch), duration=duration),
        depth=float(best[4]),
        strength=float(best[0]),
    )
