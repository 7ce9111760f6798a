"""What is kept of a star and its signals, of a transit that is known exactly."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.recording import record_of_signal, record_of_star
from mlcore.lightcurves.search.transits import DETECTION_LIMIT
from mlcore.lightcurves.vetting.report import vet_curve
from tests.mlcore.lightcurves.made_curves import CADENCE, NOISE, curve_of, dip, noise_of, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.records import SignalRecord, StarRecord

PLANET = Ephemeris(period=3.0, epoch=132.7, duration=0.25)
HOURS = 24 * PLANET.duration
DEPTH = 4e-3
TIME = times(60)


def curve() -> LightCurve:
    return curve_of(TIME, 1 + noise_of(TIME) - dip(TIME, PLANET, DEPTH))


@pytest.fixture(scope="module")
def found() -> SignalRecord:
    (vetted,) = vet_curve(curve())
    return record_of_signal(5, 2, 1, vetted, vetted.found)


@pytest.fixture(scope="module")
def given() -> SignalRecord:
    (vetted,) = vet_curve(curve(), ephemerides=[PLANET])
    return record_of_signal(1, 1, 1, vetted, None)


def star_of(of: LightCurve) -> StarRecord:
    (vetted,) = vet_curve(of)
    assert vetted.found is not None
    return record_of_star(
        3, of, name="HD 1", files=["a", "b"], periodogram=vetted.found.periodogram, numbers=[4, 5]
    )


def inside(phase: Sequence[float], reach: float) -> np.ndarray:
    return abs(np.array(phase)) < reach


def test_a_found_signal_is_told_with_its_numbers_and_its_units(found: SignalRecord) -> None:
    assert (found.number, found.star, found.of_star) == (5, 2, 1)
    assert (found.given, found.detected) == (False, True)
    assert found.strength > DETECTION_LIMIT
    assert found.period == pytest.approx(PLANET.period, abs=2e-3)
    assert found.duration == pytest.approx(HOURS, rel=0.2)
    assert found.depth == pytest.approx(1e6 * DEPTH, rel=0.1)
    assert found.false_alarm is None or found.false_alarm < 1e-6
    assert len(found.periods) == len(found.strengths) <= 1500
    assert found.periods == sorted(found.periods)
    strongest = found.periods[int(np.argmax(found.strengths))]
    assert strongest == pytest.approx(found.period, rel=5e-3)


def test_a_given_signal_has_no_periodogram_and_is_taken_as_there(given: SignalRecord) -> None:
    assert (given.given, given.detected, given.false_alarm) == (True, True, None)
    assert (given.period, given.epoch) == (PLANET.period, PLANET.epoch)
    assert given.duration == HOURS
    assert (given.periods, given.strengths, given.shorter) == ([], [], [])
    measured = dict(zip(given.measured, given.values, strict=True))
    assert given.strength == pytest.approx(measured["strength"], rel=1e-5)


def test_lists_of_one_prefix_are_of_one_length(given: SignalRecord) -> None:
    lengths: dict[str, set[int]] = {}
    for one in fields(given):
        value = getattr(given, one.name)
        prefix = one.name.split("_")[0]
        if isinstance(value, list) and "_" in one.name:
            lengths.setdefault(prefix, set()).add(len(value))
    assert {prefix: len(of) for prefix, of in lengths.items()} == dict.fromkeys(
        (
            "points",
            "near",
            "whole",
            "odd",
            "even",
            "secondary",
            "transit",
            "each",
            "centroid",
            "stretch",
        ),
        1,
    )
    assert given.centroid_phase == []
    assert len(given.remeasured) == len(given.stretch_name) * len(given.measured) > 0


def test_bins_near_the_transit_are_in_hours_and_as_deep_as_it(given: SignalRecord) -> None:
    phase, flux = np.array(given.near_phase), np.array(given.near_flux)
    assert len(phase) <= 60
    assert list(phase) == sorted(phase)
    assert abs(phase).max() == pytest.approx(3 * HOURS, rel=0.05)
    truth = -DEPTH * np.interp(0.0, [0.0], [1.0])
    middle = inside(phase, 0.3 * HOURS)
    assert flux[middle].mean() < truth
    outside = ~inside(phase, 0.8 * HOURS)
    errors = np.array(given.near_error)
    assert abs(flux[outside] / errors[outside]).max() < 5
    # Each point has the noise's error, and a bin as many times less as it has points.
    points = len(given.points_phase)
    assert np.median(errors) == pytest.approx(NOISE / math.sqrt(points / len(phase)), rel=0.2)


def test_the_whole_orbit_is_in_periods_and_has_one_dip(given: SignalRecord) -> None:
    phase, flux = np.array(given.whole_phase), np.array(given.whole_flux)
    assert -0.5 <= phase.min() < -0.49
    assert 0.49 < phase.max() <= 0.5
    deep = flux < -DEPTH / 2
    assert deep.any()
    assert inside(phase[deep], 0.6 * PLANET.duration / PLANET.period).all()


def test_the_model_is_a_trapezoid_through_the_bins(given: SignalRecord) -> None:
    model, flux = np.array(given.near_model), np.array(given.near_flux)
    beyond = ~inside(given.near_phase, 0.6 * HOURS)
    assert (model[beyond] == 0).all()
    core = inside(given.near_phase, 0.3 * HOURS)
    assert model[core] == pytest.approx(flux[core], abs=0.1 * DEPTH)


def test_odd_and_even_transits_share_the_points(given: SignalRecord) -> None:
    for phase, flux in (
        (given.odd_phase, given.odd_flux),
        (given.even_phase, given.even_flux),
    ):
        core = inside(phase, 0.3 * HOURS)
        assert np.array(flux)[core].mean() == pytest.approx(-DEPTH, rel=0.2)


def test_each_transit_is_told_at_its_time(given: SignalRecord) -> None:
    numbers = np.array(given.transit_number)
    assert given.transit_time == pytest.approx(PLANET.epoch + PLANET.period * numbers, abs=1e-5)
    assert len(numbers) == math.floor((TIME[-1] - PLANET.epoch) / PLANET.period) + 1
    depths, errors = np.array(given.transit_depth), np.array(given.transit_error)
    assert (abs(depths - DEPTH) < 5 * errors + 0.1 * DEPTH).all()
    assert set(given.each_number) <= set(given.transit_number)
    assert inside(given.each_phase, 2 * HOURS + 1e-6).all()


def test_a_weak_signal_is_no_detection(found: SignalRecord) -> None:
    (vetted,) = vet_curve(curve())
    assert vetted.found is not None
    weak = replace(vetted.found, strength=DETECTION_LIMIT - 0.1, false_alarm=math.nan)
    record = record_of_signal(1, 1, 1, vetted, weak)
    assert (record.detected, record.false_alarm) == (False, None)
    assert record.near_flux == found.near_flux


def test_a_short_curve_is_drawn_point_by_point() -> None:
    star = star_of(curve())
    assert (star.number, star.name, star.file, star.numbers) == (3, "HD 1", "a, b", [4, 5])
    assert (star.points, star.averaged, star.refusal) == (len(TIME), 0.0, "")
    assert star.time == pytest.approx(TIME, abs=1e-4)
    assert len(star.flux) == len(star.trend) == len(star.kept) == len(TIME)
    assert star.scatter == pytest.approx(NOISE, rel=0.25)
    assert (star.cadence, star.time_name, star.time_zero) == (CADENCE, "BKJD", 2454833)
    assert (star.limit, len(star.periods)) == (DETECTION_LIMIT, len(star.strengths))


def test_a_long_curve_is_drawn_as_averages_that_leave_out_what_the_search_does() -> None:
    time = times(30, cadence=2 / 1440)
    flux = 1 + noise_of(time) - dip(time, PLANET, DEPTH)
    flux[5000] += 0.5
    star = star_of(curve_of(time, flux, cadence=2 / 1440))
    together = math.ceil(len(time) / 4000)
    assert star.points == len(time)
    assert star.averaged == pytest.approx(together * 2 / 1440)
    assert 0.98 * len(time) / together < len(star.time) <= 4000
    assert all(star.kept)
    assert max(star.flux) < 1 + 10 * NOISE
    assert star.time == sorted(star.time)


def test_numbers_are_kept_as_they_are_drawn(given: SignalRecord) -> None:
    # Six digits, of any number.
    assert all(float(f"{value:.6g}") == value for value in given.near_flux)
    assert all(float(f"{value:.6g}") == value for value in given.points_phase)
    times_of = [float(f"{value:.8g}") for value in given.transit_time]
    assert times_of == given.transit_time
