"""At which periods and durations transits are looked for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import longest_transit
from mlcore.lightcurves.search.grid import search_grid

CADENCE = 0.0204


@given(st.floats(5, 400), st.sampled_from([None, 0.1, 1.0, 3.0, 8.0]))
def test_the_last_transit_moves_by_a_third_of_a_duration_from_period_to_period(
    span: float, density: float | None
) -> None:
    periods = search_grid(span, cadence=CADENCE, density=density).periods
    moved = np.diff(periods) * span / periods[1:]
    # Of a central transit at one solar density, or the nearest that the star may have.
    usual = min(max(1.0, (density or 1.0) / 4), (density or 1.0) * 4)
    duration = longest_transit(periods[1:], density=usual)
    assert (moved < duration / 3 * 1.01).all()
    assert (moved > 0).all()
    # And no more periods than that takes.
    assert moved.max() > 0.25 * np.asarray(duration)[moved.argmax()]


def test_periods_reach_from_half_a_day_to_half_of_the_span() -> None:
    grid = search_grid(27.0, cadence=CADENCE)
    assert grid.periods[0] == pytest.approx(0.5)
    assert grid.periods[-1] == pytest.approx(13.5)
    assert len(grid.durations) == len(grid.periods)


def test_periods_lie_between_what_is_asked_for() -> None:
    grid = search_grid(27.0, cadence=CADENCE, shortest_period=2.0, longest_period=5.0)
    assert grid.periods[[0, -1]] == pytest.approx([2.0, 5.0])


def test_no_period_is_longer_than_the_span() -> None:
    assert search_grid(27.0, cadence=CADENCE, longest_period=90.0).periods[-1] == pytest.approx(27)


def test_no_period_is_shorter_than_four_points() -> None:
    assert search_grid(27.0, cadence=0.25).periods[0] == pytest.approx(1.0)


def test_durations_are_those_of_stars_from_f_to_m() -> None:
    grid = search_grid(60.0, cadence=1 / 1440)
    last = grid.durations[-1]
    assert last[0] == pytest.approx(0.45 * longest_transit(30.0, density=5.0))
    assert last[-1] == pytest.approx(1.3 * longest_transit(30.0, density=0.2))
    assert (np.diff(grid.durations, axis=1) >= 0).all()
    grows = last[1:] / last[:-1]
    assert grows[:-1] == pytest.approx(np.minimum(1.3, grows[:-1]))
    assert grows[0] == pytest.approx(1.3)
    # The middle one is what a planet of the Sun may have.
    assert last[0] < longest_transit(30.0) < last[-1]


def test_a_known_density_narrows_the_durations_to_four_times_either_way() -> None:
    unknown = search_grid(60.0, cadence=1 / 1440).durations[-1]
    known = search_grid(60.0, cadence=1 / 1440, density=1.0).durations[-1]
    assert known[0] == pytest.approx(0.45 * longest_transit(30.0, density=4.0))
    assert known[-1] == pytest.approx(1.3 * longest_transit(30.0, density=0.25))
    assert len(known) < len(unknown)


@pytest.mark.parametrize("density", [math.nan, 0.0, -1.0, math.inf])
def test_a_density_that_is_none_is_not_known(density: float) -> None:
    asked, unknown = (search_grid(30.0, cadence=CADENCE, density=each) for each in (density, None))
    assert np.array_equal(asked.durations, unknown.durations)
    assert np.array_equal(asked.periods, unknown.periods)


def test_no_transit_is_shorter_than_a_point_or_longer_than_a_part_of_the_period() -> None:
    grid = search_grid(60.0, cadence=0.06, density=5.0)
    assert grid.durations.min() == pytest.approx(0.06)
    assert (grid.durations <= 0.15 * grid.periods[:, None] + 1e-12).all()
    # Of short periods around a star that may be large, it is that part.
    wide = search_grid(60.0, cadence=CADENCE, density=0.05)
    assert wide.durations[0, -1] == pytest.approx(0.15 * wide.periods[0])


def test_a_curve_that_is_too_short_for_two_transits_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        search_grid(0.9, cadence=CADENCE)
    assert str(refused.value) == (
        "The light curve spans 0.9 days, so that periods from 0.5 to 0.45 days would be looked"
        " for, of which there are none."
    )


@pytest.mark.parametrize(("shortest", "longest"), [(5.0, 4.0), (3.0, 3.0), (1.0, -1.0)])
def test_a_range_without_a_period_is_refused(shortest: float, longest: float) -> None:
    with pytest.raises(DataError, match=r"would be looked for, of which there are none\.$"):
        search_grid(27.0, cadence=CADENCE, shortest_period=shortest, longest_period=longest)


def test_more_than_a_million_periods_are_refused() -> None:
    with pytest.raises(DataError) as refused:
        search_grid(5000.0, cadence=1e-4, shortest_period=0.1)
    assert str(refused.value) == (
        "Between 0.1 and 2.5e+03 days lie 1,235,658 trial periods for a light curve of 5000 days;"
        " at most 1,000,000 are allowed."
    )
