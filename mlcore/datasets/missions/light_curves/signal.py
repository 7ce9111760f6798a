"""How strong and deep a signal is, and how it compares with its orbit."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["HALF_PHASE", "SIGNAL"]

SIGNAL = VettingTest(
    name="signal",
    title="Strength",
    question="Is the signal stronger than the noise?",
    formula="Mean dip over the duration, over its error, of which correlated noise is a part",
    columns=(
        columns.log_value(name="period", unit="d", meaning="Orbital period"),
        columns.log_value(name="duration", unit="h", meaning="Transit duration"),
        columns.value(name="depth", unit="ppm", meaning="Transit depth"),
        columns.number(name="log_depth", meaning="Logarithm of the relative transit depth"),
        columns.number(name="white_strength", meaning="Strength of the signal in white noise"),
        columns.number(name="strength", meaning="Strength of the signal"),
        columns.number(name="duty_cycle", meaning="Part of the orbit that is spent in transit"),
        columns.number(
            name="duration_index",
            meaning="Logarithm of the duration over the cube root of the period, both in days",
        ),
        columns.number(
            name="scatter_over_depth", meaning="Scatter of the points out of transit in depths"
        ),
        columns.number(
            name="scatter_inside", meaning="Scatter of the points in transit over their noise"
        ),
        columns.number(
            name="searched",
            meaning="Whether a search chose period and epoch (1), or somebody stated them (0)",
        ),
    ),
    sources=(papers.RED_NOISE,),
    decides="strength",
    least=7.0,
    passed="The transits together are {value} times their error deep.",
    failed="The transits together are only {value} times their error deep: noise can make that.",
    needs="points in transit and beside it",
)

HALF_PHASE = VettingTest(
    name="half_phase",
    title="Half a period later",
    question="Is there no eclipse half a period after the transit?",
    formula="Depth of a box half a period after mid-transit, above that of a planet's own light,"
    " over its error",
    columns=(
        columns.number(
            name="half_phase_strength",
            meaning="Strength of an event half a period after the transit",
        ),
        columns.number(
            name="half_phase_ratio",
            meaning="Depth half a period after the transit over the transit's",
        ),
        columns.bookkeeping(
            name="half_phase_unexplained",
            meaning="Strength of an event half a period after the transit above a planet's light",
        ),
    ),
    sources=(papers.ROBOVETTER,),
    decides="half_phase_unexplained",
    most=4.0,
    passed="Half a period after the transit there is no eclipse deeper than a planet's own light"
    " makes it ({value} standard errors).",
    failed="Half a period after the transit the flux dips again, by {value} standard errors more"
    " than a planet's own light makes it.",
    needs="points half a period after the transit",
)
