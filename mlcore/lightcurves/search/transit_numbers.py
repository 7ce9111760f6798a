"""Which transits of an ephemeris have points in a light curve, and what follows from that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.noise import FlatCurve

__all__ = ["keeps_transits", "rests_on_one", "shorter_periods", "transit_numbers"]

_FEWEST = 2
"""With points, of a signal: fewer have no period."""
_PARTS = (2, 3, 4, 5)
"""Into which parts a period is divided, of which further transits may fall into gaps."""
_REST = 3.0
"""Strength of a signal without its strongest transit, below which one event makes it."""
_KEPT = 0.5
"""Share of its transits that a signal keeps where it is refined."""


def transit_numbers(ephemeris: Ephemeris, flat: FlatCurve) -> NDArray[np.int64]:
    """Return the numbers of the transits that have points, ascending, shape ``(k,)``."""
    return np.unique(ephemeris.number(flat.time[ephemeris.in_transit(flat.time)]))


def rests_on_one(ephemeris: Ephemeris, flat: FlatCurve, *, noise_factor: float) -> bool:
    """Tell whether without its strongest transit nothing is left of a signal.

    Parameters
    ----------
    ephemeris
        The signal's.
    flat
        The curve in which it was found.
    noise_factor
        How many times more than white noise averages of its duration scatter.
    """
    inside = ephemeris.in_transit(flat.time)
    _, transit = np.unique(ephemeris.number(flat.time[inside]), return_inverse=True)
    weight = flat.weight[inside]
    total = np.bincount(transit, weight)
    summed = np.bincount(transit, -weight * flat.deviation[inside])
    if len(total) < _FEWEST:
        return True
    rest = (summed.sum() - summed) / np.sqrt(total.sum() - total)
    return bool(rest.min() / noise_factor < _REST)


def keeps_transits(sharper: Ephemeris, ephemeris: Ephemeris, flat: FlatCurve) -> bool:
    """Tell whether a finer fit still has most of a signal's transits, and two where there are two.

    Where each transit has a point or two, the squares fall most where a short dip meets the deepest
    point of all and no other.

    Parameters
    ----------
    sharper, ephemeris
        As it was fitted, and as it was before.
    flat
        The curve.
    """
    before = len(transit_numbers(ephemeris, flat))
    return len(transit_numbers(sharper, flat)) >= max(_KEPT * before, min(before, _FEWEST))


def shorter_periods(ephemeris: Ephemeris, flat: FlatCurve) -> tuple[float, ...]:
    """Return parts of a period [d] at which no further transit has a point."""
    fitting = []
    for part in _PARTS:
        period = ephemeris.period / part
        if period > 2 * ephemeris.duration:
            numbers = transit_numbers(replace(ephemeris, period=period), flat)
            if not (numbers % part).any():
                fitting.append(period)
    return tuple(fitting)
