"""Whether a signal is that of another star nearby, whose light falls on this one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KNOWN"]


def _lacking(values: Mapping[str, float]) -> str:
    if values.get("known_dated", math.nan) == 0:
        return (
            "The light curve does not say from when its times count, so that its transits cannot be"
            " compared with another star's."
        )
    stars = values.get("known_stars", math.nan)
    if stars == 0:
        return "No star within four arcminutes has an ephemeris in the catalogues."
    if stars > 0:
        return (
            "What is known of the stars within four arcminutes cannot be compared: their times are"
            " too uncertain by now, their events too close together, or they lose less light than"
            " this star does."
        )
    if math.isnan(values.get("known_dated", math.nan)):
        return ""
    return (
        "Where the star is on the sky is not known: the file does not say it, and the star is in"
        " none of the catalogues."
    )


KNOWN = VettingTest(
    name="known",
    title="Known ephemerides",
    question="Is it at no ephemeris of another star nearby?",
    formula="Time between a transit and the nearest event of a known ephemeris of a star within"
    " four arcminutes, amid the curve, and by how much it grows to the curve's ends, each less"
    " three standard errors of the prediction, in durations",
    columns=(
        columns.bookkeeping(
            name="known_distance",
            meaning="Durations between its transits and the nearest known star's events",
        ),
        columns.bookkeeping(
            name="known_stars",
            meaning="Number of ephemerides of other stars nearby that are known",
        ),
        columns.bookkeeping(
            name="known_dated", meaning="Whether the curve says from when its times count"
        ),
    ),
    sources=(papers.EPHEMERIS_MATCHING,),
    decides="known_distance",
    least=0.5,
    passed="No other star nearby whose eclipses are known has them when this one dips: the nearest"
    " are {value} durations off.",
    failed="Another star nearby whose eclipses are known has them within {value} durations of"
    " these: its light may fall on this one.",
    needs="ephemerides of other stars nearby, and a curve that states its Julian dates",
    lacking=_lacking,
)
