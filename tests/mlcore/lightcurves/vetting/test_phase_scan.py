"""A box of the transit's duration at every phase."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.phase_scan import scan_phases
from tests.mlcore.lightcurves.made_curves import NOISE, flat_of, noise_of, times
from tests.mlcore.lightcurves.vetting.made_signals import (
    DURATION,
    EPHEMERIS,
    PERIOD,
    TIME,
    later,
    made,
    signals,
)


def box(ephemeris: Ephemeris, depth: float) -> np.ndarray:
    return depth * ephemeris.in_transit(TIME)


def test_the_box_is_deepest_at_mid_transit() -> None:
    scan = scan_phases(fold(flat_of(TIME, noise_of(TIME) - box(EPHEMERIS, 1e-3)), EPHEMERIS))
    best = int(scan.depth.argmax())
    assert abs(scan.phase[best]) < DURATION / 6
    assert scan.depth[best] == pytest.approx(1e-3, rel=0.1)
    inside = EPHEMERIS.in_transit(TIME).sum()
    assert scan.strength[best] * scan.noise_factor == pytest.approx(
        1e-3 / NOISE * np.sqrt(inside), rel=0.12
    )
    # Six boxes to a duration, over all of the period.
    assert len(scan.phase) == np.ceil(PERIOD / DURATION * 6)
    assert np.ptp(scan.phase) == pytest.approx(PERIOD * (1 - 1 / len(scan.phase)))


def test_boxes_go_round_the_end_of_the_orbit() -> None:
    opposite = box(later(0.5), 1e-3)
    scan = scan_phases(fold(flat_of(TIME, noise_of(TIME) - opposite), EPHEMERIS))
    best = int(np.nanargmax(scan.depth))
    assert abs(scan.phase[best]) == pytest.approx(PERIOD / 2, abs=DURATION / 6)
    assert scan.depth[best] == pytest.approx(1e-3, rel=0.06)


def test_correlated_noise_divides_the_strength() -> None:
    white = scan_phases(fold(flat_of(TIME, noise_of(TIME)), EPHEMERIS))
    assert white.noise_factor == pytest.approx(1.0, abs=0.25)
    red = np.convolve(noise_of(TIME), np.ones(9) / 3, mode="same")
    scan = scan_phases(fold(flat_of(TIME, red), EPHEMERIS))
    assert scan.noise_factor == pytest.approx(2.5, rel=0.25)
    far = abs(scan.phase) > 1.5 * DURATION
    assert np.std(scan.strength[far]) == pytest.approx(1.0, rel=0.2)


def test_a_phase_without_points_is_unknown() -> None:
    flat = flat_of(TIME, noise_of(TIME))
    phase = EPHEMERIS.phase(TIME)
    scan = scan_phases(fold(flat.take(abs(phase - 1.0) > 0.2), EPHEMERIS))
    empty = abs(scan.phase - 1.0) < 0.1
    assert np.isnan(scan.depth[empty]).all()
    assert np.isnan(scan.strength[empty]).all()
    assert np.isfinite(scan.depth[abs(scan.phase - 1.0) > 0.3]).all()


def test_the_second_event_is_found_at_its_phase() -> None:
    values = measure(made(signals()["eccentric binary"]))
    assert values["secondary_phase"] == pytest.approx(0.4, abs=0.01)
    assert values["secondary_depth_ratio"] == pytest.approx(0.8 / 3, rel=0.15)
    assert values["primary_over_secondary"] == pytest.approx(
        values["primary_strength"] - values["secondary_strength"]
    )
    assert values["secondary_over_tertiary"] == pytest.approx(
        values["secondary_strength"] - values["tertiary_strength"]
    )
    assert values["secondary_strength"] > 25
    assert values["tertiary_strength"] < 6


def test_a_bump_is_no_second_event_and_takes_from_the_uniqueness() -> None:
    values = measure(made(signals()["planet"] - box(later(0.4), 5e-4)))
    assert values["bump_strength"] > 15
    assert values["secondary_over_tertiary"] < 3
    assert values["uniqueness"] == pytest.approx(
        values["primary_strength"] - values["bump_strength"]
    )


def test_three_equal_events_are_not_unique() -> None:
    events = sum(box(later(part), 1e-3) for part in (0, 0.3, 0.62))
    values = measure(made(events))
    assert values["uniqueness"] == pytest.approx(0, abs=8)
    assert values["tertiary_strength"] > 30
    assert values["depth_range"] > 0.2


def test_half_a_period_later_there_is_an_eclipse_of_its_depth() -> None:
    values = measure(made(signals()["circular binary"]))
    assert values["half_phase_ratio"] == pytest.approx(0.8 / 3, rel=0.1)
    assert values["half_phase_strength"] > 20
    assert values["secondary_phase"] == pytest.approx(0.5, abs=0.01)
    quiet = measure(made(signals()["planet"]))
    assert abs(quiet["half_phase_strength"]) < 3
    assert abs(quiet["half_phase_ratio"]) < 0.1


def test_an_orbit_that_is_all_transit_has_no_other_phases() -> None:
    wide = Ephemeris(period=PERIOD, epoch=132.41, duration=PERIOD / 2.2)
    time = times(40)
    scan = scan_phases(fold(flat_of(time, noise_of(time)), wide))
    assert len(scan.phase) == 30
    assert scan.noise_factor >= 1.0
