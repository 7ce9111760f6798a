"""Signals of which it is known what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets.missions.light_curves.registry import results
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.vet import candidate_of
from tests.mlcore.lightcurves.made_curves import curve_of, dip, noise_of, times, triangle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.missions.light_curves.spec import TestResult
    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["DURATION", "EPHEMERIS", "EPOCH", "PERIOD", "TIME", "ended", "later", "made", "signals"]

PERIOD, EPOCH, DURATION = 3.7, 132.41, 0.16
TIME = times(80)
EPHEMERIS = Ephemeris(period=PERIOD, epoch=EPOCH, duration=DURATION)


def later(part: float, *, period: float = PERIOD) -> Ephemeris:
    """Return events that come so many periods after the transits."""
    return Ephemeris(period=period, epoch=EPOCH + part * PERIOD, duration=DURATION)


def made(dips: NDArray[Any], *, time: NDArray[Any] = TIME, seed: int = 0) -> Candidate:
    """Return the signal at the ephemeris of a star that dips so, with noise."""
    curve = curve_of(time, 1 + noise_of(time, seed) - dips)
    return candidate_of(curve, EPHEMERIS)


def signals() -> dict[str, NDArray[Any]]:
    """Return what kinds of stars lose of their light."""
    phase = EPHEMERIS.phase(TIME)
    return {
        "planet": dip(TIME, EPHEMERIS, 1e-3),
        "binary at half its period": dip(TIME, EPHEMERIS, 1e-3)
        + dip(TIME, later(0, period=2 * PERIOD), 5e-4),
        "eccentric binary": dip(TIME, EPHEMERIS, 3e-3) + dip(TIME, later(0.4), 8e-4),
        "circular binary": dip(TIME, EPHEMERIS, 3e-3) + dip(TIME, later(0.5), 8e-4),
        "grazing binary": triangle(TIME, EPHEMERIS, 3e-3),
        "one event": 5e-3 * (abs(TIME - EPOCH - 6 * PERIOD) < DURATION / 2),
        "nothing": np.zeros(len(TIME)),
        "drawn out star": 2e-3 * np.cos(4 * np.pi * phase / PERIOD),
        "lopsided dip": dip(TIME, EPHEMERIS, 3e-3)
        * (1 + 0.9 * np.sign(phase) * (abs(phase) > 0.04)),
    }


def ended(candidate: Candidate) -> dict[str, TestResult]:
    """Return how the tests ended by their names."""
    return {result.test.name: result for result in results(measure(candidate))}
