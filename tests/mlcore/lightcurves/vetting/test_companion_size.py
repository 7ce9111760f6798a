"""Whether what crosses the star is as small as a planet."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlcore.benchmark.light_curves.transit_model import InjectedTransit, transit_flux
from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.reading.read import read_light_curve
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.report import vet_curve
from tests.mlcore.lightcurves.vetting.made_signals import EPHEMERIS, TIME, ended, made

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.lightcurves.vetting.candidate import Candidate

SUN = 109.08
"""In Earth radii."""


def crossed(depth: float, impact: float = 0.0, *, radius: float = 1.0) -> tuple[Candidate, float]:
    """Return a star that is crossed, limb darkening considered, and the radius of what does so."""
    transit = InjectedTransit(ephemeris=EPHEMERIS, depth=depth, impact=impact)
    candidate = made(1 - transit_flux(TIME, transit, cadence=0.02))
    return replace(candidate, star=Star(radius=radius)), SUN * radius * transit.radius


@pytest.mark.parametrize("radius", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("impact", [0.0, 0.7])
def test_a_companion_is_as_large_as_is_said_or_larger(impact: float, radius: float) -> None:
    candidate, true = crossed(0.01, impact, radius=radius)
    assert 0.75 * true < measure(candidate)["companion_radius"] < true


@pytest.mark.parametrize(
    ("depth", "radius", "outcome"),
    [
        (0.01, 1.0, Outcome.PASSED),
        (0.06, 1.0, Outcome.FAILED),
        # A brown dwarf or a star before a giant, and a giant planet before a dwarf.
        (0.01, 3.0, Outcome.FAILED),
        (0.06, 0.4, Outcome.PASSED),
    ],
)
def test_more_than_two_of_jupiters_radii_are_no_planets(
    depth: float, radius: float, outcome: Outcome
) -> None:
    candidate, _ = crossed(depth, radius=radius)
    said = ended(candidate)["size"]
    assert said.outcome is outcome
    assert ("brown dwarf" in said.sentence) == (outcome is Outcome.FAILED)


@pytest.mark.parametrize("radius", [None, math.nan, 0.0, -1.0])
def test_without_the_stars_radius_it_is_not_possible(radius: float | None) -> None:
    candidate, _ = crossed(0.01)
    said = ended(replace(candidate, star=Star(radius=radius)))["size"]
    assert said.outcome is Outcome.NOT_POSSIBLE
    assert said.sentence == "This takes the star's radius."


def test_the_false_positive_of_a_tess_sector_fails_it(light_curve_samples: Path) -> None:
    name = "tess2018206045859-s0001-0000000260271203-0120-s_lc.fits"
    (signal,) = vet_curve(read_light_curve([light_curve_samples / name]))
    failed = {one.test.name for one in signal.tests if one.outcome is Outcome.FAILED}
    assert failed == {"size"}
