"""A light curve folded at a period, and its views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.noise import FlatCurve

__all__ = ["Fold", "fold", "levelled", "view"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fold:
    """A curve without trend, folded; its points in the order of time, shape ``(n,)``."""

    ephemeris: Ephemeris
    phase: NDArray[np.float64]
    """Time from the nearest mid-transit [d]."""
    deviation: NDArray[np.float64]
    """Relative flux less that out of transit."""
    scatter: NDArray[np.float64]
    """Standard deviation of each point's noise."""
    number: NDArray[np.int64]
    """Number of the nearest transit."""
    cadence: float
    """Over how long a point is an average [d]; 0 where a fold was averaged already."""
    duration: float
    """Of the transit in this curve [d]: no shorter than a point."""

    @property
    def weight(self) -> NDArray[np.float64]:
        """Inverse variance of each point."""
        return np.asarray(1 / self.scatter**2)

    def between(self, low: float, high: float) -> NDArray[np.bool_]:
        """Tell which points are so many durations from mid-transit, on either side."""
        away = np.abs(self.phase) / self.duration
        return np.asarray((away >= low) & (away < high))


def fold(flat: FlatCurve, ephemeris: Ephemeris) -> Fold:
    """Return a curve folded at an ephemeris, with its level out of transit at 0."""
    phase = ephemeris.phase(flat.time)
    duration = min(max(ephemeris.duration, flat.cadence), ephemeris.period / 2)
    return Fold(
        ephemeris=ephemeris,
        phase=phase,
        deviation=levelled(flat.deviation, phase, flat.weight, duration),
        scatter=flat.scatter,
        number=ephemeris.number(flat.time),
        cadence=flat.cadence,
        duration=duration,
    )


def levelled(
    deviation: NDArray[np.float64],
    phase: NDArray[np.float64],
    weight: NDArray[np.float64],
    duration: float,
) -> NDArray[np.float64]:
    """Return deviations less their weighted mean out of transit, where there is any of it.

    Parameters
    ----------
    deviation, phase, weight
        As in a `Fold`, shape ``(n,)``.
    duration
        Of the transit [d].
    """
    outside = np.abs(phase) > duration
    if not outside.any():
        return deviation
    return deviation - float(np.average(deviation[outside], weights=weight[outside]))


def view(
    folded: Fold, *, reach: float, bins: int, width: float, centre: float = 0.0
) -> NDArray[np.float64]:
    """Return weighted means in bins of phase, shape ``(bins,)``.

    Parameters
    ----------
    folded
        A folded curve.
    reach
        Time before and after the centre [d].
    bins
        How many.
    width
        Of each [d]; wider than their spacing they overlap.
    centre
        Phase in the middle [d].

    Returns
    -------
    ndarray
        Relative flux less that out of transit; between its neighbours where a bin has no point,
        and NaN where none has.
    """
    period = folded.ephemeris.period
    phase = np.mod(folded.phase - centre + period / 2, period) - period / 2
    order = np.argsort(phase, kind="stable")
    ordered, weight = phase[order], folded.weight[order]
    summed = np.concatenate([[0.0], np.cumsum(weight)])
    weighted = np.concatenate([[0.0], np.cumsum(weight * folded.deviation[order])])
    middles = -reach + (np.arange(bins) + 0.5) * 2 * reach / bins
    begin = np.searchsorted(ordered, middles - width / 2)
    end = np.searchsorted(ordered, middles + width / 2)
    total = summed[end] - summed[begin]
    means = np.full(bins, np.nan)
    there = end > begin
    means[there] = (weighted[end] - weighted[begin])[there] / total[there]
    if there.any() and not there.all():
        means[~there] = np.interp(middles[~there], middles[there], means[there])
    return means
