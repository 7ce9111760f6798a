"""From a light curve and an ephemeris to what the tests measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError
from mlcore.lightcurves.detrending import detrend
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.light_curve import Centroid
from mlcore.lightcurves.noise import flat_curve
from mlcore.lightcurves.search.transits import LONGEST_DURATION
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.observed import Observed, edges_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.transits import TransitSearch
    from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris

__all__ = ["candidate_of"]

_FEWEST_IN_TRANSIT = 2
_FAR_ABOVE = 5.0
"""Deviations above the trend that no point of a candidate has."""
_SAME_PERIOD = 0.001
"""Part of a period by which two signals of the same transits may differ; planets of two to one are
mostly farther from it."""


def candidate_of(
    curve: LightCurve,
    ephemeris: Ephemeris,
    *,
    hidden: Sequence[Ephemeris] = (),
    search: TransitSearch | None = None,
    known: Sequence[KnownEphemeris] | None = (),
    searched: bool = False,
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
        signal's own; where the period is the same, its double or its triple, or too little would
        be left to be tested, what they share is kept.
    search
        What `search_star` found in the curve, in which other signals are looked for.
    known
        Signals of other stars nearby; None where nobody knows which stars are near.
    searched
        Whether a search chose the ephemeris, and nobody stated it.

    Raises
    ------
    DataError
        When fewer than two points lie in transit, or the curve has no trend.
    """
    own = _in_transit(curve, ephemeris)
    inside = ephemeris.in_transit(curve.time)
    others = np.zeros(len(curve.time), dtype=bool)
    for other in hidden:
        theirs = _in_transit(curve, other)
        left = (inside & ~(others | theirs)).sum()
        if ephemeris.is_alias_of(other, within=_SAME_PERIOD) or left < _FEWEST_IN_TRANSIT:
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
        if hidden:
            # Too little is left for another reason: of a trend, or above it.
            return candidate_of(curve, ephemeris, search=search, known=known, searched=searched)
        raise DataError(
            f"The light curve has fewer than {_FEWEST_IN_TRANSIT} points in transit at a period of"
            f" {ephemeris.period:.6g} d and an epoch of {ephemeris.epoch:.6g} d."
        )
    return Candidate(
        folded=folded,
        searched=searched,
        star=curve.star,
        search=search,
        observed=_observed(curve, np.flatnonzero(detrended.kept)[kept]),
        known=None if known is None else tuple(known),
    )


def _observed(curve: LightCurve, points: NDArray[np.int64]) -> Observed:
    centroid = curve.centroid
    if centroid is not None:
        centroid = Centroid(column=centroid.column[points], row=centroid.row[points])
    return Observed(
        edges=edges_of(curve),
        segment=curve.segment[points],
        centroid=centroid,
        time_zero=curve.time_zero,
    )


def _in_transit(curve: LightCurve, ephemeris: Ephemeris) -> NDArray[np.bool_]:
    """Tell which points have transit in their exposure."""
    return ephemeris.in_transit(curve.time, widths=1 + curve.cadence / ephemeris.duration)
