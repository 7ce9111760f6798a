"""How much a curve scatters, in places and averaged."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.detrending import Detrended, detrend
from mlcore.lightcurves.noise import correlated_noise, flat_curve, local_scatter
from tests.mlcore.lightcurves.made_curves import NOISE, curve_of, flat_of, noise_of, times

TIME = times(80)
ALL = np.ones(len(TIME), dtype=bool)
DURATIONS = np.array([0.05, 0.1, 0.2, 0.4])


def test_a_quiet_half_and_a_noisy_half_scatter_as_they_do() -> None:
    level = np.where(TIME[0] + 40 > TIME, 1e-4, 4e-4)
    scatter = local_scatter(TIME, noise_of(TIME, scatter=1.0) * level, ALL)
    assert scatter.shape == TIME.shape
    quiet, noisy = TIME[0] + 34 > TIME, TIME[0] + 46 < TIME
    # The least is half of what is usual, which is between the two halves.
    assert np.median(scatter[noisy]) == pytest.approx(4e-4, rel=0.1)
    assert np.median(scatter[quiet]) == pytest.approx(2.5e-4 / 2, rel=0.15)
    between = scatter[~quiet & ~noisy]
    assert between.min() < 1.6e-4
    assert between.max() > 3e-4


def test_a_stretch_that_scatters_a_little_less_than_usual_keeps_its_own_scatter() -> None:
    level = np.where(abs(TIME - TIME[0] - 40) < 16, 1.4e-4, 2e-4)
    scatter = local_scatter(TIME, noise_of(TIME, scatter=1.0) * level, ALL)
    assert np.median(scatter[abs(TIME - TIME[0] - 40) < 8]) == pytest.approx(1.4e-4, rel=0.1)


def test_transits_that_are_not_quiet_tell_nothing_of_the_scatter() -> None:
    deep = np.arange(len(TIME)) % 5 < 2
    deviation = noise_of(TIME) - 0.02 * deep
    assert local_scatter(TIME, deviation, ~deep) == pytest.approx(NOISE, rel=0.2)
    assert local_scatter(TIME, deviation, ALL).min() > 2 * NOISE


def test_a_few_points_share_one_scatter() -> None:
    time = np.arange(7.0)
    deviation = np.array([1.0, -1.0, 2.0, -2.0, 0.0, 3.0, -3.0])
    scatter = local_scatter(time, deviation, np.ones(7, dtype=bool))
    assert list(scatter) == [pytest.approx(2 * 1.4826)] * 7


def test_coarse_digits_still_scatter() -> None:
    deviation = np.zeros(len(TIME))
    deviation[::10] = 1e-3
    scatter = local_scatter(TIME, deviation, ALL)
    assert scatter == pytest.approx(np.std(deviation), rel=0.02)


def test_a_curve_that_is_the_same_everywhere_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        local_scatter(TIME, np.zeros(len(TIME)), ALL)
    assert str(refused.value) == "The flux of the light curve is the same at nearly all times."
    curve = curve_of(TIME, np.ones(len(TIME)))
    with pytest.raises(DataError, match="is the same at nearly all times"):
        flat_curve(curve, detrend(curve, longest_duration=0.5))


def test_a_flat_curve_has_the_kept_points_about_nothing() -> None:
    curve = curve_of(TIME, 1 + noise_of(TIME))
    kept = np.arange(len(TIME)) % 3 > 0
    flat = flat_curve(curve, _detrended(curve.flux, kept))
    assert np.array_equal(flat.time, TIME[kept])
    assert np.array_equal(flat.deviation, curve.flux[kept] - 1)
    assert flat.scatter == pytest.approx(NOISE, rel=0.2)
    assert np.array_equal(flat.weight, 1 / flat.scatter**2)
    assert flat.cadence == curve.cadence


def test_what_is_not_quiet_is_kept_and_tells_nothing_of_the_scatter() -> None:
    deep = np.arange(len(TIME)) % 5 < 2
    curve = curve_of(TIME, 1 + noise_of(TIME) - 0.02 * deep)
    flat = flat_curve(curve, _detrended(curve.flux, ALL), quiet=~deep)
    assert len(flat.time) == len(TIME)
    assert flat.scatter == pytest.approx(NOISE, rel=0.2)


def test_some_points_of_a_flat_curve_keep_what_is_theirs() -> None:
    flat = flat_of(TIME, noise_of(TIME), scatter=np.linspace(1, 2, len(TIME)))
    some = flat.take(TIME[100] < TIME)
    assert np.array_equal(some.time, TIME[101:])
    assert np.array_equal(some.deviation, flat.deviation[101:])
    assert np.array_equal(some.scatter, flat.scatter[101:])
    assert some.cadence == flat.cadence


def test_averages_of_white_noise_scatter_as_their_number_says() -> None:
    factors = correlated_noise(flat_of(TIME, noise_of(TIME)), DURATIONS)
    assert factors == pytest.approx(np.ones(4), abs=0.12)
    assert factors.min() >= 1.0


def test_averages_of_correlated_noise_scatter_more() -> None:
    white = noise_of(TIME)
    smooth = np.convolve(white, np.ones(24) / np.sqrt(24), mode="same")
    factors = correlated_noise(flat_of(TIME, smooth), DURATIONS)
    assert (np.diff(factors) > 0).all()
    # Over five points of the same noise, nearly as much as the root of their number.
    assert factors[1] == pytest.approx(np.sqrt(5), rel=0.15)
    assert factors[2] > 2.5


def test_averages_never_scatter_less_than_white_noise() -> None:
    alternating = NOISE * (-1.0) ** np.arange(len(TIME))
    assert list(correlated_noise(flat_of(TIME, alternating), DURATIONS)) == [1.0] * 4


def test_too_few_averages_tell_nothing() -> None:
    time = times(2)
    walk = np.cumsum(noise_of(time))
    short, long = correlated_noise(flat_of(time, walk), np.array([0.1, 1.0]))
    assert short > 2
    assert long == 1.0


def test_averages_over_a_gap_do_not_count() -> None:
    apart = np.r_[times(20), times(20, start=231.5)]
    deviation = noise_of(apart)
    assert correlated_noise(flat_of(apart, deviation), DURATIONS) == pytest.approx(
        np.ones(4), abs=0.15
    )


def _detrended(flux: np.ndarray, kept: np.ndarray) -> Detrended:
    return Detrended(
        flux=flux,
        trend=np.ones(len(flux)),
        error=np.full(len(flux), NOISE),
        kept=kept,
        scatter=np.array([NOISE]),
        window=1.5,
    )
