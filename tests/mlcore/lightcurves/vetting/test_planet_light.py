"""How deep the occultation of a planet may be, and what is no planet's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.planet_light import (
    BRIGHTEST,
    brightest_share,
    orbit_radius,
    unexplained,
)
from tests.mlcore.lightcurves.made_curves import dip, flat_of
from tests.mlcore.lightcurves.vetting.made_signals import (
    EPHEMERIS,
    PERIOD,
    TIME,
    ended,
    later,
    made,
)

SUN = Star(log_g=4.438, radius=1.0)
"""A star of the Sun's density."""


def hot_jupiter(share: float, *, phase: float = 0.5, star: Star | None = None) -> Candidate:
    """Return a transit of one in a hundred, and an occultation of a share of that."""
    dips = dip(TIME, EPHEMERIS, 1e-2) + dip(TIME, later(phase), share * 1e-2)
    candidate = made(dips)
    return candidate if star is None else replace(candidate, star=star)


def test_the_earths_orbit_is_215_solar_radii() -> None:
    assert orbit_radius(365.25, density=1.0) == pytest.approx(215.03)
    # Kepler's third law: a³ as P², and as the density.
    assert orbit_radius(8 * 365.25, density=1.0) == pytest.approx(4 * 215.03)
    assert orbit_radius(365.25, density=8.0) == pytest.approx(2 * 215.03)


def test_a_planet_far_from_its_star_reflects_little() -> None:
    assert brightest_share(365.25, SUN) == pytest.approx(215.03**-2)
    assert brightest_share(2.0, SUN) == pytest.approx(orbit_radius(2.0, density=1.0) ** -2)
    # Never more than a tenth, also where nothing is known of the star.
    assert brightest_share(0.2, SUN) == BRIGHTEST
    assert brightest_share(365.25, Star()) == BRIGHTEST
    assert brightest_share(365.25, Star(log_g=4.4, radius=0.0)) == BRIGHTEST


@pytest.mark.parametrize("phase", [0.4, 0.5])
def test_the_occultation_of_a_hot_planet_is_no_second_star(phase: float) -> None:
    outcomes = ended(hot_jupiter(0.05, phase=phase))
    values = measure(hot_jupiter(0.05, phase=phase))
    assert values["secondary_over_tertiary"] > 5
    for name in ("secondary", "half_phase"):
        assert outcomes[name].outcome is Outcome.PASSED


def test_an_eclipse_deeper_than_a_tenth_is_a_second_stars() -> None:
    outcomes = ended(hot_jupiter(0.2))
    for name in ("secondary", "half_phase"):
        assert outcomes[name].outcome is Outcome.FAILED
        assert "planet's own light" in outcomes[name].sentence


def test_where_the_star_is_known_its_planet_may_be_no_brighter_than_a_mirror() -> None:
    # At a period of 3.7 days a planet of a star like the Sun shows 1 part in 101.
    assert brightest_share(PERIOD, SUN) == pytest.approx(1 / 101, rel=0.02)
    bright = hot_jupiter(0.05, star=SUN)
    assert ended(bright)["secondary"].outcome is Outcome.FAILED
    assert ended(hot_jupiter(0.008, star=SUN))["secondary"].outcome is Outcome.PASSED
    # A star twice the Sun's size is nearer to its planet.
    giant = Star(log_g=3.5, radius=3.0)
    assert ended(hot_jupiter(0.05, star=giant))["secondary"].outcome is Outcome.PASSED


def test_what_is_unexplained_is_the_depth_beyond_the_planets_light_in_errors() -> None:
    candidate = hot_jupiter(0.0)
    deep = 0.25 * candidate.depth
    assert unexplained(candidate, deep, 20.0) == pytest.approx(20.0 * (1 - 0.1 / 0.25))
    # Noise that is no dip stays what it is.
    assert unexplained(candidate, 0.0, 0.0) == 0.0
    bump = Candidate(folded=fold(flat_of(TIME, dip(TIME, EPHEMERIS, 1e-2)), EPHEMERIS))
    assert unexplained(bump, deep, 20.0) == 20.0
