"""Transit by transit: whether each is there, as deep as the others, odd ones as even ones."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["ODD_EVEN", "TRANSITS"]

TRANSITS = VettingTest(
    name="transits",
    title="Transit by transit",
    question="Is each transit there, and no single one the signal?",
    formula="Strength of the signal without its strongest transit",
    columns=(
        columns.bookkeeping(name="transits", meaning="Number of transits with points"),
        columns.number(
            name="depth_chi_square", meaning="Reduced chi square of the transits' depths"
        ),
        columns.number(
            name="depth_spread", meaning="Spread of the transits' depths beyond their errors"
        ),
        columns.number(
            name="largest_share", meaning="Part of the signal that the strongest transit makes"
        ),
        columns.number(name="median_over_mean", meaning="Median over mean depth of the transits"),
        columns.number(name="weakest_transit", meaning="Strength of the weakest transit"),
        columns.number(
            name="present_share", meaning="Share of the transits that are half as deep as the mean"
        ),
        columns.number(
            name="negative_share", meaning="Share of the transits that are bumps upwards"
        ),
        columns.number(
            name="strength_without_one", meaning="Strength without the strongest transit"
        ),
        columns.number(name="multiple_event", meaning="Strength of all transits by themselves"),
        columns.number(name="single_event", meaning="Strength of a single transit"),
        columns.number(name="depth_trend", meaning="Change of depth over time, in errors"),
    ),
    sources=(papers.ROBOVETTER,),
    decides="strength_without_one",
    least=5.0,
    passed="Without its strongest transit the signal still is {value} times its error deep.",
    failed="Without its strongest transit the signal is {value} times its error deep: one event"
    " makes it.",
    needs="two transits, each with points inside and beside it",
)

ODD_EVEN = VettingTest(
    name="odd_even",
    title="Odd and even",
    question="Are odd transits as deep as even ones?",
    formula="Difference of the mean depths of odd and even transits, over its error, by which the"
    " transits' own spread is divided out",
    columns=(
        columns.number(
            name="odd_even_strength", meaning="Odd less even depth, in errors of white noise"
        ),
        columns.number(name="odd_even_ratio", meaning="Odd less even depth, in depths"),
        columns.number(
            name="odd_even_over_spread", meaning="Odd less even depth, in errors as depths spread"
        ),
    ),
    sources=(papers.ROBOVETTER,),
    decides="odd_even_over_spread",
    most=4.0,
    passed="Odd and even transits are equally deep, within {value} standard errors.",
    failed="Odd and even transits differ in depth by {value} standard errors: two stars eclipse"
    " each other, at twice the period.",
    needs="an odd and an even transit, each with points inside and beside it",
)
