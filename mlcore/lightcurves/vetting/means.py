"""Weighted means of parts of a fold, and the depth of a box at any phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold

__all__ = ["FAR", "NEARLY_NOTHING", "SHALLOWEST", "depth_at", "mean_in", "standard_error"]

FAR = 3.0
"""Out to how many durations from mid-transit a depth is measured against."""

NEARLY_NOTHING = 1e-15
"""Stands for a depth of exactly 0, in which other depths are told."""

SHALLOWEST = 1e-7
"""A depth below it is none: its logarithm is taken of this."""


def depth_at(folded: Fold, phase: float) -> tuple[float, float]:
    """Return the depth of a box of the transit's duration at a phase [d], and its white error."""
    period = folded.ephemeris.period
    apart = np.mod(folded.phase - phase + period / 2, period) - period / 2
    away = np.abs(apart) / folded.duration
    inside, beside = away < 0.5, (away > 1.0) & (away < FAR)
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
