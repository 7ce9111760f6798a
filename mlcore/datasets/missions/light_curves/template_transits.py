"""Transit by transit with the fold's own shape: what varies from one to the next."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["FLOORS", "TEMPLATE_TRANSITS"]

FLOORS = {"": 0.0, "_floor_3": 0.03, "_floor_8": 0.08}
"""Uncertainty of each depth beside the noise, in depths of the fold."""

_IN_WORDS = {"": "", "_floor_3": ", each uncertain by 3 %", "_floor_8": ", each uncertain by 8 %"}

TEMPLATE_TRANSITS = VettingTest(
    name="template_transits",
    title="Transit by transit, in the fold's shape",
    question="Are all transits alike?",
    formula="Depth of the fold's trapezoid beside a line in each transit by itself",
    columns=(
        *(
            columns.number(name=f"{value}{name}", meaning=f"{meaning}{_IN_WORDS[name]}")
            for name in FLOORS
            for value, meaning in (
                ("template_chi_square", "Reduced chi square of the fitted depths"),
                ("template_odd_even", "Odd less even fitted depth, in errors"),
                (
                    "template_odd_even_over_spread",
                    "Odd less even fitted depth, in errors as depths spread",
                ),
            )
        ),
        columns.number(
            name="template_deviation", meaning="Robust deviation of the fitted depths, in depths"
        ),
        columns.number(
            name="template_excess", meaning="Spread of the fitted depths beyond their errors"
        ),
        columns.number(
            name="template_median_over_mean", meaning="Median over mean of the fitted depths"
        ),
        columns.number(name="template_shallowest", meaning="Shallowest over mean fitted depth"),
        columns.number(name="template_deepest", meaning="Deepest over mean fitted depth"),
        columns.number(
            name="template_residual",
            meaning="Logarithm of the squares for each point that the middle fit leaves",
        ),
        columns.number(
            name="template_worst_residual",
            meaning="Logarithm of the squares for each point that the worst fit leaves",
        ),
        columns.number(
            name="template_median_strength", meaning="Strength of the middle one of the fitted ones"
        ),
        columns.number(
            name="template_largest_share",
            meaning="Part of the signal that the strongest fitted transit makes",
        ),
        columns.number(
            name="template_present_share", meaning="Share of the transits that are there by a fit"
        ),
    ),
    sources=(papers.ROBOVETTER,),
)
