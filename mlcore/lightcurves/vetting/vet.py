"""From a light curve and an ephemeris to what the tests measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError
from mlcore.lightcurves.detrending import detrend
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.light_curve import Centroid
from mlcore.lightcurves.noise import flat_curve
from mlcore.lightcurves.search.grid import search_grid
from mlcore.lightcurves.search.transits import LONGEST_DURATION, search_flat_curve
from mlcore.lightcurves.vetting.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.noise import FlatCurve
    from mlcore.lightcurves.search.transits import TransitSignal

__all__ = ["candidate_of"]

_FEWEST_IN_TRANSIT = 2
_FAR_ABOVE = 5.0
"""Deviations above the trend that no point of a candidate has."""
_SAME_PERIOD = 0.001
"""Part of a period by which two signals of the same transits may differ; planets of two to one are
mostly farther from it."""
_LEAST_LEFT = 0.5
"""Of the points; where the signal itself takes more, nothing else is searched."""


def candidate_of(
    curve: LightCurve,
    ephemeris: Ephemeris,
    *,
    hidden: Sequence[Ephemeris] = (),
    look_for_others: bool = True,
) -> Candidate:
    """Return a signal of a light curve with all that the tests look at.

    The trend does not see the transits, so that it takes nothing of their depth.

    Parameters
    ----------
    curve
        As it was read.
    ephemeris
        When the signal's transits are, in the curve's own times.
    hidden
        The star's other known signals, whose transits are left out, also where they overlap the
        signal's own; where the period is the same, its double or its triple, or nothing would be
        left, what they share is kept.
    look_for_others
        Whether to search the curve for another signal, in a second or so.

    Raises
    ------
    DataError
        When fewer than two points lie in transit, or the curve has no trend.
    """
    own = _in_transit(curve, ephemeris)
    others = np.zeros(len(curve.time), dtype=bool)
    for other in hidden:
        theirs = _in_transit(curve, other)
        if ephemeris.is_alias_of(other, within=_SAME_PERIOD) or not (own & ~theirs).any():
            # What they share is the signal itself.
            theirs &= ~own
        others |= theirs
    longest = max(LONGEST_DURATION, ephemeris.duration)
    own &= ~others
    detrended = detrend(curve, longest_duration=longest, masked=own | others)
    flat = flat_curve(curve, detrended, quiet=~(own | others))
    kept = ~others[detrended.kept] & (flat.deviation < _FAR_ABOVE * flat.scatter)
    used = flat.take(kept)
    folded = fold(used, ephemeris)
    if folded.between(0.0, 0.5).sum() < _FEWEST_IN_TRANSIT:
        raise DataError(
            f"The light curve has fewer than {_FEWEST_IN_TRANSIT} points in transit at a period of"
            f" {ephemeris.period:.6g} d and an epoch of {ephemeris.epoch:.6g} d."
        )
    centroid = curve.centroid
    if centroid is not None:
        centroid = Centroid(
            column=centroid.column[detrended.kept][kept], row=centroid.row[detrended.kept][kept]
        )
    return Candidate(
        folded=folded,
        star=curve.star,
        others=_others(curve, flat, own[detrended.kept]) if look_for_others else None,
        centroid=centroid,
    )


def _in_transit(curve: LightCurve, ephemeris: Ephemeris) -> NDArray[np.bool_]:
    """Tell which points have transit in their exposure."""
    return ephemeris.in_transit(curve.time, widths=1 + curve.cadence / ephemeris.duration)


def _others(
    curve: LightCurve, flat: FlatCurve, own: NDArray[np.bool_]
) -> tuple[TransitSignal, ...] | None:
    """Return the strongest other signal, however weak, None where nothing can be searched.

    Too few points are left for it, or the curve is too short or too long for a grid of periods.
    """
    if own.mean() > 1 - _LEAST_LEFT:
        return None
    try:
        grid = search_grid(curve.span, cadence=curve.cadence, density=curve.star.density)
    except DataError:
        return None
    return search_flat_curve(flat.take(~own), grid, limit=0.0, most=1)[0]
