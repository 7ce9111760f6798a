"""The fold as a picture: near the transit, and over the whole orbit.

As Shallue & Vanderburg 2018 (AJ 155, 94) divide it, in fewer bins, scaled to a depth of 1. They are
for people: what a model learns of bins of 127 days is noise, and it is better without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.folding import view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["global_view", "local_view", "secondary_view"]

_LOCAL_BINS, _LOCAL_REACH = 25, 2.0
"""How many bins there are, and how many durations they reach from mid-transit."""
_LOCAL_WIDTH = 1 / 6
"""Of each, in durations."""
_GLOBAL_BINS = 41


def local_view(candidate: Candidate) -> NDArray[np.float64]:
    """Return the flux near the transit in depths, shape ``(25,)``."""
    return _near(candidate, 0.0)


def global_view(candidate: Candidate) -> NDArray[np.float64]:
    """Return the flux over the orbit in depths, shape ``(41,)``; a bin is a transit or wider."""
    folded = candidate.folded
    period = folded.ephemeris.period
    means = view(
        folded,
        reach=period / 2,
        bins=_GLOBAL_BINS,
        width=max(period / _GLOBAL_BINS, folded.duration),
    )
    return np.asarray(means / candidate.depth)


def secondary_view(candidate: Candidate) -> NDArray[np.float64]:
    """Return the flux near the strongest event away from the transit in depths, shape ``(25,)``.

    NaN where the orbit has no such event.
    """
    phase = candidate.events.secondary_phase
    if not np.isfinite(phase):
        return np.full(_LOCAL_BINS, np.nan)
    return _near(candidate, phase)


def _near(candidate: Candidate, centre: float) -> NDArray[np.float64]:
    folded = candidate.folded
    means = view(
        folded,
        reach=_LOCAL_REACH * folded.duration,
        bins=_LOCAL_BINS,
        width=_LOCAL_WIDTH * folded.duration,
        centre=centre,
    )
    return np.asarray(means / candidate.depth)
