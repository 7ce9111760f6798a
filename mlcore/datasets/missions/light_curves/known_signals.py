"""Whether a signal is that of another star nearby, whose light falls on this one."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["KNOWN"]

KNOWN = VettingTest(
    name="known",
    title="Known ephemerides",
    question="Is it at no ephemeris of another star?",
    formula="Time between a transit and the nearest event of a known ephemeris amid the curve, and"
    " by how much it grows to the curve's ends, in durations",
    columns=(
        columns.bookkeeping(
            name="known_distance",
            meaning="Durations between its transits and the nearest known star's events",
        ),
    ),
    sources=(papers.EPHEMERIS_MATCHING,),
    decides="known_distance",
    least=0.5,
    passed="No other star whose eclipses are known has them when this one dips: the nearest are"
    " {value} durations off.",
    failed="Another star whose eclipses are known has them within {value} durations of these: its"
    " light may fall on this one.",
    needs="a list of other stars' ephemerides, and a curve that states its Julian dates",
)
