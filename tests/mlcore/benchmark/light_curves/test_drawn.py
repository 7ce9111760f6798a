"""Which transits are put into light curves."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.benchmark.light_curves.collections import FlattenedStar
from mlcore.benchmark.light_curves.drawn import (
    LEARNT,
    LEARNT_STRONG,
    SCORED,
    Draw,
    drawn_transit,
    with_transit,
)
from mlcore.benchmark.light_curves.seconds import noise_curve

if TYPE_CHECKING:
    from mlcore.benchmark.light_curves.transit_model import InjectedTransit
    from mlcore.lightcurves.light_curve import LightCurve


def test_a_transit_that_is_drawn_could_be_a_planets_and_seen() -> None:
    curve = noise_curve(100.0)
    generator = np.random.default_rng(0)
    for transit in (drawn_transit(curve, generator) for _ in range(200)):
        ephemeris = transit.ephemeris
        assert 0.6 <= ephemeris.period <= 40
        assert 0 <= transit.impact <= 0.85
        assert transit.radius + transit.impact < 1
        assert 0.02 < ephemeris.duration < 0.6
        strength = _strength(curve, transit)
        assert transit.depth == 0.02 or strength == pytest.approx(np.clip(strength, 7.5, 85))


def test_periods_above_half_of_the_curve_are_not_drawn() -> None:
    generator = np.random.default_rng(0)
    curve = noise_curve(20.0)
    assert max(drawn_transit(curve, generator).ephemeris.period for _ in range(100)) < 10


def test_transits_to_learn_from_reach_from_half_a_day_to_the_whole_curve() -> None:
    generator = np.random.default_rng(0)
    curve = noise_curve(20.0)
    drawn = [drawn_transit(curve, generator, LEARNT).ephemeris.period for _ in range(200)]
    assert 0.5 <= min(drawn) < 0.6
    assert 18 < max(drawn) <= 20


def test_transits_to_learn_from_are_also_as_strong_as_eclipses_of_two_stars() -> None:
    curve = noise_curve(100.0)
    generator = np.random.default_rng(0)
    strengths = [
        _strength(curve, drawn_transit(curve, generator, LEARNT_STRONG)) for _ in range(200)
    ]
    assert 14 < min(strengths) < 20
    assert max(strengths) > 1000
    assert np.mean(np.array(strengths) > 80) > 0.5


@pytest.mark.parametrize("draw", [SCORED, LEARNT, LEARNT_STRONG])
def test_noise_that_hides_all_but_the_deepest_does_not_make_one_depth_of_many(draw: Draw) -> None:
    quiet = noise_curve(100.0)
    curve = dataclasses.replace(quiet, flux=1 + 40 * (quiet.flux - 1))
    generator = np.random.default_rng(0)
    depths = [drawn_transit(curve, generator, draw).depth for _ in range(200)]
    assert max(depths) <= draw.deepest
    assert np.mean(np.array(depths) > 0.999 * draw.deepest) < 0.2
    assert len(set(np.round(depths, 5))) > 100


def test_a_star_that_is_learnt_from_has_another_transit_than_where_it_is_scored() -> None:
    star = FlattenedStar(host="757076", curve=noise_curve(20.0), signals=())
    (scored, transit), (learnt, other) = with_transit(star, SCORED), with_transit(star, LEARNT)
    assert transit.ephemeris.period != other.ephemeris.period
    for made, put in ((scored, transit), (learnt, other)):
        assert [signal.ephemeris for signal in made.signals] == [put.ephemeris]
        inside = put.ephemeris.in_transit(made.curve.time, widths=0.4)
        assert (made.curve.flux[inside] < star.curve.flux[inside]).all()


def _strength(curve: LightCurve, transit: InjectedTransit) -> float:
    points = max(int(transit.ephemeris.in_transit(curve.time).sum()), 1)
    return float(transit.depth / 1e-4 * np.sqrt(points))
