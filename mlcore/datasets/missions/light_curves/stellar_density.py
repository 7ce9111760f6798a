"""Whether the transit is as long as the star's density lets it be."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["DENSITY"]

DENSITY = VettingTest(
    name="density",
    title="Duration and density",
    question="Is the transit as long as the star's density lets it be?",
    formula="Fitted duration over that of a planet's central transit on a circular orbit at the"
    " star's density",
    columns=(
        # No feature: stars that are followed up have better densities, whatever their signals are.
        columns.bookkeeping(
            name="duration_over_central",
            meaning="Duration over a central transit's at the star's density",
        ),
    ),
    sources=(papers.DURATIONS,),
    decides="duration_over_central",
    # Less than one in a hundred of the archive's confirmed KOIs and TOIs lies outside.
    least=0.2,
    most=1.8,
    passed="The transit takes {value} times as long as one through the middle of such a star, which"
    " a planet's may.",
    failed="The transit takes {value} times as long as one through the middle of such a star: the"
    " signal is of another star, or the star's density is wrong.",
    needs="the star's radius and surface gravity",
)
