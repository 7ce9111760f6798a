"""When transits are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import Ephemeris, longest_transit

EPHEMERIS = Ephemeris(period=4.0, epoch=10.0, duration=0.5)


def test_a_year_around_the_sun_has_a_central_transit_of_thirteen_hours() -> None:
    assert longest_transit(365.25) * 24 == pytest.approx(13.0)


def test_transits_are_longer_at_long_periods_and_shorter_in_front_of_dense_stars() -> None:
    assert longest_transit(8 * 10.0) == pytest.approx(2 * longest_transit(10.0))
    assert longest_transit(10.0, density=8) == pytest.approx(longest_transit(10.0) / 2)
    both = longest_transit(np.array([10.0, 80.0]))
    assert both == pytest.approx([longest_transit(10.0), longest_transit(80.0)])


def test_a_transit_has_the_number_of_the_nearest_mid_time() -> None:
    time = np.array([10.0, 11.99, 12.0, 12.01, 14.0, 8.0, 7.99, 6.0])
    assert list(EPHEMERIS.number(time)) == [0, 0, 1, 1, 1, 0, -1, -1]


def test_a_phase_is_the_time_from_the_nearest_mid_transit() -> None:
    time = np.array([10.0, 11.5, 12.0, 12.5, 13.75, 9.0, 6.25])
    assert list(EPHEMERIS.phase(time)) == [0.0, 1.5, -2.0, -1.5, -0.25, -1.0, 0.25]


@given(st.floats(0.1, 1000), st.floats(-1e4, 1e4), st.lists(st.floats(-1e4, 1e4), min_size=1))
def test_a_phase_is_within_half_a_period_and_leads_back_to_the_time(
    period: float, epoch: float, times: list[float]
) -> None:
    ephemeris = Ephemeris(period=period, epoch=epoch, duration=period / 10)
    time = np.array(times)
    phase = ephemeris.phase(time)
    assert (phase >= -period / 2 - 1e-9).all()
    assert (phase <= period / 2 + 1e-9).all()
    back = epoch + ephemeris.number(time) * period + phase
    assert back == pytest.approx(time, abs=1e-9)


def test_points_are_in_transit_within_half_a_duration() -> None:
    time = np.array([9.74, 9.76, 10.0, 10.24, 10.26, 14.2, 12.0])
    assert list(EPHEMERIS.in_transit(time)) == [False, True, True, True, False, True, False]


def test_a_window_may_be_several_durations_wide() -> None:
    time = np.array([9.49, 9.51, 10.49, 10.51])
    assert list(EPHEMERIS.in_transit(time, widths=2)) == [False, True, True, False]


@pytest.mark.parametrize("period", [0.0, -1.0, math.nan, math.inf])
def test_a_period_that_is_none_is_refused(period: float) -> None:
    with pytest.raises(DataError) as refused:
        Ephemeris(period=period, epoch=0.0, duration=0.1)
    assert str(refused.value) == "The orbital period must be a number of days above 0."


@pytest.mark.parametrize("epoch", [math.nan, math.inf, -math.inf])
def test_an_epoch_that_is_none_is_refused(epoch: float) -> None:
    with pytest.raises(DataError) as refused:
        Ephemeris(period=1.0, epoch=epoch, duration=0.1)
    assert str(refused.value) == "The transit epoch must be a number of days."


@pytest.mark.parametrize("duration", [0.0, -0.1, 1.0, 2.0, math.nan])
def test_a_duration_that_is_none_is_refused(duration: float) -> None:
    with pytest.raises(DataError) as refused:
        Ephemeris(period=1.0, epoch=0.0, duration=duration)
    assert (
        str(refused.value) == "The transit duration must be above 0 and below the orbital period."
    )


@pytest.mark.parametrize(
    ("period", "alias"),
    [
        *((4.0, True), (8.0, True), (2.0, True), (12.0, True), (4 / 3, True), (8.03, True)),
        *((8.05, False), (6.0, False), (16.0, False), (4.1, False), (40.0, False)),
    ],
)
def test_a_period_is_an_alias_of_its_double_and_its_triple(period: float, *, alias: bool) -> None:
    other = Ephemeris(period=period, epoch=3.0, duration=0.1)
    assert EPHEMERIS.is_alias_of(other) is alias
    assert other.is_alias_of(EPHEMERIS) is alias


def test_how_near_an_alias_is_may_be_told() -> None:
    other = Ephemeris(period=8.1, epoch=3.0, duration=0.1)
    assert EPHEMERIS.is_alias_of(other, within=0.02)
    assert not EPHEMERIS.is_alias_of(other, within=0.01)
