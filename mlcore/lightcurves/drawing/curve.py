"""A curve and a periodogram as they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.lightcurves.drawing.thinning import rounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.box_least_squares import Periodogram

__all__ = ["drawn_curve", "peaks"]

_CURVE_POINTS = 4000
"""Of a curve that are drawn at most: of a longer one, averages."""
_PERIODOGRAM_POINTS = 1500
"""Of a periodogram: of a longer one the strongest of each stretch."""


def drawn_curve(
    curve: LightCurve, trend: NDArray[np.float64], kept: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return a curve's points, or averages of neighbours within stretches without a gap.

    Parameters
    ----------
    curve
        As it was read, of n points.
    trend, kept
        What was divided out, and which points a search uses; shape ``(n,)``.

    Returns
    -------
    dict
        Fields of a `StarRecord`.
    """
    together = -(-len(curve.time) // _CURVE_POINTS)
    if together == 1:
        return {
            "averaged": 0.0,
            "time": rounded(curve.time, 7),
            "flux": rounded(curve.flux),
            "trend": rounded(trend),
            "kept": kept.tolist(),
        }
    width = together * curve.cadence
    place = np.floor((curve.time - curve.time[0]) / width).astype(np.int64)
    # What a search left out, such as a flare, would make an average that is nowhere.
    chosen = kept if kept.any() else np.ones(len(kept), dtype=bool)
    _, place = np.unique(place[chosen], return_inverse=True)
    count = np.bincount(place)
    means = [
        np.bincount(place, values[chosen]) / count for values in (curve.time, curve.flux, trend)
    ]
    return {
        "averaged": width,
        "time": rounded(means[0], 7),
        "flux": rounded(means[1]),
        "trend": rounded(means[2]),
        "kept": [True] * len(count),
    }


def peaks(periodogram: Periodogram | None) -> dict[str, Any]:
    """Return a periodogram, or the strongest of each stretch of it, by ascending period.

    As fields that a `StarRecord` and a `SignalRecord` have; empty where there is none.
    """
    if periodogram is None:
        return {"periods": [], "strengths": []}
    order = np.argsort(periodogram.periods)
    periods, strength = periodogram.periods[order], periodogram.strength[order]
    strength = np.where(np.isfinite(strength), strength, 0.0)
    together = -(-len(periods) // _PERIODOGRAM_POINTS)
    begins = np.arange(0, len(periods), together)
    best = [begin + int(strength[begin : begin + together].argmax()) for begin in begins]
    return {"periods": rounded(periods[best], 7), "strengths": rounded(strength[best], 4)}
