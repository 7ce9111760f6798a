"""Dips elsewhere in the orbit, against the flux right beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.measuring import measure
from tests.mlcore.lightcurves.made_curves import dip, flat_of, noise_of
from tests.mlcore.lightcurves.vetting.made_signals import (
    DURATION,
    EPHEMERIS,
    EPOCH,
    PERIOD,
    TIME,
    later,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLANET = dip(TIME, EPHEMERIS, 3e-3)


def measured(dips: NDArray[np.float64], ephemeris: Ephemeris = EPHEMERIS) -> dict[str, float]:
    return measure(Candidate(folded=fold(flat_of(TIME, noise_of(TIME) - dips), ephemeris)))


def test_a_second_eclipse_is_found_at_its_phase_and_depth() -> None:
    values = measured(PLANET + 1e-3 * later(0.4).in_transit(TIME))
    assert values["local_secondary_phase"] == pytest.approx(0.4, abs=0.01)
    floor = 10 ** values["trapezoid_log_depth"]
    assert values["local_secondary_ratio"] == pytest.approx(1e-3 / floor, rel=0.15)
    assert values["local_secondary"] > 20
    assert values["local_secondary_over_tertiary"] > 15
    assert values["local_secondary_over_bump"] > 10
    assert values["local_secondary_over_noise"] > 15


def test_a_planet_has_none_that_noise_does_not_make() -> None:
    values = measured(PLANET)
    assert values["local_secondary_over_noise"] < 2
    assert values["local_secondary_over_tertiary"] < 2
    assert values["local_secondary"] < 5
    assert values["local_bump"] < 5
    assert values["local_primary"] > 50
    # What noise hides is a small part of this transit.
    assert -3 < values["local_limit"] < -1.5


def test_a_wave_is_no_dip() -> None:
    wave = 3e-4 * np.cos(2 * np.pi * EPHEMERIS.phase(TIME) / PERIOD)
    values = measured(PLANET + wave)
    assert values["noise_factor"] > 3
    assert values["local_secondary"] < 5
    assert values["local_bump"] < 5


def test_the_albedo_is_that_of_an_orbit_by_the_transits_duration() -> None:
    values = measured(PLANET + 1e-3 * later(0.4).in_transit(TIME))
    distance = PERIOD / (np.pi * values["trapezoid_duration"] * DURATION)
    assert values["local_albedo"] == pytest.approx(np.log10(1e-3 * distance**2), abs=0.08)


def test_an_orbit_that_is_all_transit_has_no_room_for_another() -> None:
    wide = Ephemeris(period=PERIOD, epoch=EPOCH, duration=0.4 * PERIOD)
    assert math.isnan(measured(PLANET, wide)["local_secondary"])
