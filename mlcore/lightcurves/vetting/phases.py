"""How deep a box of the transit's duration is at every phase: the model-shift idea.

A planet's transit is the strongest event of its fold by far. A second one at another phase is an
eclipse of the companion, and events as strong at any phase, or bumps upwards, say that the noise
does such things by itself (Coughlin et al. 2017, "Robovetter", ApJS 224, 12; there with the
transit's model instead of a box).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_secondary", "measure_uniqueness"]

_FEWEST = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Events:
    """The strongest events of an orbit, in standard errors, NaN where there are none."""

    primary: float
    secondary: float
    secondary_phase: float
    secondary_depth: float
    tertiary: float
    bump: float


def _events(candidate: Candidate) -> _Events:
    scan, folded = candidate.scan, candidate.folded
    period, duration, strength = folded.ephemeris.period, folded.duration, scan.strength
    away, there = np.abs(scan.phase), np.isfinite(scan.strength)
    near = there & (away <= duration / 2)
    far = there & (away > 2 * duration)
    primary = _largest(strength, near)
    if far.sum() <= _FEWEST:
        nothing = float("nan")
        return _Events(
            primary=primary,
            secondary=nothing,
            secondary_phase=nothing,
            secondary_depth=nothing,
            tertiary=nothing,
            bump=nothing,
        )
    at = int(np.argmax(np.where(far, strength, -np.inf)))
    apart = np.abs(np.mod(scan.phase - scan.phase[at] + period / 2, period) - period / 2)
    return _Events(
        primary=primary,
        secondary=float(strength[at]),
        secondary_phase=float(away[at]) / period,
        secondary_depth=float(scan.depth[at]),
        tertiary=_largest(strength, far & (apart > 2 * duration)),
        bump=_largest(-strength, far),
    )


def _largest(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    return float(values[chosen].max()) if chosen.any() else float("nan")


def measure_uniqueness(candidate: Candidate) -> Mapping[str, float]:
    """Return how far the transit stands out from what noise does at other phases."""
    scan, events = candidate.scan, _events(candidate)
    values = {
        "noise_factor": scan.noise_factor,
        "primary_strength": events.primary,
        "tertiary_strength": events.tertiary,
        "bump_strength": events.bump,
        "uniqueness": events.primary - float(np.fmax(events.tertiary, events.bump)),
    }
    wide = np.isfinite(scan.depth) & (np.abs(scan.phase) > 1.5 * candidate.folded.duration)
    if wide.sum() > _FEWEST:
        low, high = np.percentile(scan.depth[wide], [5, 95])
        values["depth_range"] = float(high - low) / candidate.depth
    return values


def measure_secondary(candidate: Candidate) -> Mapping[str, float]:
    """Return what the strongest event away from the transit is."""
    events = _events(candidate)
    return {
        "secondary_strength": events.secondary,
        "secondary_phase": events.secondary_phase,
        "secondary_depth_ratio": events.secondary_depth / candidate.depth,
        "primary_over_secondary": events.primary - events.secondary,
        "secondary_over_tertiary": events.secondary - events.tertiary,
    }
