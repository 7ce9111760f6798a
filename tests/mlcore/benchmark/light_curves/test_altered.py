"""Curves with known signals taken out, upside down, or with their seasons exchanged."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mlcore.benchmark.light_curves.altered import (
    LEARNT_ORDER,
    SCORED_ORDER,
    inverted,
    quiet_stars,
    scrambled,
    without,
)
from mlcore.benchmark.light_curves.collections import CatalogueSignal, FlattenedStar
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.light_curve import LightCurve


def curve(points: int = 803) -> LightCurve:
    generator = np.random.default_rng(0)
    return LightCurve(
        time=np.sort(generator.choice(1000, points, replace=False)) * 0.1,
        flux=1 + 1e-3 * generator.normal(size=points),
        error=np.full(points, 1e-3),
        segment=np.zeros(points, dtype=np.int64),
        time_zero=0.0,
        time_name="time",
        cadence=0.1,
    )


def star(duration: float) -> FlattenedStar:
    ephemeris = Ephemeris(period=5.0, epoch=1.0, duration=duration)
    signal = CatalogueSignal(name="K1", ephemeris=ephemeris, label=None)
    return FlattenedStar(host=f"{duration}", curve=curve(), signals=(signal,))


def test_scrambling_keeps_times_and_values_and_moves_each_eighth() -> None:
    before = curve()
    after = scrambled(before)
    np.testing.assert_array_equal(after.time, before.time)
    np.testing.assert_array_equal(np.sort(after.flux), np.sort(before.flux))
    place = {value: number for number, value in enumerate(before.flux)}
    moved = np.array([place[value] - number for number, value in enumerate(after.flux)])
    assert (np.abs(moved) >= len(before.time) // 8 - 8).all()


def test_no_season_follows_the_one_that_it_followed() -> None:
    before = curve()
    place = {value: number for number, value in enumerate(before.flux)}
    after = np.array([place[value] for value in scrambled(before).flux])
    assert (np.diff(after) != 1).sum() == 7


def test_turning_a_curve_over_turns_its_dips_into_bumps_and_back() -> None:
    before = curve()
    after = inverted(before)
    assert (after.flux - 1) == pytest.approx(1 - before.flux)
    assert inverted(after).flux == pytest.approx(before.flux)


def test_a_known_signal_is_taken_out_with_what_is_beside_it() -> None:
    ephemeris = Ephemeris(period=5.0, epoch=1.0, duration=0.4)
    before = curve()
    after = without(before, [ephemeris])
    assert not ephemeris.in_transit(after.time, widths=1.5).any()
    assert 0 < len(before.time) - len(after.time) < 0.2 * len(before.time)


def test_a_star_of_which_too_little_is_left_is_not_chosen() -> None:
    (kept,) = quiet_stars([star(0.4), star(2.0)], 10)
    assert (kept.host, kept.signals) == ("0.4", ())


def test_no_more_stars_are_chosen_than_asked_for() -> None:
    assert len(quiet_stars([star(0.2 + 0.01 * place) for place in range(9)], 4)) == 4


def test_what_is_learnt_from_is_scrambled_otherwise_than_what_is_scored() -> None:
    for order in (SCORED_ORDER, LEARNT_ORDER):
        assert sorted(order) == list(range(8))
        assert not [place for place, part in enumerate(order) if place == part]
        assert not [one for one, next_one in pairwise(order) if next_one == one + 1]
    assert not set(pairwise(SCORED_ORDER)) & set(pairwise(LEARNT_ORDER))
