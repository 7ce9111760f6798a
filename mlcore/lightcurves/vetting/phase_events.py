"""The strongest events of an orbit: at mid-transit, elsewhere, and upwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold
    from mlcore.lightcurves.vetting.phase_scan import PhaseScan

__all__ = ["PhaseEvents", "phase_events"]

_FEWEST = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseEvents:
    """The strongest events of an orbit, in standard errors, NaN where there are none."""

    primary: float
    secondary: float
    secondary_phase: float
    """[d from mid-transit]."""
    secondary_depth: float
    """Relative flux."""
    tertiary: float
    bump: float


def phase_events(folded: Fold, scan: PhaseScan) -> PhaseEvents:
    """Return the strongest events of a scan of all phases."""
    period, duration, strength = folded.ephemeris.period, folded.duration, scan.strength
    away, there = np.abs(scan.phase), np.isfinite(scan.strength)
    near = there & (away <= duration / 2)
    far = there & (away > 2 * duration)
    primary = _largest(strength, near)
    if far.sum() <= _FEWEST:
        nothing = float("nan")
        return PhaseEvents(
            primary=primary,
            secondary=nothing,
            secondary_phase=nothing,
            secondary_depth=nothing,
            tertiary=nothing,
            bump=nothing,
        )
    at = int(np.argmax(np.where(far, strength, -np.inf)))
    apart = np.abs(np.mod(scan.phase - scan.phase[at] + period / 2, period) - period / 2)
    return PhaseEvents(
        primary=primary,
        secondary=float(strength[at]),
        secondary_phase=float(scan.phase[at]),
        secondary_depth=float(scan.depth[at]),
        tertiary=_largest(strength, far & (apart > 2 * duration)),
        bump=_largest(-strength, far),
    )


def _largest(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    return float(values[chosen].max()) if chosen.any() else float("nan")
