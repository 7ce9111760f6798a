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

from mlcore.lightcurves.vetting import columns, papers
from mlcore.lightcurves.vetting.spec import VettingTest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["SECONDARY", "UNIQUENESS"]

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


UNIQUENESS = VettingTest(
    name="uniqueness",
    title="Uniqueness",
    question="Is there nothing as strong at other phases?",
    formula="Strength at the transit less that of the third strongest event or of the strongest"
    " bump, whichever is stronger; a box of the transit's duration at every phase",
    columns=(
        columns.number(name="noise_factor", meaning="Correlated noise over white noise"),
        columns.number(name="primary_strength", meaning="Strength at mid-transit"),
        columns.number(
            name="tertiary_strength", meaning="Strength of the third strongest event of the orbit"
        ),
        columns.number(name="bump_strength", meaning="Strength of the strongest bump upwards"),
        columns.number(
            name="uniqueness", meaning="Strength at mid-transit above all but the second event"
        ),
        columns.number(
            name="depth_range",
            meaning="Range of the depths at all other phases over the transit's depth",
        ),
    ),
    measure=measure_uniqueness,
    sources=(papers.ROBOVETTER,),
    decides="uniqueness",
    least=1.0,
    passed="Noise makes nothing as strong at other phases: the transit is stronger by {value}"
    " standard errors.",
    failed="Noise makes events as strong at other phases: the transit is stronger by only {value}"
    " standard errors.",
    needs="points at most phases of the orbit",
)

SECONDARY = VettingTest(
    name="secondary",
    title="Secondary eclipse",
    question="Is there no second eclipse, at any phase?",
    formula="Strength of the second strongest event less that of the third",
    columns=(
        columns.number(
            name="secondary_strength",
            meaning="Strength of the strongest event away from the transit",
        ),
        columns.number(
            name="secondary_phase", meaning="Phase of the strongest event away from the transit"
        ),
        columns.number(
            name="secondary_depth_ratio",
            meaning="Depth of the strongest event away from the transit over the transit's",
        ),
        columns.number(
            name="primary_over_secondary",
            meaning="Strength at mid-transit above the second event's",
        ),
        columns.number(
            name="secondary_over_tertiary",
            meaning="Strength of the second event above the third's",
        ),
    ),
    measure=measure_secondary,
    sources=(papers.ROBOVETTER,),
    decides="secondary_over_tertiary",
    most=3.0,
    passed="The strongest event at another phase stands out from the noise by {value} standard"
    " errors only.",
    failed="At another phase there is an event that stands out from the noise by {value} standard"
    " errors: a second eclipse.",
    needs="points at most phases of the orbit",
)
