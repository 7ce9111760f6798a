"""How deep a box of the transit's duration is at every phase: the model-shift idea.

A planet's transit is the strongest event of its fold by far. A second one at another phase is an
eclipse of the companion, and events as strong at any phase, or bumps upwards, say that the noise
does such things by itself (Coughlin et al. 2016, "Robovetter", ApJS 224, 12; there with the
transit's model instead of a box).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.vetting.planet_light import unexplained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_secondary", "measure_uniqueness"]

_FEWEST = 5


def measure_uniqueness(candidate: Candidate) -> Mapping[str, float]:
    """Return how far the transit stands out from what noise does at other phases."""
    scan, events = candidate.scan, candidate.events
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
    events, period = candidate.events, candidate.folded.ephemeris.period
    over_third = events.secondary - events.tertiary
    return {
        "secondary_strength": events.secondary,
        "secondary_phase": abs(events.secondary_phase) / period,
        "secondary_depth_ratio": events.secondary_depth / candidate.depth,
        "primary_over_secondary": events.primary - events.secondary,
        "secondary_over_tertiary": over_third,
        "secondary_unexplained": min(
            over_third, unexplained(candidate, events.secondary_depth, events.secondary)
        ),
    }
