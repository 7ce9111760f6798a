"""Light curves with transits, eclipses and noise that are known exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.lightcurves.light_curve import LightCurve, Star
from mlcore.lightcurves.noise import FlatCurve
from mlcore.lightcurves.search.template import TEMPLATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.ephemeris import Ephemeris

__all__ = ["CADENCE", "NOISE", "curve_of", "dip", "flat_of", "noise_of", "times", "triangle"]

NOISE = 2e-4
CADENCE = 0.0204


def times(days: float, *, cadence: float = CADENCE, start: float = 131.5) -> NDArray[Any]:
    return start + np.arange(0, days, cadence)


def noise_of(time: NDArray[Any], seed: int = 0, *, scatter: float = NOISE) -> NDArray[Any]:
    return np.random.default_rng(seed).normal(0, scatter, len(time))


def dip(time: NDArray[Any], ephemeris: Ephemeris, depth: float) -> NDArray[Any]:
    """Return a planet's transits, of this mean depth over their duration, above 0."""
    place = abs(ephemeris.phase(time)) / ephemeris.duration * 2
    return depth * np.interp(place, np.linspace(0, 1, len(TEMPLATE)), TEMPLATE, right=0.0)


def triangle(time: NDArray[Any], ephemeris: Ephemeris, depth: float) -> NDArray[Any]:
    """Return eclipses without a floor, of this depth in their middle, above 0."""
    place = abs(ephemeris.phase(time)) / ephemeris.duration * 2
    return depth * np.clip(1 - place, 0, None)


def curve_of(
    time: NDArray[Any], flux: NDArray[Any], *, cadence: float = CADENCE, star: Star | None = None
) -> LightCurve:
    return LightCurve(
        time=time,
        flux=flux,
        error=np.full(len(time), NOISE),
        segment=np.zeros(len(time), dtype=np.int64),
        time_zero=2454833,
        time_name="BKJD",
        cadence=cadence,
        star=star or Star(),
    )


def flat_of(
    time: NDArray[Any],
    deviation: NDArray[Any],
    *,
    scatter: Any = NOISE,
    cadence: float = CADENCE,
) -> FlatCurve:
    return FlatCurve(
        time=time,
        deviation=deviation,
        scatter=np.broadcast_to(np.asarray(scatter, dtype=float), time.shape).copy(),
        cadence=cadence,
    )
