"""Whether what crosses the star is as small as a planet."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest
from mlcore.datasets.radii import LARGEST_PLANET

__all__ = ["SIZE"]

SIZE = VettingTest(
    name="size",
    title="Size",
    question="Is what crosses the star as small as a planet?",
    formula="Star's radius times the square root of the share of its disc that the fitted depth"
    " takes to be covered, were all of it as bright as its middle",
    columns=(
        # No feature: stars that are followed up have better radii, whatever their signals are.
        columns.bookkeeping(
            name="companion_radius",
            unit="R_earth",
            meaning="Smallest radius of what crosses the star, by the depth and the star's radius",
        ),
    ),
    sources=(papers.INFLATED,),
    decides="companion_radius",
    # One in a thousand of the archive's confirmed KOIs is larger, none of its confirmed TOIs, and a
    # quarter of the KOIs that are false positives.
    most=LARGEST_PLANET,
    passed="What crosses the star has {value} Earth radii at least, if the star's radius is right.",
    failed="What crosses the star has {value} Earth radii at least: it is a star or a brown dwarf,"
    " or the star is smaller than its radius says.",
    needs="the star's radius",
)
