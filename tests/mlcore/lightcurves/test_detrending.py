"""What is left of a light curve without its star's own changes."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.detrending import Detrended, detrend
from mlcore.lightcurves.light_curve import LightCurve
from mlcore.lightcurves.reading.read import read_light_curve

if TYPE_CHECKING:
    from pathlib import Path

NOISE = 2e-4
CADENCE = 0.0204


def made(flux: Any, time: Any, segment: Any = None, cadence: float = CADENCE) -> LightCurve:
    segment = np.zeros(len(time), dtype=np.int64) if segment is None else segment
    return LightCurve(
        time=time,
        flux=flux,
        error=np.full(len(time), NOISE),
        segment=segment,
        time_zero=2454833,
        time_name="BKJD",
        cadence=cadence,
        segment_names=tuple(f"quarter {code}" for code in range(segment.max() + 1)),
    )


def noise_of(time: Any) -> Any:
    return np.random.default_rng(2).normal(0, NOISE, len(time))


TIME = np.arange(0, 30, CADENCE)
IN_TRANSIT = abs(TIME % 5 - 2.5) < 2 / 24
BESIDE = (abs(TIME % 5 - 2.5) < 6 / 24) & ~IN_TRANSIT
SPOTS = 0.01 * np.sin(2 * np.pi * TIME / 9)


def depth_of(found: Detrended) -> float:
    return float(
        np.median(found.flux[BESIDE & found.kept]) - np.median(found.flux[IN_TRANSIT & found.kept])
    )


def test_spots_go_and_transits_stay() -> None:
    curve = made(1 + SPOTS + noise_of(TIME) - 0.002 * IN_TRANSIT, TIME)
    found = detrend(curve, longest_duration=0.5)
    assert found.window == 1.5
    assert depth_of(found) == pytest.approx(0.002, rel=0.05)
    masked = detrend(curve, longest_duration=0.5, masked=IN_TRANSIT)
    assert depth_of(masked) == pytest.approx(0.002, rel=0.1)
    assert np.std(found.flux[~IN_TRANSIT & found.kept]) == pytest.approx(NOISE, rel=0.2)
    assert found.scatter == pytest.approx([NOISE], rel=0.1)
    assert found.kept[IN_TRANSIT].mean() > 0.99
    assert found.kept.mean() > 0.99


def test_known_transits_are_hidden_from_the_trend() -> None:
    long = abs((TIME + 5) % 10 - 5) < 0.4
    curve = made(1 + SPOTS / 5 + noise_of(TIME) - 0.002 * long, TIME)
    seen = detrend(curve, longest_duration=0.3)
    hidden = detrend(curve, longest_duration=0.3, masked=long)
    assert 1 - np.median(seen.flux[long]) < 0.001
    assert 1 - np.median(hidden.flux[long]) == pytest.approx(0.002, rel=0.1)
    assert hidden.kept[long].all()


def test_a_flare_is_left_out_with_its_decay() -> None:
    flux = 1 + noise_of(TIME)
    flux[500:520] += 0.01 * np.exp(-np.arange(20) / 5)
    found = detrend(made(flux, TIME), longest_duration=0.5)
    assert not found.kept[500:514].any()
    assert found.kept[:490].mean() > 0.99
    count = int((~found.kept).sum())
    (note,) = found.notes[1:]
    assert note == f"{count} points far above the trend, such as flares, left out."


@pytest.mark.parametrize(("cadence", "kept"), [(2 / 1440, False), (CADENCE, True)])
def test_a_single_deep_point_may_be_a_transit_only_at_long_cadence(
    cadence: float, *, kept: bool
) -> None:
    time = np.arange(0, 5, cadence)
    flux = 1 + noise_of(time)
    flux[100] -= 0.01
    found = detrend(made(flux, time, cadence=cadence), longest_duration=0.3)
    assert found.kept[100] == kept


def test_a_transit_is_never_left_out_for_its_depth() -> None:
    time = np.arange(0, 10, 2 / 1440)
    deep = abs((time + 1) % 2 - 1) < 1 / 24
    found = detrend(made(1 + noise_of(time) - 0.3 * deep, time), longest_duration=0.3)
    assert found.kept[deep][50:-50].all()


def test_segments_have_trends_of_their_own() -> None:
    segment = (TIME > 15).astype(np.int64)
    flux = np.where(segment == 0, 1.0, 1.02) + noise_of(TIME)
    found = detrend(made(flux, TIME, segment), longest_duration=0.5)
    assert np.nanstd(found.flux) == pytest.approx(NOISE, rel=0.1)
    assert len(found.scatter) == 2
    assert found.kept.mean() > 0.99


def test_a_stretch_without_enough_points_has_no_trend() -> None:
    time = np.r_[TIME, 40 + CADENCE * np.arange(5)]
    found = detrend(made(1 + noise_of(time), time), longest_duration=0.5)
    assert np.isnan(found.trend[-5:]).all()
    assert not found.kept[-5:].any()
    assert "5 points in stretches too short for a trend left out." in found.notes


def test_a_ramp_beside_a_gap_is_left_out() -> None:
    flux = 1 + noise_of(TIME) - 0.004 * np.exp(-TIME / 0.1)
    found = detrend(made(flux, TIME), longest_duration=0.5)
    assert not found.kept[:5].any()
    assert found.kept[20:].mean() > 0.99


def test_a_flattened_curve_passes_through_nearly_as_it_is() -> None:
    time = np.arange(0, 127, 0.1)
    narrow = abs((time + 5) % 10 - 5) < 0.11
    flux = 1 + noise_of(time) - 0.001 * narrow
    found = detrend(made(flux, time, cadence=0.1), longest_duration=0.5)
    assert np.std(found.flux - flux) < 0.4 * NOISE
    assert found.kept.mean() > 0.99
    assert found.kept[narrow].all()


def test_a_curve_of_nothing_but_gaps_has_no_trend() -> None:
    time = np.arange(0, 300, 3.0)
    with pytest.raises(DataError, match=r"^No stretch of the light curve between gaps of 0\.75 "):
        detrend(made(1 + noise_of(time), time), longest_duration=0.5)


def test_a_process_that_was_forked_after_a_trend_finds_one_too() -> None:
    curve = made(1 + noise_of(TIME), TIME)
    here = detrend(curve, longest_duration=0.5)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        (there,) = pool.map(_trend_of, [curve])
    assert np.array_equal(here.trend, there)


def _trend_of(curve: LightCurve) -> Any:
    return detrend(curve, longest_duration=0.5).trend


def test_kepler_90_becomes_flat_but_for_its_transits(light_curve_samples: Path) -> None:
    curve = read_light_curve(sorted(light_curve_samples.glob("kplr*.fits")))
    found = detrend(curve, longest_duration=0.6)
    assert found.kept.mean() > 0.995
    assert found.flux[found.kept].min() < 0.994
    assert (found.scatter < 2.5e-4).all()
