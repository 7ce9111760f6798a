"""What else is in the same light curve."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["OTHERS"]

OTHERS = VettingTest(
    name="others",
    title="Other signals",
    question="Is another transit signal in the curve?",
    formula="Strongest signal of the same curve when this one is hidden",
    columns=(
        columns.number(name="other_strength", meaning="Strength of the strongest other signal"),
        columns.number(
            name="other_inverted",
            meaning="Strength of the strongest bump upwards in the search for it",
        ),
        columns.number(
            name="other_period_ratio", meaning="Logarithm of its period over the signal's"
        ),
        columns.number(
            name="other_commensurate", meaning="How far the ratio of periods is from a half integer"
        ),
    ),
    sources=(papers.MULTIPLES,),
)
