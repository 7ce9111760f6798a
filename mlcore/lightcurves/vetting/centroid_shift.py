"""Whether the light that dims is the star's own.

When a star dims, the centre of all light in the aperture moves away from it, towards what stays
bright. By how much, over the depth, is how far from the centre of light the star is that dims: a
neighbour that is eclipsed lies pixels away (Bryson et al. 2013, PASP 125, 889).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.vetting.each_transit import fit_templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["SegmentShift", "measure_centroid", "segment_shifts"]

_REACH = 2.5
"""Out to how many durations from mid-transit the centroid counts."""
_FEWEST = 2
"""Transits of a segment, so that what they vary by is known."""
_SURE = 3.0
"""Errors by which a distance is larger than what is told at least."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentShift:
    """How far the centre of light moves in the transits of one segment."""

    segment: int
    column: float
    """In transit less beside it [pixel]."""
    row: float
    column_error: float
    """Standard error of `column` [pixel]."""
    row_error: float
    transits: int

    @property
    def error(self) -> float:
        """Of either coordinate [pixel]."""
        return math.hypot(self.column_error, self.row_error) / math.sqrt(2)


def segment_shifts(candidate: Candidate) -> tuple[SegmentShift, ...]:
    """Return how far the centre of light moves in the transits of each segment.

    In each transit the dip's shape is fitted to both coordinates, beside a line each. Columns and
    rows of two segments may be of two detectors, and are not put together.

    Returns
    -------
    tuple of SegmentShift
        Of segments with two transits or more that can be fitted.
    """
    observed, fit, folded = candidate.observed, candidate.trapezoid, candidate.folded
    if observed is None or observed.centroid is None or fit is None:
        return ()
    phase = folded.phase / folded.duration
    template = fit.dip(phase)
    near = np.abs(phase) < max(_REACH, 0.5 + 2 * folded.cadence / folded.duration)
    shifts = []
    for segment in np.unique(observed.segment):
        here = near & (observed.segment == segment)
        column, row = (
            _moved(folded.number[here], phase[here], values[here], template[here])
            for values in (observed.centroid.column, observed.centroid.row)
        )
        if column is not None and row is not None:
            shifts.append(
                SegmentShift(
                    segment=int(segment),
                    column=column[0],
                    row=row[0],
                    column_error=column[1],
                    row_error=row[1],
                    transits=min(column[2], row[2]),
                )
            )
    return tuple(shifts)


def _moved(
    number: NDArray[np.int64],
    phase: NDArray[np.float64],
    value: NDArray[np.float64],
    template: NDArray[np.float64],
) -> tuple[float, float, int] | None:
    """Return the mean shift of some transits, its error, and how many there are."""
    known = np.isfinite(value)
    fitted = fit_templates(
        number=number[known],
        phase=phase[known],
        value=value[known],
        weight=np.ones(int(known.sum())),
        template=template[known],
    )
    count = len(fitted.depth)
    if count < _FEWEST:
        return None
    scatter = math.sqrt(float(np.median(fitted.residual)))
    if scatter == 0:
        return None
    error = fitted.error * scatter
    weight = 1 / error**2
    shift = -float((weight * fitted.depth).sum() / weight.sum())
    # What shifts vary by from transit to transit, their mean may be wrong by.
    spread = float((weight * (fitted.depth + shift) ** 2).sum()) / (count - 1)
    return shift, math.sqrt(max(1.0, spread) / float(weight.sum())), count


def measure_centroid(candidate: Candidate) -> Mapping[str, float]:
    """Return how far the centre of light moves, and how far away what dims is at least."""
    shifts, fit = segment_shifts(candidate), candidate.trapezoid
    if not shifts or fit is None or not 0 < fit.depth < 1:
        return {}
    weight = np.array([1 / shift.error**2 for shift in shifts])
    squares = np.array([shift.column**2 + shift.row**2 for shift in shifts])
    # The square of noise is no shift.
    moved = float((weight * (squares - 2 / weight)).sum() / weight.sum())
    shift, error = math.sqrt(max(moved, 0.0)), math.sqrt(1 / float(weight.sum()))
    to_distance = (1 - fit.depth) / fit.depth
    chi_square = sum(
        (one.column / one.column_error) ** 2 + (one.row / one.row_error) ** 2 for one in shifts
    )
    return {
        "centroid_shift": shift,
        "centroid_strength": _as_errors(chi_square, 2 * len(shifts)),
        "centroid_distance": shift * to_distance,
        "centroid_least_distance": max(shift - _SURE * error, 0.0) * to_distance,
    }


def _as_errors(chi_square: float, freedom: int) -> float:
    """Return how many standard errors a χ² is above what noise makes.

    Its cube root is nearly normal (Wilson & Hilferty 1931, PNAS 17, 684).
    """
    unit = 2 / (9 * freedom)
    return (math.cbrt(chi_square / freedom) - (1 - unit)) / math.sqrt(unit)
