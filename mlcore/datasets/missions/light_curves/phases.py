"""How deep a box of the transit's duration is at every phase: the model-shift idea."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["SECONDARY", "UNIQUENESS"]

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
    formula="How far the second strongest event stands out from the third, or is deeper than a"
    " planet's own light, whichever is less: as deep as a planet of albedo 1 is at the star's"
    " density, and a tenth of the transit at most",
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
        # It takes the star's density, which is known best of stars that were followed up.
        columns.bookkeeping(
            name="secondary_unexplained",
            meaning="Strength of the second event above the third's and above a planet's own light",
        ),
    ),
    sources=(papers.ROBOVETTER,),
    decides="secondary_unexplained",
    most=3.0,
    passed="No event at another phase is deeper than noise and a planet's own light make it: the"
    " strongest is {value} standard errors above them.",
    failed="At another phase there is an eclipse that is {value} standard errors deeper than noise"
    " and a planet's own light make it: a second star's.",
    needs="points at most phases of the orbit",
)
