"""How often noise alone makes a peak as strong."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.search.box_least_squares import Periodogram, box_least_squares
from mlcore.lightcurves.search.false_alarm import false_alarm_probability
from mlcore.lightcurves.search.grid import search_grid
from tests.mlcore.lightcurves.made_curves import CADENCE, NOISE, dip, noise_of, times

TIME = times(30)
GRID = search_grid(float(TIME[-1] - TIME[0]), cadence=CADENCE)


def searched(deviation: np.ndarray) -> Periodogram:
    weight = np.full(len(TIME), NOISE**-2)
    return box_least_squares(TIME, deviation, weight, GRID.periods, GRID.durations)


def made(inverted: np.ndarray) -> Periodogram:
    nothing = np.zeros(len(inverted))
    return Periodogram(
        periods=np.arange(1.0, len(inverted) + 1),
        strength=nothing,
        inverted=inverted,
        durations=nothing,
        epochs=nothing,
    )


def test_peaks_of_noise_are_false_alarms_as_often_as_it_says() -> None:
    chances = []
    for seed in range(40):
        found = searched(noise_of(TIME, seed))
        chances.append(false_alarm_probability(found, float(found.strength.max())))
    chances = np.array(chances)
    assert (chances < 0.05).mean() < 0.2
    assert (chances < 0.01).sum() <= 1
    assert 0.35 < np.median(chances) < 0.85
    assert chances.max() > 0.9


def test_a_planet_is_none() -> None:
    planet = Ephemeris(period=4.0, epoch=132.3, duration=0.15)
    found = searched(noise_of(TIME) - dip(TIME, planet, 8e-4))
    assert false_alarm_probability(found, float(found.strength.max())) < 1e-8


def test_it_falls_from_one_to_nothing_with_the_strength() -> None:
    found = searched(noise_of(TIME))
    chances = [false_alarm_probability(found, strength) for strength in (0.0, 4.5, 5.5, 6.5, 30.0)]
    assert chances[0] == 1.0
    assert (np.diff(chances) < 0).all()
    assert 0 <= chances[-1] < 1e-30


def test_it_is_the_extreme_value_distribution_of_the_bumps() -> None:
    # The quantiles of a Gumbel distribution at 3 of width 0.5, each a part of the search.
    quantiles = (np.arange(50) + 0.5) / 50
    largest = 3 - 0.5 * np.log(-np.log(quantiles))
    found = made(np.repeat(largest, 40))
    expected = 1 - np.exp(-50 * np.exp(-(6.5 - 3) / 0.5))
    assert false_alarm_probability(found, 6.5) == pytest.approx(expected, rel=0.2)
    # What noise does twice as strongly, it does at twice the strength.
    double = false_alarm_probability(made(np.repeat(2 * largest, 40)), 13.0)
    assert double == pytest.approx(false_alarm_probability(found, 6.5))


def test_a_few_large_bumps_do_not_change_it_much() -> None:
    quantiles = (np.arange(50) + 0.5) / 50
    largest = 3 - 0.5 * np.log(-np.log(quantiles))
    spoiled = largest.copy()
    spoiled[-3:] = 30.0
    plain = false_alarm_probability(made(np.repeat(largest, 40)), 6.5)
    assert false_alarm_probability(made(np.repeat(spoiled, 40)), 6.5) == pytest.approx(plain)


@pytest.mark.parametrize("count", [1, 19, 150, 199])
def test_a_small_search_cannot_tell(count: int) -> None:
    inverted = np.random.default_rng(0).random(count)
    assert np.isnan(false_alarm_probability(made(inverted), 5.0))


def test_a_search_of_two_hundred_periods_can_tell() -> None:
    inverted = np.random.default_rng(0).random(200)
    assert 0 <= false_alarm_probability(made(inverted), 5.0) < 1e-3


def test_bumps_that_are_all_the_same_cannot_tell() -> None:
    assert np.isnan(false_alarm_probability(made(np.ones(2000)), 5.0))
