"""A transit signal with all that the tests look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.vetting.phase_scan import PhaseScan, scan_phases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold
    from mlcore.lightcurves.light_curve import Centroid
    from mlcore.lightcurves.search.transits import TransitSignal

__all__ = ["NEARLY_NOTHING", "Candidate", "depth_at", "mean_in", "standard_error"]

_FAR = 3.0
"""Out to how many durations from mid-transit a depth is measured against."""

NEARLY_NOTHING = 1e-15
"""Stands for a depth of exactly 0, in which other depths are told."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """One signal of a star's light curve."""

    folded: Fold
    """The curve without trend, in which the star's other signals are hidden."""
    in_time: bool = True
    """Whether the points have times; a curve that was folded by somebody else has none."""
    star: Star = field(default_factory=Star)
    others: tuple[TransitSignal, ...] | None = None
    """What else was found in the curve, strongest first; None where nothing was searched."""
    centroid: Centroid | None = None
    """Of the folded points."""

    @cached_property
    def depth(self) -> float:
        """Mean dip within the duration against the flux beside it, relative flux."""
        beside = self.folded.between(1.0, _FAR)
        depth = mean_in(self.folded, beside) - mean_in(self.folded, self.inside)
        return depth or NEARLY_NOTHING

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which points lie in transit."""
        return self.folded.between(0.0, 0.5)

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """Which points lie well outside."""
        return self.folded.between(1.2, np.inf)

    @cached_property
    def scan(self) -> PhaseScan:
        """The depth of a box of the transit's duration at every phase."""
        return scan_phases(self.folded)

    @property
    def noise_factor(self) -> float:
        """How many times more boxes scatter than white noise."""
        return self.scan.noise_factor


def depth_at(folded: Fold, phase: float) -> tuple[float, float]:
    """Return the depth of a box of the transit's duration at a phase [d], and its white error."""
    period = folded.ephemeris.period
    apart = np.mod(folded.phase - phase + period / 2, period) - period / 2
    away = np.abs(apart) / folded.duration
    inside, beside = away < 0.5, (away > 1.0) & (away < _FAR)
    depth = mean_in(folded, beside) - mean_in(folded, inside)
    return depth, standard_error(folded, inside, beside)


def mean_in(folded: Fold, chosen: NDArray[np.bool_]) -> float:
    """Return the weighted mean deviation of some points, NaN of none."""
    weight = folded.weight[chosen]
    if not len(weight):
        return float("nan")
    return float((weight * folded.deviation[chosen]).sum() / weight.sum())


def standard_error(folded: Fold, *chosen: NDArray[np.bool_]) -> float:
    """Return the white standard error of a difference between means; NaN where one has no point."""
    totals = [folded.weight[points].sum() for points in chosen]
    if min(totals) <= 0:
        return float("nan")
    return float(np.sqrt(sum(1 / total for total in totals)))
