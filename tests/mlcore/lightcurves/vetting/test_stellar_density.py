"""Whether the transit is as long as the star's density lets it be."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.lightcurves.ephemeris import longest_transit
from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.vetting.measuring import measure
from tests.mlcore.lightcurves.made_curves import dip
from tests.mlcore.lightcurves.vetting.made_signals import (
    DURATION,
    EPHEMERIS,
    PERIOD,
    TIME,
    ended,
    made,
)

DEPTH = 2e-3
CANDIDATE = made(dip(TIME, EPHEMERIS, DEPTH))
FITTING = (longest_transit(PERIOD) * (1 + math.sqrt(DEPTH)) / DURATION) ** 3
"""Density at which the transit is central [solar densities]."""


def star(density: float) -> Star:
    return Star(log_g=4.438 + math.log10(density), radius=1.0)


@pytest.mark.parametrize(
    ("times_denser", "outcome"),
    [
        (1.0, Outcome.PASSED),
        (0.3, Outcome.PASSED),
        (12.0, Outcome.FAILED),
        (0.005, Outcome.FAILED),
    ],
)
def test_a_transit_is_as_long_as_its_star_lets_it(times_denser: float, outcome: Outcome) -> None:
    candidate = replace(CANDIDATE, star=star(times_denser * FITTING))
    ratio = measure(candidate)["duration_over_central"]
    assert ratio == pytest.approx(times_denser ** (1 / 3), rel=0.1)
    ended_so = ended(candidate)["density"]
    assert ended_so.outcome is outcome
    assert ("another star" in ended_so.sentence) == (outcome is Outcome.FAILED)


@pytest.mark.parametrize("unknown", [Star(), Star(log_g=4.4), Star(radius=1.0)])
def test_without_the_stars_density_it_is_not_possible(unknown: Star) -> None:
    outcome = ended(replace(CANDIDATE, star=unknown))["density"]
    assert outcome.outcome is Outcome.NOT_POSSIBLE
    assert outcome.sentence == "This takes the star's radius and surface gravity."
