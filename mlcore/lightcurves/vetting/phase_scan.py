"""A box of a transit's duration, moved through all phases of a fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.lightcurves.reading.scatter import robust_deviation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold

__all__ = ["PhaseScan", "scan_phases"]

_STEPS_PER_DURATION = 6.0
_STEPS = (30, 3000)
_LEAST_WEIGHT = 0.2
"""Of a box's usual weight, below which it is too empty to tell anything."""
_FEWEST = 10


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PhaseScan:
    """A box of the transit's duration, moved through all phases; shape ``(m,)``."""

    phase: NDArray[np.float64]
    """Middle of the box [d from mid-transit]."""
    depth: NDArray[np.float64]
    """Relative flux, positive downwards; NaN where the box is too empty."""
    strength: NDArray[np.float64]
    """Depth over its error, correlated noise considered."""
    noise_factor: float
    """How many times more boxes away from the transit scatter than white noise, at least 1."""


def scan_phases(folded: Fold) -> PhaseScan:
    """Return the depth of a box at every phase."""
    period, duration = folded.ephemeris.period, folded.duration
    steps = int(np.clip(np.ceil(period / duration * _STEPS_PER_DURATION), *_STEPS))
    place = np.minimum(((folded.phase / period + 0.5) * steps).astype(np.int64), steps - 1)
    weight = np.bincount(place, folded.weight, minlength=steps)
    summed = np.bincount(place, folded.weight * folded.deviation, minlength=steps)
    box = max(1, round(duration / period * steps))
    totals = _running(weight, box)
    sums = _running(summed, box)
    there = totals > 0
    if there.any():
        there &= totals > _LEAST_WEIGHT * np.median(totals[there])
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.where(there, -sums / totals, np.nan)
        white = np.where(there, -sums / np.sqrt(totals), np.nan)
    middle = -period / 2 + (np.arange(steps) + box / 2) * period / steps
    phase = np.mod(middle + period / 2, period) - period / 2
    far = there & (np.abs(phase) > 1.5 * duration)
    factor = max(1.0, robust_deviation(white[far])) if far.sum() > _FEWEST else 1.0
    return PhaseScan(phase=phase, depth=depth, strength=white / factor, noise_factor=factor)


def _running(values: NDArray[Any], box: int) -> NDArray[np.float64]:
    summed = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[:box]]))])
    return np.asarray(summed[box : box + len(values)] - summed[: len(values)])
