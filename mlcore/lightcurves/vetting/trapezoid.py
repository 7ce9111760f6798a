"""The trapezoid that fits a fold best, as an exposure smears it.

An exposure of half an hour makes the ingress of every short transit as long as itself: a trapezoid
that is not averaged over it finds a V where there is a floor (Kipping 2010, MNRAS 408, 1758). The
average of a trapezoid over an exposure is the difference of its integral at both ends, so that
smearing costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold

__all__ = ["INGRESSES", "TrapezoidFit", "fit_trapezoid"]

_DURATIONS: NDArray[np.float64] = 0.4 * 1.15 ** np.arange(13.0)
"""Of the ephemeris' duration that are tried."""
INGRESSES = np.array([0.02, 0.08, 0.15, 0.25, 0.35, 0.5])
"""Part of the whole duration that ingress takes; a half of it is a V."""
_SHIFTS = np.array([-0.1, 0.0, 0.1])
"""Of mid-transit [durations]."""
_REACH = 2.5
"""Out to how many durations from mid-transit points count."""
_EXPOSURES_BESIDE = 2.0
"""And how many exposures beyond the transit at least."""
_BINS_PER_DURATION = 50.0
"""Points are summed in bins so narrow that no trapezoid changes within one."""
_FEWEST = 8


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TrapezoidFit:
    """The best of all trapezoids that were tried, and how well the others fit."""

    duration: float
    """From first to last contact [durations of the fold]."""
    ingress: float
    """Part of it that ingress takes."""
    shift: float
    """Of mid-transit [durations of the fold]."""
    depth: float
    """Of the floor, relative flux."""
    error: float
    """Of the depth in white noise."""
    squares: float
    """What it leaves, in the points' variances."""
    flat_squares: float
    """What a level alone leaves."""
    points: int
    exposure: float
    """What it is averaged over [durations of the fold]."""
    tried: NDArray[np.float64]
    """Squares of the best shift for each duration and ingress, shape ``(13, 6)``."""

    def dip(self, phase: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return it at phases in durations, 1 at its floor, averaged over the exposure."""
        half = self.duration / 2
        place = np.ascontiguousarray(phase - self.shift, dtype=np.float64)
        dips = np.empty(len(place))
        _dips(place, half, self.ingress * self.duration, self.exposure / 2, dips)
        return dips

    def likelihood(self) -> NDArray[np.float64]:
        """Return how likely each duration and ingress is, in noise as large as what is left.

        Returns
        -------
        ndarray
            Of shape ``(13, 6)``; sums to 1.
        """
        relative = np.exp(-0.5 * (self.tried - self.squares) / self.left)
        return np.asarray(relative / relative.sum())

    @property
    def left(self) -> float:
        """Squares that it leaves for each point, at least 1."""
        return max(self.squares / self.points, 1.0)

    def mean_duration(self) -> tuple[float, float]:
        """Return the likely duration, and its standard deviation [durations of the fold]."""
        share = self.likelihood().sum(axis=1)
        mean = float((share * _DURATIONS).sum())
        return mean, float(np.sqrt((share * (_DURATIONS - mean) ** 2).sum()))

    def mean_ingress(self) -> float:
        """Return the likely part of the duration that ingress takes."""
        return float((self.likelihood().sum(axis=0) * INGRESSES).sum())


def fit_trapezoid(folded: Fold) -> TrapezoidFit | None:
    """Return the trapezoid that fits best, None of fewer than eight points around the transits."""
    unit = folded.duration
    exposure = folded.cadence / unit
    reach = min(max(_REACH, 0.5 + _EXPOSURES_BESIDE * exposure), folded.ephemeris.period / 2 / unit)
    place = folded.phase / unit
    near = np.abs(place) < reach
    if near.sum() < _FEWEST:
        return None
    place, weight, deviation = place[near], folded.weight[near], folded.deviation[near]
    bins = np.floor((place + reach) * _BINS_PER_DURATION).astype(np.int64)
    total: NDArray[np.float64] = np.bincount(bins, weight).astype(np.float64)
    there = total > 0
    summed = np.bincount(bins, weight * deviation)[there]
    middle = np.bincount(bins, weight * place)[there] / total[there]
    total = total[there]
    level = float(summed.sum() / total.sum())
    best = np.array([np.inf, 0.0, 0.0, 0.0, 0.0, 0.0])
    tried = np.full((len(_DURATIONS), len(INGRESSES)), np.inf)
    _best_trapezoid(
        middle,
        total,
        # About the level, so that no digits are lost.
        summed - level * total,
        _DURATIONS,
        INGRESSES,
        _SHIFTS,
        exposure / 2,
        tried,
        best,
    )
    if not np.isfinite(best[0]):
        return None
    lowered, duration, ingress, shift, depth, error = (float(value) for value in best)
    flat = float((weight * (deviation - level) ** 2).sum())
    return TrapezoidFit(
        duration=duration,
        ingress=ingress,
        shift=shift,
        depth=depth,
        error=error,
        squares=max(flat + lowered, 0.0),
        flat_squares=flat,
        points=int(near.sum()),
        exposure=exposure,
        tried=np.maximum(flat + tried, 0.0),
    )


@njit("float64(float64, float64, float64)", cache=True, nogil=True)
def _integral(place: float, half: float, ramp: float) -> float:  # pragma: no cover
    """Return a trapezoid's integral from its middle to a place."""
    away = abs(place)
    floor = half - ramp
    if away <= floor:
        area = away
    elif away < half:
        past = away - floor
        area = floor + past - past * past / (2 * ramp)
    else:
        area = floor + ramp / 2
    return area if place >= 0 else -area


@njit("float64(float64, float64, float64, float64)", cache=True, nogil=True)
def _dip(place: float, half: float, ramp: float, blur: float) -> float:  # pragma: no cover
    if blur > 0.0:
        low = _integral(place - blur, half, ramp)
        high = _integral(place + blur, half, ramp)
        return (high - low) / (2 * blur)
    away = abs(place)
    if away <= half - ramp:
        return 1.0
    return (half - away) / ramp if away < half else 0.0


@njit("void(float64[::1], float64, float64, float64, float64[::1])", cache=True, nogil=True)
def _dips(
    place: NDArray[np.float64], half: float, ramp: float, blur: float, dips: NDArray[np.float64]
) -> None:  # pragma: no cover
    for i in range(len(place)):
        dips[i] = _dip(place[i], half, ramp, blur)


@njit(
    "void(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[::1],"
    " float64, float64[:, ::1], float64[::1])",
    cache=True,
    nogil=True,
)
def _best_trapezoid(  # noqa: PLR0913 - compiled functions take no keywords
    place: NDArray[np.float64],
    weight: NDArray[np.float64],
    weighted: NDArray[np.float64],
    durations: NDArray[np.float64],
    ingresses: NDArray[np.float64],
    shifts: NDArray[np.float64],
    blur: float,
    tried: NDArray[np.float64],
    best: NDArray[np.float64],
) -> None:  # pragma: no cover
    w0 = 0.0
    wy = 0.0
    for i in range(len(place)):
        w0 += weight[i]
        wy += weighted[i]
    for d in range(len(durations)):
        half = durations[d] / 2
        for g in range(len(ingresses)):
            ramp = ingresses[g] * durations[d]
            for s in range(len(shifts)):
                wm = 0.0
                wmm = 0.0
                wmy = 0.0
                for i in range(len(place)):
                    dip = _dip(place[i] - shifts[s], half, ramp, blur)
                    wm += weight[i] * dip
                    wmm += weight[i] * dip * dip
                    wmy += weighted[i] * dip
                spread = wmm - wm * wm / w0
                if spread <= 1e-12 * w0:
                    continue
                covered = wmy - wm * wy / w0
                lowered = -covered * covered / spread
                tried[d, g] = min(tried[d, g], lowered)
                if lowered < best[0]:
                    best[0] = lowered
                    best[1] = durations[d]
                    best[2] = ingresses[g]
                    best[3] = shifts[s]
                    best[4] = -covered / spread
                    best[5] = 1 / np.sqrt(spread)
