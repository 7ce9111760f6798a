"""Events of the orbit held against the flux right beside them."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["LOCAL_EVENTS"]

LOCAL_EVENTS = VettingTest(
    name="local_events",
    title="Dips elsewhere in the orbit",
    question="Is there a dip elsewhere, against the flux right beside it?",
    formula="Depth of a box as wide as the fitted transit against its two sides, at every phase",
    columns=(
        columns.number(
            name="local_primary", meaning="Strength of the transit in the noise of such boxes"
        ),
        columns.number(name="local_secondary", meaning="Strength of the strongest dip elsewhere"),
        columns.number(
            name="local_secondary_over_noise",
            meaning="Strength of the strongest dip elsewhere above what noise reaches",
        ),
        columns.number(name="local_bump", meaning="Strength of the strongest bump elsewhere"),
        columns.number(
            name="local_secondary_over_bump",
            meaning="Strength of the strongest dip elsewhere above the strongest bump's",
        ),
        columns.number(
            name="local_secondary_ratio",
            meaning="Depth of the strongest dip elsewhere over the transit's",
        ),
        columns.number(
            name="local_secondary_phase", meaning="Phase of the strongest dip elsewhere"
        ),
        columns.number(name="local_tertiary", meaning="Strength of the next strongest dip"),
        columns.number(
            name="local_secondary_over_tertiary",
            meaning="Strength of the strongest dip elsewhere above the next one's",
        ),
        columns.number(
            name="local_limit", meaning="Logarithm of the depth that noise hides over the transit's"
        ),
        columns.number(
            name="local_albedo",
            meaning="Logarithm of the depth of the strongest dip elsewhere times the square of the"
            " orbit's radius, in stellar radii by the transit's duration",
        ),
    ),
    sources=(papers.ROBOVETTER,),
)
