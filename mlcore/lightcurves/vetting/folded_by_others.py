"""A signal of which only the fold is left: flux in bins of phase, at a known ephemeris."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.noise import FlatCurve
from mlcore.lightcurves.reading.scatter import neighbour_scatter, robust_deviation
from mlcore.lightcurves.vetting.candidate import Candidate

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["candidate_of_fold"]

_FEWEST = 300
_WINDOW_DURATIONS, _WINDOW_PERIODS = 3.0, 0.05
"""The trend's window, whichever is wider: in durations, and in periods."""
_SHORTEST = 1.5
"""Bins that a transit covers at least."""
_MASKED = 0.75
"""Durations before and after mid-transit that the trend does not see."""


def candidate_of_fold(flux: NDArray[np.float64], *, period: float, duration: float) -> Candidate:
    """Return a signal whose curve somebody else has folded.

    Parameters
    ----------
    flux
        Flux in equal bins of phase, mid-transit in the middle of them; NaN where a bin has no
        point; in any unit, shape ``(n,)``.
    period, duration
        Of the orbit, and of the transit [d].

    Raises
    ------
    DataError
        When fewer than 300 bins have flux, or it is the same in all.
    """
    known = np.isfinite(flux)
    if known.sum() < _FEWEST:
        raise DataError(
            f"The fold has {known.sum()} bins with flux; at least {_FEWEST} are needed."
        )
    count = len(flux)
    spacing = period / count
    ephemeris = Ephemeris(
        period=period, epoch=0.0, duration=min(max(duration, _SHORTEST * spacing), 0.49 * period)
    )
    phase: NDArray[np.float64] = np.linspace(-period / 2, period / 2, count + 1)[:-1] + spacing / 2
    filled = np.interp(phase, phase[known], flux[known])
    relative = filled / np.median(filled) - 1
    inside = np.abs(phase) < _MASKED * ephemeris.duration
    seen = relative.copy()
    seen[inside] = np.interp(phase[inside], phase[~inside], relative[~inside])
    window = int(max(_WINDOW_DURATIONS * ephemeris.duration / spacing, _WINDOW_PERIODS * count))
    deviation = relative - median_filter(seen, window | 1, mode="wrap")
    scatter = max(robust_deviation(deviation[~inside]), neighbour_scatter(relative))
    if scatter <= 0:
        raise DataError("The flux of the fold is the same in nearly all bins.")
    # A bin averages as an exposure does.
    flat = FlatCurve(
        time=phase, deviation=deviation, scatter=np.full(count, scatter), cadence=spacing
    )
    return Candidate(folded=fold(flat, ephemeris), in_time=False)
