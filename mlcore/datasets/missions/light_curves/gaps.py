"""Whether the signal is more than what happens beside gaps."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["GAPS"]

GAPS = VettingTest(
    name="gaps",
    title="Gaps and ends",
    question="Is the signal more than what happens beside gaps?",
    formula="Share of the transits that are less than a duration from a gap of six hours or more,"
    " or from an end of the curve",
    columns=(
        columns.bookkeeping(name="beside_gaps", meaning="Share of the transits beside gaps"),
        columns.bookkeeping(
            name="strength_without_gaps", meaning="Strength of the transits that are not"
        ),
    ),
    sources=(papers.ROBOVETTER,),
    decides="beside_gaps",
    most=0.5,
    passed="Of the transits a share of {value} lies beside gaps or ends of the curve.",
    failed="Of the transits a share of {value} lies beside gaps or ends of the curve, where flux is"
    " often wrong.",
    needs="a transit with points inside and beside it, and the times of the points",
)
