"""Transits as they are drawn one by one, and where the light's centre is meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.lightcurves.drawing.thinning import rounded, some_of, spread_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["centroid_shifts", "each_transit"]

_EACH_TRANSITS, _EACH_POINTS = 24, 60
"""How many transits are drawn one by one, and how many points of each."""
_CENTROID_BINS = 30
_HOURS = 24.0


def each_transit(candidate: Candidate) -> dict[str, Any]:
    """Return when and how deep each transit is, and the points of some.

    Parameters
    ----------
    candidate
        A signal with its transits.

    Returns
    -------
    dict
        Fields of a `SignalRecord`.
    """
    folded, ephemeris = candidate.folded, candidate.folded.ephemeris
    transits = candidate.transits
    times = ephemeris.epoch + transits.number * ephemeris.period
    shown = transits.number[spread_over(len(transits.number), _EACH_TRANSITS)]
    number: list[int] = []
    phase: list[float] = []
    flux: list[float] = []
    close = np.abs(folded.phase) <= 2 * folded.duration
    for one in shown:
        here = close & (folded.number == one)
        here &= some_of(here, _EACH_POINTS)
        number += [int(one)] * int(here.sum())
        phase += rounded(folded.phase[here] * _HOURS)
        flux += rounded(folded.deviation[here])
    return {
        "transit_number": transits.number.tolist(),
        "transit_time": rounded(times, 8),
        "transit_depth": rounded(transits.depth),
        "transit_error": rounded(transits.error * candidate.noise_factor),
        "each_number": number,
        "each_phase": phase,
        "each_flux": flux,
    }


def centroid_shifts(candidate: Candidate, near: NDArray[np.bool_], reach: float) -> dict[str, Any]:
    """Return where the light's centre is against the centre beside the same transit.

    Parameters
    ----------
    candidate
        A signal of a fold of n points.
    near, reach
        Which points are drawn near the transit, shape ``(n,)``, and how far from it [d].

    Returns
    -------
    dict
        Fields of a `SignalRecord`; empty where the file has no centroids.
    """
    observed, folded = candidate.observed, candidate.folded
    centroid = None if observed is None else observed.centroid
    if centroid is None:
        return {}
    beside = near & (np.abs(folded.phase) > folded.duration)
    shifts = []
    for place in (centroid.column, centroid.row):
        shift = np.full(len(place), np.nan)
        for number in np.unique(folded.number[near]):
            here = near & (folded.number == number)
            level = place[here & beside]
            if np.isfinite(level).sum() > 1:
                shift[here] = place[here] - np.nanmedian(level)
        shifts.append(shift * 1000)
    known = near & np.isfinite(shifts[0]) & np.isfinite(shifts[1])
    if not known.any():
        return {}
    edges = np.linspace(-reach, reach, _CENTROID_BINS + 1)
    place = np.clip(np.searchsorted(edges, folded.phase[known]) - 1, 0, _CENTROID_BINS - 1)
    full = np.unique(place)
    medians = [
        [float(np.median(values[known][place == one])) for one in full]
        for values in (folded.phase * _HOURS, *shifts)
    ]
    return {
        "centroid_phase": rounded(np.array(medians[0])),
        "centroid_column": rounded(np.array(medians[1])),
        "centroid_row": rounded(np.array(medians[2])),
    }
