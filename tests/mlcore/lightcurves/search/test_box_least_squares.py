"""The strongest box at each trial period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from astropy.timeseries import BoxLeastSquares

from mlcore.lightcurves.search.box_least_squares import Periodogram, box_least_squares
from tests.mlcore.lightcurves.made_curves import NOISE, noise_of, times

# From one to the next the last transit of 30 days moves by less than half a duration.
PERIODS = 1 / np.linspace(1 / 10, 1, 1500)[::-1]
DURATIONS = np.array([0.08, 0.1, 0.12, 0.16, 0.2])
FIELDS = ("periods", "strength", "inverted", "durations", "epochs")


class Injected:
    """A curve with gaps and unequal errors in which a box is hidden."""

    def __init__(self, seed: int, depth: float = 8e-4) -> None:
        rng = np.random.default_rng(seed)
        time = times(30)
        gap = rng.uniform(135, 150)
        time = time[(time < gap) | (time > gap + 3.3)]
        self.time = time[rng.random(len(time)) > 0.1]
        self.error = rng.uniform(1e-4, 4e-4, len(self.time))
        self.period = rng.uniform(2, 8)
        self.epoch = rng.uniform(131.5, 131.5 + self.period)
        apart = (self.time - self.epoch + self.period / 2) % self.period - self.period / 2
        self.deviation = rng.normal(0, self.error) - depth * (abs(apart) < 0.06)
        self.weight = self.error**-2

    def search(self, **changed: Any) -> Periodogram:
        taken = {"time": self.time, "deviation": self.deviation, "weight": self.weight}
        taken |= {"periods": PERIODS, "durations": DURATIONS} | changed
        return box_least_squares(**taken)


@pytest.mark.parametrize("seed", range(6))
def test_it_finds_what_astropy_finds(seed: int) -> None:
    curve = Injected(seed)
    found = curve.search()
    theirs = BoxLeastSquares(curve.time, curve.deviation, dy=curve.error).power(
        PERIODS, DURATIONS, objective="snr", oversample=10
    )
    best = int(found.strength.argmax())
    # The same trial period, or the one beside it, where both are as strong.
    assert abs(best - int(theirs.depth_snr.argmax())) <= 1
    assert found.periods[best] == pytest.approx(curve.period, abs=0.02)
    # Astropy's boxes begin at ten places of the shortest duration, these at three.
    assert 5 / 6 < found.strength[best] / theirs.depth_snr.max() < 1.02
    assert np.median(found.strength / theirs.depth_snr) == pytest.approx(1.0, abs=0.06)
    assert found.durations[best] == pytest.approx(0.12, abs=0.04)
    cycles = (found.epochs[best] - curve.epoch) / found.periods[best]
    # A third of the transit's duration.
    assert abs(cycles - round(cycles)) * found.periods[best] < 0.04


def test_the_epoch_is_the_first_transit_after_the_first_point() -> None:
    curve = Injected(0)
    found = curve.search()
    assert (found.epochs >= curve.time[0]).all()
    assert (found.epochs <= curve.time[0] + found.periods).all()


def test_a_box_without_noise_is_as_strong_as_its_depth_over_its_error() -> None:
    time = times(40)
    inside = abs((time - 131.5 + 2) % 4 - 2) < 0.08
    weight = np.full(len(time), NOISE**-2)
    found = box_least_squares(time, -1e-3 * inside, weight, np.array([4.0]), np.array([0.16]))
    error = NOISE * np.sqrt(1 / inside.sum() + 1 / (~inside).sum())
    # A box that begins between two bins loses a sixth at most.
    assert 5 / 6 * 0.99 < found.strength[0] * error / 1e-3 < 1.01
    assert found.durations[0] == pytest.approx(0.16, rel=0.05)


def test_bumps_upwards_are_the_dips_of_the_curve_upside_down() -> None:
    curve = Injected(1)
    upright, turned = curve.search(), curve.search(deviation=-curve.deviation)
    assert np.array_equal(upright.inverted, turned.strength)
    assert np.array_equal(upright.strength, turned.inverted)
    assert upright.strength.max() > 2 * upright.inverted.max()


def test_the_same_curve_gives_the_same_bits() -> None:
    once, again = Injected(2).search(), Injected(2).search()
    for name in FIELDS:
        assert np.array_equal(getattr(once, name), getattr(again, name))


def test_many_calls_give_what_one_gives() -> None:
    curve = Injected(3)
    whole = curve.search()
    parts = [curve.search(periods=part) for part in np.array_split(PERIODS, 7)]
    for name in FIELDS:
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert np.array_equal(getattr(whole, name), joined)


def test_the_level_and_the_unit_of_the_flux_change_nothing() -> None:
    curve = Injected(4)
    plain = curve.search()
    other = curve.search(deviation=5 + 1e3 * curve.deviation, weight=curve.weight / 1e6)
    assert other.strength == pytest.approx(plain.strength, rel=1e-6)
    assert np.array_equal(other.epochs, plain.epochs)


def test_each_period_may_have_durations_of_its_own() -> None:
    curve = Injected(5)
    same = np.tile(DURATIONS, (len(PERIODS), 1))
    assert np.array_equal(curve.search(durations=same).strength, curve.search().strength)
    near = int(abs(PERIODS - curve.period).argmin())
    own = same.copy()
    own[near] = 0.5 + np.arange(5.0) / 20
    found = curve.search(durations=own)
    assert found.durations[near] >= 0.45
    assert found.strength[near] < 0.7 * curve.search().strength[near]


def test_points_of_a_fast_cadence_that_share_a_bin_keep_the_result() -> None:
    fast = times(20, cadence=2 / 1440)
    apart = (fast - 132.7 + 1.65) % 3.3 - 1.65
    deviation = noise_of(fast, 7, scatter=8e-4) - 8e-4 * (abs(apart) < 0.06)
    weight = np.full(len(fast), 8e-4**-2)
    periods = 1 / np.linspace(1 / 5, 1, 300)[::-1]
    found = box_least_squares(fast, deviation, weight, periods, DURATIONS)
    theirs = BoxLeastSquares(fast, deviation, dy=8e-4).power(
        periods, DURATIONS, objective="snr", oversample=10
    )
    best = int(theirs.depth_snr.argmax())
    assert abs(found.strength.argmax() - best) <= 1
    assert periods[best] == pytest.approx(3.3, abs=0.02)
    assert found.strength[best] == pytest.approx(theirs.depth_snr[best], rel=0.05)
    cycles = (found.epochs[best] - theirs.transit_time[best]) / periods[best]
    assert abs(cycles - round(cycles)) * periods[best] < 0.02


def test_short_transits_of_one_period_change_nothing_at_the_others() -> None:
    curve = Injected(5)
    each = np.tile(DURATIONS, (len(PERIODS), 1))
    each[0, 0] = 0.01
    found, plain = curve.search(durations=each), curve.search()
    for name in FIELDS:
        assert np.array_equal(getattr(found, name)[1:], getattr(plain, name)[1:])


def test_correlated_noise_divides_the_strength_at_its_duration() -> None:
    curve = Injected(0)
    plain = curve.search()
    durations = np.geomspace(0.02, 1.4, 20)
    halved = curve.search(noise_durations=durations, noise_factors=np.full(20, 2.0))
    assert halved.strength == pytest.approx(plain.strength / 2)
    assert halved.inverted == pytest.approx(plain.inverted / 2)
    # Noise of long averages only: long boxes are no longer the best.
    long = np.where(durations > 0.11, 3.0, 1.0)
    short = curve.search(noise_durations=durations, noise_factors=long)
    assert (short.durations < 0.125).mean() > 0.95
    assert (plain.durations < 0.125).mean() < 0.9


def test_a_flat_curve_has_no_box() -> None:
    time = times(20)
    found = box_least_squares(
        time, np.zeros(len(time)), np.ones(len(time)), np.array([1.0, 2.0]), DURATIONS
    )
    assert list(found.strength) == [0.0, 0.0]
    assert list(found.inverted) == [0.0, 0.0]


def test_points_of_no_weight_beside_a_dip_do_not_count() -> None:
    curve = Injected(2)
    wrong = abs(curve.time - 140) < 0.5
    spoiled = curve.deviation - 0.1 * wrong
    found = curve.search(deviation=spoiled, weight=np.where(wrong, 0.0, curve.weight))
    best = found.periods[int(found.strength.argmax())]
    assert best == pytest.approx(curve.period, abs=0.02)


def test_a_box_takes_a_third_of_the_period_at_most() -> None:
    time = times(20)
    inside = abs((time - 131.5 + 0.5) % 1 - 0.5) < 0.25
    found = box_least_squares(
        time,
        -1e-3 * inside,
        np.full(len(time), NOISE**-2),
        np.array([1.0]),
        np.array([0.1, 0.3, 0.5]),
    )
    assert found.durations[0] == pytest.approx(0.3, abs=0.01)
