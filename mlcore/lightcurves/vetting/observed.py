"""When and how a star was observed: what a fold no longer tells, and some tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.light_curve import Centroid, LightCurve

__all__ = ["Observed", "edges_of"]

_GAP = 0.25
"""Time without a point from which there is a gap [d]: a star that a spacecraft turned away from
for so long comes back at another brightness, on pixels of another temperature."""
_CADENCES = 3.0
"""And in points that are missing: where points are far apart, a few of them are no gap."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Observed:
    """What is known of a curve beside its fluxes."""

    edges: NDArray[np.float64]
    """Where stretches without a gap begin and end, in the curve's own times [d], ascending."""
    segment: NDArray[np.int64]
    """Of each folded point, shape ``(n,)``."""
    centroid: Centroid | None = None
    """Of each folded point; None where the file has none."""
    time_zero: float = 0.0
    """Julian date of time 0; 0 where nothing says from when the file counts."""


def edges_of(curve: LightCurve) -> NDArray[np.float64]:
    """Return the times at which stretches of a curve begin and end [d], ascending.

    A stretch ends where no point follows for six hours, or another segment does.
    """
    longest = max(_GAP, (_CADENCES + 1) * curve.cadence)
    ends = np.flatnonzero((np.diff(curve.time) > longest) | (np.diff(curve.segment) != 0))
    edges = np.concatenate(
        [curve.time[:1], curve.time[ends], curve.time[ends + 1], curve.time[-1:]]
    )
    return np.asarray(np.sort(edges))
