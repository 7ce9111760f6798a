"""Each transit by itself: its depth as a box, and as the trapezoid of all beside a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mlcore.lightcurves.vetting.means import FAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold
    from mlcore.lightcurves.vetting.trapezoid import TrapezoidFit

__all__ = [
    "FittedTransits",
    "SingleTransits",
    "fit_templates",
    "fitted_transits",
    "single_transits",
]

_BESIDE = 0.75
"""From how many durations away the flux beside a transit is taken."""
_REACH = 2.5
_FEWEST = 5
_FEWEST_FOR_LINE = 9
"""Points that a line beside a transit takes; fewer have a level."""
_LEAST_COVERED = 0.3
"""Of the floor's depth that some point of a transit shows at least."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SingleTransits:
    """Each transit that has points inside and beside it; shape ``(t,)``."""

    number: NDArray[np.int64]
    depth: NDArray[np.float64]
    """Against the flux beside it, relative flux."""
    error: NDArray[np.float64]
    """Of white noise."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FittedTransits:
    """Each transit to which a template was fitted; shape ``(t,)``."""

    number: NDArray[np.int64]
    depth: NDArray[np.float64]
    """Of the template's floor, in the unit of what was fitted."""
    error: NDArray[np.float64]
    """Of white noise."""
    residual: NDArray[np.float64]
    """Squares that are left for each degree of freedom."""


def single_transits(folded: Fold) -> SingleTransits:
    """Return the depth of each transit by itself."""
    near = np.abs(folded.phase) < min(FAR * folded.duration, folded.ephemeris.period / 2)
    numbers, which = np.unique(folded.number, return_inverse=True)
    means, weights, points = [], [], []
    for part in (folded.between(0.0, 0.5) & near, folded.between(_BESIDE, np.inf) & near):
        weight, place = folded.weight[part], which[part]
        total = np.bincount(place, weight, minlength=len(numbers))
        summed = np.bincount(place, weight * folded.deviation[part], minlength=len(numbers))
        with np.errstate(divide="ignore", invalid="ignore"):
            means.append(summed / total)
        weights.append(total)
        points.append(np.bincount(place, minlength=len(numbers)))
    kept = (points[0] > 0) & (points[1] >= 2)
    return SingleTransits(
        number=numbers[kept],
        depth=(means[1] - means[0])[kept],
        error=np.sqrt(1 / weights[0][kept] + 1 / weights[1][kept]),
    )


def fitted_transits(folded: Fold, fit: TrapezoidFit) -> FittedTransits:
    """Return the depth of each transit, of the shape that fits all of them best."""
    reach = min(
        max(_REACH * folded.duration, folded.duration / 2 + 2 * folded.cadence),
        folded.ephemeris.period / 2,
    )
    near = np.abs(folded.phase) < reach
    return fit_templates(
        number=folded.number[near],
        phase=folded.phase[near] / folded.duration,
        value=folded.deviation[near],
        weight=folded.weight[near],
        template=fit.dip(folded.phase[near] / folded.duration),
    )


def fit_templates(
    *,
    number: NDArray[np.int64],
    phase: NDArray[np.float64],
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    template: NDArray[np.float64],
) -> FittedTransits:
    """Return how deep a template is in each transit, beside a line, by weighted least squares.

    Parameters
    ----------
    number
        Of the transit that each point lies at, ascending, shape ``(n,)``.
    phase, value, weight
        Time from its middle in any unit, what is fitted, and its inverse variance, shape ``(n,)``.
    template
        The dip at each point, 1 at its floor, shape ``(n,)``.

    Returns
    -------
    FittedTransits
        Those with five points or more, of which one is in transit.
    """
    edges = np.flatnonzero(np.diff(number, prepend=number[:1] - 1, append=number[-1:] + 1))
    fitted = np.full((max(len(edges) - 1, 0), 3), np.nan)
    if len(fitted):
        _fit(
            edges,
            np.ascontiguousarray(phase, dtype=np.float64),
            np.ascontiguousarray(value, dtype=np.float64),
            np.ascontiguousarray(weight, dtype=np.float64),
            np.ascontiguousarray(template, dtype=np.float64),
            fitted,
        )
    known = np.isfinite(fitted[:, 1])
    return FittedTransits(
        number=number[edges[:-1]][known],
        depth=fitted[known, 0],
        error=fitted[known, 1],
        residual=fitted[known, 2],
    )


@njit(
    "void(int64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[:, ::1])",
    cache=True,
    nogil=True,
)
def _fit(
    edges: NDArray[np.int64],
    phase: NDArray[np.float64],
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    template: NDArray[np.float64],
    fitted: NDArray[np.float64],
) -> None:  # pragma: no cover
    for t in range(len(edges) - 1):
        begin, end = edges[t], edges[t + 1]
        count = end - begin
        if count < _FEWEST or template[begin:end].max() < _LEAST_COVERED:
            continue
        w = weight[begin:end]
        total = w.sum()
        # About the means, which is what a level of its own does.
        y = value[begin:end] - (w * value[begin:end]).sum() / total
        m = template[begin:end] - (w * template[begin:end]).sum() / total
        freedom = count - 2
        if count >= _FEWEST_FOR_LINE:
            x = phase[begin:end] - (w * phase[begin:end]).sum() / total
            across = (w * x * x).sum()
            if across > 0.0:
                # Less what a line explains of either.
                y = y - x * ((w * x * y).sum() / across)
                m = m - x * ((w * x * m).sum() / across)
                freedom -= 1
        spread = (w * m * m).sum()
        if spread <= 1e-9 * total:
            continue
        slope = (w * m * y).sum() / spread
        left = y - slope * m
        fitted[t, 0] = -slope
        fitted[t, 1] = 1 / np.sqrt(spread)
        fitted[t, 2] = (w * left * left).sum() / freedom
