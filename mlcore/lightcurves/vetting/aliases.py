"""Whether a signal is there at a fraction of its period: then the period is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.vetting import columns
from mlcore.lightcurves.vetting.means import depth_at
from mlcore.lightcurves.vetting.spec import VettingTest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["ALIASES"]

FRACTIONS = {"half_period": (0.5,), "third_period": (1 / 3, 2 / 3)}
"""At which fractions of an orbit after a transit another one would be."""
_IN_WORDS = {"half_period": "half a period", "third_period": "a third and two thirds of a period"}


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


ALIASES = VettingTest(
    name="aliases",
    title="Shorter period",
    question="Is there no transit in between?",
    formula="Depth of a box half a period after mid-transit as if it were another transit, over its"
    " error; of thirds the weaker one",
    columns=tuple(
        columns.number(
            name=f"{name}_strength",
            meaning=f"Strength of transits {_IN_WORDS[name]} after each",
        )
        for name in FRACTIONS
    ),
    measure=measure_aliases,
)
