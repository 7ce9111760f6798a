"""Whether a signal is there at a fraction of its period: then the period is too long."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["ALIASES", "FRACTIONS"]

FRACTIONS = {"half_period": (0.5,), "third_period": (1 / 3, 2 / 3)}
"""At which fractions of an orbit after a transit another one would be."""

_IN_WORDS = {"half_period": "half a period", "third_period": "a third and two thirds of a period"}

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
)
