"""Whether the transit is as long as the star's density lets it be.

A planet's transit is longest where it crosses the middle of the star. One that takes much longer
is in front of a larger star than the catalogue's, such as a giant behind it; one that is much
shorter is none of this star's, or grazes it (Seager & Mallén-Ornelas 2003, ApJ 585, 1038).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcore.lightcurves.ephemeris import longest_transit
from mlcore.lightcurves.vetting import columns, papers
from mlcore.lightcurves.vetting.spec import VettingTest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["DENSITY"]


def measure_density(candidate: Candidate) -> Mapping[str, float]:
    """Return how long the transit takes in central transits at the star's density."""
    density, fit, folded = candidate.star.density, candidate.trapezoid, candidate.folded
    if fit is None or density is None or not (math.isfinite(density) and density > 0):
        return {}
    central = float(longest_transit(folded.ephemeris.period, density=density))
    # A large planet begins and ends its transit by its own radius beside the star.
    central *= 1 + math.sqrt(min(max(fit.depth, 0.0), 1.0))
    return {"duration_over_central": fit.duration * folded.duration / central}


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
    measure=measure_density,
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
