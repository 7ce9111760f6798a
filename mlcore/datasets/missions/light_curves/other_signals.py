"""What else is in the same light curve."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["OTHERS", "PLACES"]

PLACES = {"other": "strongest", "second_other": "second strongest"}

OTHERS = VettingTest(
    name="others",
    title="Other signals",
    question="Is another transit signal in the curve?",
    formula="Strongest signals of the same curve that are at no simple ratio of this one's period",
    columns=(
        columns.number(name="search_strength", meaning="Strength of the signal in the search"),
        columns.number(
            name="search_rank", meaning="Strength of the signal in the search above the next one's"
        ),
        *(
            columns.number(name=f"{name}_{value}", meaning=meaning.format(which))
            for name, which in PLACES.items()
            for value, meaning in (
                ("strength", "Strength of the {} other signal"),
                (
                    "over_inverted",
                    "Strength of the {} other signal above the strongest bump's in the search",
                ),
            )
        ),
        columns.number(
            name="other_inverted", meaning="Strength of the strongest bump upwards of all searches"
        ),
        columns.number(
            name="others_sum", meaning="Strength of all other signals above what noise reaches"
        ),
        columns.number(name="others_strong", meaning="Number of strong other signals"),
        columns.number(
            name="other_period_ratio",
            meaning="Logarithm of the ratio of the strongest other signal's period to the signal's",
        ),
        columns.number(
            name="other_duration_index",
            meaning="Logarithm of the ratio of both durations, each over the cube root of its"
            " period",
        ),
    ),
    sources=(papers.MULTIPLES,),
)
