"""Folds as they are drawn: means in bins of phase, around the transit and elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.lightcurves.drawing.thinning import rounded, some_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold
    from mlcore.lightcurves.vetting.candidate import Candidate
    from mlcore.lightcurves.vetting.report import VettedSignal

__all__ = ["drawn_folds", "near_transit"]

_SINGLE_POINTS = 1500
"""Near the transit that are drawn one by one."""
_NEAR = 3.0
"""Durations before and after mid-transit that are drawn."""
_NEAR_BINS, _WHOLE_BINS = 60, 300
_HOURS = 24.0


def near_transit(candidate: Candidate) -> tuple[NDArray[np.bool_], float]:
    """Return which points of a fold are drawn near the transit, and how far from it [d]."""
    folded = candidate.folded
    reach = min(_NEAR * folded.duration, folded.ephemeris.period / 2)
    return np.abs(folded.phase) <= reach, reach


def drawn_folds(vetted: VettedSignal) -> dict[str, Any]:
    """Return a signal's folds in bins, and single points near the transit.

    Parameters
    ----------
    vetted
        The signal with what the tests looked at.

    Returns
    -------
    dict
        Fields of a `SignalRecord`.
    """
    candidate, period = vetted.candidate, vetted.ephemeris.period
    folded = candidate.folded
    near, reach = near_transit(candidate)
    single = near & some_of(near, _SINGLE_POINTS)
    bins = np.linspace(-reach, reach, _NEAR_BINS + 1)
    parts: dict[str, Any] = {
        "points_phase": rounded(folded.phase[single] * _HOURS),
        "points_flux": rounded(folded.deviation[single]),
    }
    parts |= _binned("near", folded, folded.phase, near, bins)
    parts["near_model"] = rounded(_trapezoid(np.array(parts["near_phase"]) / _HOURS, candidate))
    for name, odd in (("odd", 1), ("even", 0)):
        parts |= _binned(name, folded, folded.phase, near & (folded.number % 2 == odd), bins)
    everything = np.ones(len(near), dtype=bool)
    whole = np.linspace(-period / 2, period / 2, _WHOLE_BINS + 1)
    parts |= _binned("whole", folded, folded.phase, everything, whole, per=period)
    return parts | _secondary(vetted, bins, reach)


def _binned(
    name: str,
    folded: Fold,
    phase: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    edges: NDArray[np.float64],
    *,
    per: float = 1 / _HOURS,
) -> dict[str, Any]:
    """Return weighted means in bins of phase that have points, with their errors."""
    count = len(edges) - 1
    place = np.searchsorted(edges, phase[chosen], side="right") - 1
    there = (place >= 0) & (place < count)
    place, weight = place[there], folded.weight[chosen][there]
    total = np.bincount(place, weight, minlength=count)
    summed = np.bincount(place, weight * folded.deviation[chosen][there], minlength=count)
    middles = np.bincount(place, weight * phase[chosen][there], minlength=count)
    full = total > 0
    return {
        f"{name}_phase": rounded(middles[full] / total[full] / per),
        f"{name}_flux": rounded(summed[full] / total[full]),
        f"{name}_error": rounded(1 / np.sqrt(total[full])),
    }


def _secondary(vetted: VettedSignal, bins: NDArray[np.float64], reach: float) -> dict[str, Any]:
    at = vetted.values.get("secondary_phase", math.nan)
    if not math.isfinite(at):
        return {}
    folded, period = vetted.candidate.folded, vetted.ephemeris.period
    # Whichever side of the transit it is on, the value tells only how far from it.
    scan = vetted.candidate.scan
    far = np.isfinite(scan.strength) & (np.abs(scan.phase) > 2 * folded.duration)
    if not far.any():
        return {}
    middle = float(scan.phase[far][scan.strength[far].argmax()])
    phase = np.mod(folded.phase - middle + period / 2, period) - period / 2
    near = np.abs(phase) <= reach
    return {"secondary_at": middle / period, **_binned("secondary", folded, phase, near, bins)}


def _trapezoid(phase: NDArray[np.float64], candidate: Candidate) -> NDArray[np.float64]:
    """Return the trapezoid that fits best at these phases [d]; NaN where none fits."""
    fit, duration = candidate.trapezoid, candidate.folded.duration
    if fit is None:
        return np.full(len(phase), np.nan)
    return np.asarray(-fit.depth * fit.dip(phase / duration))
