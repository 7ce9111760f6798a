"""What the vetting tests measure, value by value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.datasets.missions.light_curves.registry import OF_SHAPE
from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.each_transit import single_transits
from mlcore.lightcurves.vetting.folded_by_others import candidate_of_fold
from mlcore.lightcurves.vetting.means import mean_in, standard_error
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.views import global_view, local_view, secondary_view
from tests.mlcore.lightcurves.made_curves import NOISE, dip, flat_of, noise_of, times
from tests.mlcore.lightcurves.vetting.made_signals import (
    DURATION,
    EPHEMERIS,
    EPOCH,
    PERIOD,
    TIME,
    ended,
    later,
    made,
    signals,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

INSIDE = EPHEMERIS.in_transit(TIME)


def of_flat(
    dips: NDArray[np.float64], *, seed: int = 0, kept: NDArray[np.bool_] | None = None
) -> Candidate:
    flat = flat_of(TIME, noise_of(TIME, seed) - dips)
    return Candidate(folded=fold(flat if kept is None else flat.take(kept), EPHEMERIS))


def test_means_are_weighted_and_of_nothing_unknown() -> None:
    time = np.array([EPOCH, EPOCH + 0.01, EPOCH + 1.0])
    folded = fold(flat_of(time, np.array([-1.0, -4.0, 0.0]), scatter=[1.0, 0.5, 1.0]), EPHEMERIS)
    inside, none = folded.between(0, 0.5), folded.between(5.0, 5.5)
    assert mean_in(folded, inside) == pytest.approx((-1 - 16) / 5)
    assert standard_error(folded, inside) == pytest.approx(np.sqrt(1 / 5))
    assert standard_error(folded, inside, ~inside) == pytest.approx(np.sqrt(1 / 5 + 1))
    assert math.isnan(mean_in(folded, none))
    assert math.isnan(standard_error(folded, inside, none))


def test_the_signal_is_told_in_its_units() -> None:
    values = measure(of_flat(1e-3 * INSIDE))
    assert values["period"] == PERIOD
    assert values["duration"] == pytest.approx(24 * DURATION)
    assert values["depth"] == pytest.approx(1000, rel=0.03)
    assert values["log_depth"] == pytest.approx(-3, abs=0.02)
    assert values["duty_cycle"] == pytest.approx(DURATION / PERIOD)
    assert values["duration_index"] == pytest.approx(np.log10(DURATION / PERIOD ** (1 / 3)))
    assert values["scatter_over_depth"] == pytest.approx(NOISE / 1e-3, rel=0.05)
    assert values["scatter_inside"] == pytest.approx(1.0, abs=0.12)
    beside = (abs(EPHEMERIS.phase(TIME)) >= DURATION) & (abs(EPHEMERIS.phase(TIME)) < 3 * DURATION)
    error = NOISE * np.sqrt(1 / INSIDE.sum() + 1 / beside.sum())
    assert values["white_strength"] == pytest.approx(1e-3 / error, rel=0.03)
    assert values["strength"] == pytest.approx(values["white_strength"] / values["noise_factor"])


def test_a_bump_has_the_logarithm_of_the_shallowest_depth() -> None:
    values = measure(of_flat(-1e-3 * INSIDE))
    assert values["depth"] == pytest.approx(-1000, rel=0.03)
    assert values["log_depth"] == -7.0
    assert values["strength"] < -30


def test_each_transit_has_its_own_depth() -> None:
    depths = np.array([1e-3, 3e-3, 2e-3, 4e-3])
    time = times(3.5 * PERIOD)
    deep = depths[np.clip(EPHEMERIS.number(time), 0, 3)] * EPHEMERIS.in_transit(time)
    flat = flat_of(time, noise_of(time, scatter=1e-6) - deep)
    found = single_transits(fold(flat, EPHEMERIS))
    assert list(found.number) == [0, 1, 2, 3]
    assert found.depth == pytest.approx(depths, abs=3e-6)
    assert found.error == pytest.approx(
        NOISE / np.sqrt(EPHEMERIS.in_transit(time).sum() / 4), rel=0.25
    )


def test_a_transit_without_points_inside_or_beside_is_none() -> None:
    phase, number = EPHEMERIS.phase(TIME), EPHEMERIS.number(TIME)
    lost = ((number == 3) & (abs(phase) < 0.1)) | ((number == 5) & (abs(phase) > 0.1))
    found = of_flat(1e-3 * INSIDE, kept=~lost).transits
    assert set(range(22)) - set(found.number.tolist()) == {3, 5}


def test_equal_transits_are_all_there() -> None:
    values = measure(of_flat(1e-3 * INSIDE))
    count = values["transits"]
    assert count == len(np.unique(EPHEMERIS.number(TIME[INSIDE])))
    assert values["present_share"] == 1.0
    assert values["negative_share"] == 0.0
    assert values["median_over_mean"] == pytest.approx(1.0, abs=0.1)
    assert values["depth_chi_square"] < 2
    assert values["depth_spread"] < 0.1
    assert values["largest_share"] == pytest.approx(1 / count, rel=0.6)
    assert values["weakest_transit"] > 7
    assert values["depth_trend"] < 3
    assert values["single_event"] == pytest.approx(values["multiple_event"] / np.sqrt(count))
    assert values["strength_without_one"] == pytest.approx(
        values["multiple_event"] * np.sqrt((count - 1) / count), rel=0.03
    )


def test_one_event_makes_all_of_its_signal() -> None:
    values = measure(made(signals()["one event"]))
    assert values["largest_share"] > 0.95
    assert values["present_share"] < 0.5
    assert values["median_over_mean"] < 0.3
    assert values["depth_chi_square"] > 20


def test_transits_that_grow_have_a_trend() -> None:
    growing = 1e-3 * INSIDE * (1 + EPHEMERIS.number(TIME) / 20)
    assert measure(of_flat(growing))["depth_trend"] > 8


@pytest.mark.parametrize("days", [8, 12, 20, 80])
def test_odd_and_even_eclipses_differ_however_few_there_are(days: float) -> None:
    time = times(days)
    dips = dip(time, EPHEMERIS, 1e-3) + dip(time, later(0, period=2 * PERIOD), 2e-3)
    candidate = made(dips, time=time)
    values = measure(candidate)
    assert values["odd_even_ratio"] == pytest.approx(1.0, abs=0.25)
    assert values["odd_even_over_spread"] <= values["odd_even_strength"]
    assert ended(candidate)["odd_even"].outcome is Outcome.FAILED


def test_transits_that_vary_anyhow_are_no_odd_and_even_ones() -> None:
    varying = np.random.default_rng(2).uniform(0.5e-3, 3e-3, 30)
    candidate = made(dip(TIME, EPHEMERIS, 1.0) * varying[EPHEMERIS.number(TIME)])
    values = measure(candidate)
    assert values["odd_even_strength"] > 2 * values["odd_even_over_spread"]
    assert ended(candidate)["odd_even"].outcome is Outcome.PASSED
    assert values["depth_spread"] > 0.3


def test_transits_of_one_kind_cannot_be_compared() -> None:
    odd = EPHEMERIS.number(TIME) % 2 == 1
    outcome = ended(of_flat(1e-3 * INSIDE, kept=odd))["odd_even"]
    assert outcome.outcome is Outcome.NOT_POSSIBLE
    assert outcome.sentence == (
        "This takes an odd and an even transit, each with points inside and beside it."
    )


def test_half_a_period_later_only_what_is_beside_is_held_against_it() -> None:
    values = measure(of_flat(3e-3 * INSIDE + 1e-3 * later(0.5).in_transit(TIME)))
    assert values["half_phase_ratio"] == pytest.approx(1 / 3, rel=0.03)


def test_the_profile_is_one_inside_and_nothing_beside() -> None:
    values = measure(of_flat(3e-3 * INSIDE))
    for part in ("core", "middle", "edge"):
        assert values[f"{part}_depth"] == pytest.approx(1.0, abs=0.05)
        assert values[f"{part}_strength"] < -30
    for part in ("near_shoulder", "shoulder", "far_shoulder"):
        assert values[f"{part}_depth"] == pytest.approx(0.0, abs=0.03)
        assert abs(values[f"{part}_strength"]) < 4


def test_what_is_deeper_after_mid_transit_is_lopsided() -> None:
    values = measure(of_flat(1e-3 * INSIDE * (EPHEMERIS.phase(TIME) > 0)))
    assert values["inside_asymmetry"] > 10
    turned = measure(of_flat(1e-3 * INSIDE * (EPHEMERIS.phase(TIME) < 0)))
    assert turned["inside_asymmetry"] < -10
    assert abs(values["shoulder_asymmetry"]) < 4


@pytest.mark.parametrize(("name", "waves"), [("one_wave", 1), ("two_waves", 2)])
def test_waves_are_told_by_their_phase(name: str, waves: int) -> None:
    angle = 2 * np.pi * waves * EPHEMERIS.phase(TIME) / PERIOD
    wave = 2e-4 * np.cos(angle) - 1e-4 * np.sin(angle)
    candidate = of_flat(1e-3 * INSIDE - wave)
    values, depth = measure(candidate), candidate.depth
    assert values[f"{name}_cosine"] * depth == pytest.approx(2e-4, abs=2e-5)
    assert values[f"{name}_sine"] * depth == pytest.approx(-1e-4, abs=2e-5)
    # The wave itself is no noise, however strong it is.
    error = NOISE * np.sqrt(2 / len(TIME))
    assert values[f"{name}_strength"] == pytest.approx(np.hypot(2e-4, 1e-4) / error, rel=0.25)
    other = "two_waves" if waves == 1 else "one_wave"
    assert values[f"{other}_strength"] < 10


def test_twenty_points_out_of_transit_show_no_waves() -> None:
    outside = np.flatnonzero(abs(EPHEMERIS.phase(TIME)) > 1.2 * DURATION)
    for count in (20, 21):
        kept = abs(EPHEMERIS.phase(TIME)) < DURATION
        kept[outside[:: len(outside) // count][:count]] = True
        outcome = ended(of_flat(1e-3 * INSIDE, kept=kept))["sinusoid"].outcome
        assert (outcome is Outcome.NOT_POSSIBLE) == (count == 20)


@pytest.mark.parametrize(("part", "name"), [(2, "half_period"), (3, "third_period")])
def test_transits_in_between_tell_of_a_shorter_period(part: int, name: str) -> None:
    shorter = Ephemeris(period=PERIOD / part, epoch=EPOCH, duration=DURATION)
    values = measure(of_flat(1e-3 * shorter.in_transit(TIME)))
    assert values[f"{name}_strength"] > 15
    other = "third_period" if part == 2 else "half_period"
    assert values[f"{other}_strength"] < 5


def test_a_third_of_a_period_needs_both_transits() -> None:
    once = measure(of_flat(1e-3 * (INSIDE | later(1 / 3).in_transit(TIME))))
    assert once["third_period_strength"] < 4


def test_white_noise_has_the_moments_of_a_normal_distribution() -> None:
    values = measure(of_flat(1e-3 * INSIDE))
    assert values["log_scatter"] == pytest.approx(np.log10(NOISE))
    assert values["noise_skewness"] == pytest.approx(0.0, abs=0.15)
    assert values["noise_kurtosis"] == pytest.approx(3.0, abs=0.4)
    assert values["noise_correlation"] == pytest.approx(0.0, abs=0.06)


def test_skewed_correlated_noise_is_told() -> None:
    red = np.convolve(noise_of(TIME, 3), np.ones(4) / 2, mode="same")
    assert measure(of_flat(red))["noise_correlation"] > 0.4
    dips = 8 * NOISE * (np.random.default_rng(0).random(len(TIME)) < 0.02)
    values = measure(of_flat(dips))
    assert values["noise_skewness"] < -1
    assert values["noise_kurtosis"] > 10


def test_the_views_are_of_a_depth_of_one() -> None:
    candidate = of_flat(3e-3 * INSIDE)
    local, whole = local_view(candidate), global_view(candidate)
    assert local.shape == (25,)
    assert whole.shape == (41,)
    assert local[11:14] == pytest.approx(-1.0, abs=0.05)
    assert local[[0, 1, 2, 3, 21, 22, 23, 24]] == pytest.approx(0.0, abs=0.05)
    assert whole.argmin() == 20
    assert whole[[0, 10, 30, 40]] == pytest.approx(0.0, abs=0.03)


def test_the_secondary_view_is_around_the_second_eclipse() -> None:
    candidate = of_flat(3e-3 * INSIDE + 1e-3 * later(0.4).in_transit(TIME))
    view = secondary_view(candidate)
    assert view.shape == (25,)
    assert view[11:14] == pytest.approx(-1 / 3, abs=0.05)
    assert view[[0, 1, 2, 22, 23, 24]] == pytest.approx(0.0, abs=0.05)


def test_an_orbit_that_is_all_transit_has_no_secondary_view() -> None:
    wide = Ephemeris(period=PERIOD, epoch=EPOCH, duration=0.49 * PERIOD)
    folded = fold(flat_of(TIME, noise_of(TIME)), wide)
    assert np.isnan(secondary_view(Candidate(folded=folded))).all()


def folded_flux(level: float = 1.0) -> NDArray[np.float64]:
    phase = (np.arange(1000) + 0.5) / 1000 * PERIOD - PERIOD / 2
    noise = np.random.default_rng(1).normal(0, 1e-4, 1000)
    inside = abs(phase) < DURATION / 2
    return np.asarray(
        level * (1 + noise + 1e-4 * np.sin(2 * np.pi * phase / PERIOD) - 2e-3 * inside)
    )


def test_a_fold_by_somebody_else_has_a_depth_and_a_shape() -> None:
    candidate = candidate_of_fold(folded_flux(), period=PERIOD, duration=DURATION)
    assert candidate.depth == pytest.approx(2e-3, rel=0.03)
    assert not candidate.in_time
    assert candidate.search is None
    assert candidate.observed is None
    values = measure(candidate)
    for name in OF_SHAPE:
        assert math.isfinite(values[name]), name
    outcomes = ended(candidate)
    cannot = {name for name, one in outcomes.items() if one.outcome is Outcome.NOT_POSSIBLE}
    assert cannot == {"odd_even", "transits", "gaps", "density", "size", "centroid", "known"}
    for name in ("transits", "noise_skewness", "noise_correlation", "other_strength"):
        assert math.isnan(values[name])


def test_the_unit_of_a_fold_changes_nothing() -> None:
    plain = measure(candidate_of_fold(folded_flux(), period=PERIOD, duration=DURATION))
    other_unit = measure(candidate_of_fold(folded_flux(5e4), period=PERIOD, duration=DURATION))
    assert other_unit == pytest.approx(plain, rel=1e-6, abs=1e-9, nan_ok=True)


def test_bins_without_flux_lie_between_their_neighbours() -> None:
    gappy = folded_flux()
    gappy[::7] = np.nan
    candidate = candidate_of_fold(gappy, period=PERIOD, duration=DURATION)
    assert len(candidate.folded.phase) == 1000
    assert candidate.depth == pytest.approx(2e-3, rel=0.05)


def test_a_fold_of_too_few_bins_is_refused() -> None:
    few = np.full(1000, np.nan)
    few[:299] = folded_flux()[:299]
    with pytest.raises(DataError) as refused:
        candidate_of_fold(few, period=PERIOD, duration=DURATION)
    assert str(refused.value) == "The fold has 299 bins with flux; at least 300 are needed."
    few[299] = 1.0
    assert candidate_of_fold(few, period=PERIOD, duration=DURATION).depth < 1


def test_a_fold_that_is_the_same_everywhere_is_refused() -> None:
    with pytest.raises(DataError, match=r"^The flux of the fold is the same in nearly all bins\.$"):
        candidate_of_fold(np.ones(1000), period=PERIOD, duration=DURATION)


def test_a_fold_keeps_a_transit_of_a_bin_and_a_half_at_least() -> None:
    candidate = candidate_of_fold(folded_flux(), period=PERIOD, duration=1e-5)
    assert candidate.folded.duration == pytest.approx(1.5 * PERIOD / 1000)
    wide = candidate_of_fold(folded_flux(), period=PERIOD, duration=2 * PERIOD)
    assert wide.folded.duration == pytest.approx(0.49 * PERIOD)
