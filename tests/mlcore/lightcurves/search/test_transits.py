"""Which transits are in a light curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.reading.read import read_light_curve
from mlcore.lightcurves.search.grid import search_grid
from mlcore.lightcurves.search.transits import (
    TransitSearch,
    flat_clipped,
    search_flat_curve,
    search_transits,
)
from tests.mlcore.lightcurves.made_curves import (
    CADENCE,
    NOISE,
    curve_of,
    dip,
    flat_of,
    noise_of,
    times,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TIME = times(40)
INNER = Ephemeris(period=3.7, epoch=132.4, duration=0.12)
OUTER = Ephemeris(period=9.1, epoch=135.2, duration=0.18)
SPOTS = 0.001 * np.sin(2 * np.pi * TIME / 11)


def two_planets(seed: int = 0) -> NDArray[np.float64]:
    planets = dip(TIME, INNER, 1.2e-3) + dip(TIME, OUTER, 8e-4)
    return np.asarray(1 + SPOTS + noise_of(TIME, seed) - planets)


@pytest.fixture(scope="module")
def found() -> TransitSearch:
    return search_transits(curve_of(TIME, two_planets()))


def test_two_planets_are_found_the_stronger_one_first(found: TransitSearch) -> None:
    assert [round(signal.ephemeris.period, 1) for signal in found.signals] == [3.7, 9.1]
    for signal, true, depth in zip(found.signals, (INNER, OUTER), (1.2e-3, 8e-4), strict=True):
        assert signal.ephemeris.period == pytest.approx(true.period, abs=4e-3)
        assert true.phase(np.array([signal.ephemeris.epoch])) == pytest.approx(0, abs=0.02)
        assert signal.ephemeris.duration == pytest.approx(true.duration, rel=0.2)
        assert signal.depth == pytest.approx(depth, rel=0.22)
        assert signal.false_alarm < 1e-4
        inside = true.in_transit(TIME)
        # Points that are clipped, and a level that is not free of error, take a part of it.
        whole = depth / NOISE * np.sqrt(inside.sum())
        assert 0.65 * whole < signal.strength < 1.1 * whole
        assert signal.transits == len(np.unique(true.number(TIME[inside])))


def test_the_last_search_found_nothing_more(found: TransitSearch) -> None:
    assert found.last.strength.max() < 6
    assert all(found.last is not signal.periodogram for signal in found.signals)
    assert np.array_equal(found.last.periods, found.grid.periods)
    assert found.detrended.flux.shape == TIME.shape


def test_a_found_signal_is_hidden_from_the_next_search(found: TransitSearch) -> None:
    first, second = (signal.periodogram for signal in found.signals)
    near = abs(first.periods - 3.7) < 0.01
    assert first.strength[near].max() == first.strength.max()
    assert second.strength[near].max() < 0.5 * first.strength[near].max()


def test_the_same_curve_gives_the_same_signals(found: TransitSearch) -> None:
    again = search_transits(curve_of(TIME, two_planets()))
    for one, other in zip(found.signals, again.signals, strict=True):
        assert one.ephemeris == other.ephemeris
        assert (one.depth, one.strength) == (other.depth, other.strength)
        assert one.false_alarm == other.false_alarm


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_found_in_noise(seed: int) -> None:
    search = search_transits(curve_of(TIME, 1 + SPOTS + noise_of(TIME, seed)))
    assert search.signals == ()
    assert search.last.strength.max() > 3


def test_nothing_is_found_in_bumps() -> None:
    search = search_transits(curve_of(TIME, 2 - two_planets()))
    assert search.signals == ()


def test_no_more_signals_than_asked_for_are_returned() -> None:
    (only,) = search_transits(curve_of(TIME, two_planets()), most=1).signals
    assert only.ephemeris.period == pytest.approx(3.7, abs=4e-3)


def test_signals_below_the_limit_are_not_told_of(found: TransitSearch) -> None:
    strong, weak = (signal.strength for signal in found.signals)
    curve = curve_of(TIME, two_planets())
    assert len(search_transits(curve, limit=(strong + weak) / 2).signals) == 1
    assert search_transits(curve, limit=1.1 * strong).signals == ()


def test_periods_may_be_limited() -> None:
    curve = curve_of(TIME, two_planets())
    search = search_transits(curve, shortest_period=5.0, longest_period=12.0, most=1)
    assert search.grid.periods[[0, -1]] == pytest.approx([5.0, 12.0])
    assert 5 <= search.signals[0].ephemeris.period <= 12


def test_the_density_of_the_star_narrows_the_durations(found: TransitSearch) -> None:
    star = Star(log_g=4.438, radius=1.0)
    search = search_transits(curve_of(TIME, two_planets(), star=star), most=1)
    expected = search_grid(float(TIME[-1] - TIME[0]), cadence=CADENCE, density=1.0)
    assert search.grid.durations == pytest.approx(expected.durations)
    assert search.grid.durations.max() < found.grid.durations.max()


def test_progress_never_goes_back() -> None:
    told: list[tuple[float, str]] = []
    search_transits(
        curve_of(TIME, two_planets()), report=lambda share, step: told.append((share, step))
    )
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares == pytest.approx([0.0, 0.0, 1 / 6, 2 / 6])
    assert [step for _, step in told] == [
        "finding the trend",
        "looking for signal 1",
        "looking for signal 2",
        "looking for signal 3",
    ]


def test_correlated_noise_weakens_a_signal() -> None:
    white = noise_of(TIME, 4)
    red = np.convolve(noise_of(TIME, 5), np.ones(3) / np.sqrt(3), mode="same")
    strengths = []
    for noise in (white, red):
        flat = flat_of(TIME, noise - dip(TIME, INNER, 2e-3))
        grid = search_grid(40.0, cadence=CADENCE, shortest_period=2.0)
        (signal, *_), _ = search_flat_curve(flat, grid, most=1)
        assert signal.ephemeris.period == pytest.approx(3.7, abs=5e-3)
        strengths.append(signal.strength)
    assert strengths[1] == pytest.approx(strengths[0] / np.sqrt(3), rel=0.2)


def test_a_deep_signal_keeps_its_depth_though_points_are_clipped() -> None:
    flat = flat_of(TIME, noise_of(TIME) - dip(TIME, INNER, 0.02))
    grid = search_grid(40.0, cadence=CADENCE, shortest_period=2.0)
    (signal, *_), _ = search_flat_curve(flat, grid, most=1)
    # Clipped points have no shape, so that the transit seems longer and on average shallower.
    assert signal.depth == pytest.approx(0.02, rel=0.15)
    assert signal.ephemeris.duration == pytest.approx(0.12, rel=0.25)


def test_a_deep_signal_of_a_point_a_transit_keeps_its_transits() -> None:
    planet = Ephemeris(period=11.68, epoch=142.2, duration=0.13)
    # One more point in the fourth transit, late in it, lies deeper than all others together.
    late = planet.epoch + 3 * planet.period + 0.055
    time = np.sort(np.append(planet.epoch + 0.08 * np.arange(-130, 1400), late))
    depth = np.where(time == late, 2e-2, 1.8e-3) * planet.in_transit(time)
    grid = search_grid(120.0, cadence=0.08, shortest_period=5.0)
    (signal, *_), _ = search_flat_curve(flat_of(time, noise_of(time, 21) - depth), grid, most=1)
    assert signal.ephemeris.period == pytest.approx(11.68, abs=0.02)
    assert signal.transits == len(np.unique(planet.number(time[planet.in_transit(time)])))


@pytest.mark.parametrize("phase", [0.0, 0.25, 0.5, 0.75])
def test_the_ends_of_a_spotted_stars_curve_make_no_signal(phase: float) -> None:
    spots = 0.002 * np.sin(2 * np.pi * (TIME / 11 + phase))
    curve = curve_of(TIME, 1 + spots + noise_of(TIME, 17))
    assert not search_transits(curve).signals


def test_one_event_alone_has_no_period() -> None:
    once = Ephemeris(period=400.0, epoch=150.0, duration=0.25)
    flux = 1 + noise_of(TIME, 5) - dip(TIME, once, 1.5e-3) - dip(TIME, INNER, 1.2e-3)
    signals = search_transits(curve_of(TIME, flux)).signals
    assert [round(signal.ephemeris.period, 1) for signal in signals] == [3.7]


def test_of_periods_that_fit_alike_the_one_that_needs_no_gap_is_told() -> None:
    planet = Ephemeris(period=15.0, epoch=135.0, duration=0.2)
    flux = 1 + noise_of(TIME, 6) - dip(TIME, planet, 1.5e-3)
    # The middle between the first two transits, and that between the next two.
    there = (abs(TIME - 142.5) > 1) & (abs(TIME - 157.5) > 1)
    [signal] = search_transits(curve_of(TIME[there], flux[there])).signals
    assert signal.ephemeris.period == pytest.approx(15.0, abs=0.02)
    assert signal.transits == 3
    assert signal.shorter == (pytest.approx(7.5, abs=0.01),)


def test_single_points_far_off_are_clipped() -> None:
    deviation = np.array([-9.0, -4.0, 2.0, 8.0, -30.0])
    flat = flat_of(np.arange(5.0), deviation, scatter=np.array([1.0, 1.0, 1.0, 2.0, 4.0]))
    clipped = flat_clipped(flat)
    assert list(clipped.deviation) == [-5.0, -4.0, 2.0, 6.0, -20.0]
    assert np.array_equal(clipped.time, flat.time)
    assert np.array_equal(clipped.scatter, flat.scatter)


def test_two_deep_points_are_no_signal() -> None:
    deviation = noise_of(TIME)
    deviation[[500, 1200]] = -0.02
    signals, _ = search_flat_curve(flat_of(TIME, deviation), search_grid(40.0, cadence=CADENCE))
    assert signals == ()


def test_a_curve_that_is_too_short_is_refused() -> None:
    time = times(0.8, cadence=2 / 1440)
    with pytest.raises(DataError, match=r"^The light curve spans 0\.799 days, so that periods"):
        search_transits(curve_of(time, 1 + noise_of(time), cadence=2 / 1440))


def test_a_curve_without_trend_is_refused() -> None:
    time = np.arange(0, 300, 3.0)
    with pytest.raises(DataError, match=r"^No stretch of the light curve"):
        search_transits(curve_of(time, 1 + noise_of(time)), longest_period=100.0)


def test_k2_3_has_its_three_planets_and_nothing_else(light_curve_samples: Path) -> None:
    curve = read_light_curve([light_curve_samples / "EPIC201367065.csv"])
    search = search_transits(curve)
    assert [signal.ephemeris.period for signal in search.signals] == [
        pytest.approx(10.054, abs=0.005),
        pytest.approx(24.646, abs=0.02),
        pytest.approx(44.56, abs=0.05),
    ]
    for signal in search.signals:
        assert 2 < signal.ephemeris.duration * 24 < 6
        assert signal.false_alarm < 1e-4


def test_the_eclipses_of_toi_207_are_found(light_curve_samples: Path) -> None:
    (path,) = light_curve_samples.glob("tess*.fits")
    (signal,) = search_transits(read_light_curve([path])).signals
    assert signal.ephemeris.period == pytest.approx(5.649, abs=0.005)
    assert signal.depth == pytest.approx(0.036, rel=0.1)
    assert signal.transits == 5


def test_planets_of_kepler_90_are_found(light_curve_samples: Path) -> None:
    curve = read_light_curve(sorted(light_curve_samples.glob("kplr*.fits")))
    search = search_transits(curve, shortest_period=5.0, longest_period=70.0, most=8)
    periods = np.array([signal.ephemeris.period for signal in search.signals])
    for period, within in ((59.737, 0.01), (7.0085, 0.002), (8.719, 0.005)):
        assert abs(periods - period).min() < within
