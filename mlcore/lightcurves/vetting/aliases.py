"""Whether a signal is there at a fraction of its period: then the period is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.missions.light_curves.aliases import FRACTIONS
from mlcore.lightcurves.vetting.means import depth_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_aliases"]


def measure_aliases(candidate: Candidate) -> Mapping[str, float]:
    """Return how strong a transit is in between, in errors."""
    folded, values = candidate.folded, {}
    period, duration = folded.ephemeris.period, folded.duration
    for name, fractions in FRACTIONS.items():
        if period / (len(fractions) + 1) <= 3 * duration:
            continue
        # The weakest of them: all have to be there.
        strengths = []
        for fraction in fractions:
            depth, error = depth_at(folded, fraction * period)
            strengths.append(depth / error)
        values[f"{name}_strength"] = float(np.min(strengths)) / candidate.noise_factor
    return values
