"""Which transits have points, and what follows from that."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.noise import FlatCurve
from mlcore.lightcurves.search.transit_numbers import (
    keeps_transits,
    rests_on_one,
    shorter_periods,
    transit_numbers,
)

TIME = np.arange(0.0, 20.0, 0.02)
SIGNAL = Ephemeris(period=4.0, epoch=2.0, duration=0.2)


def flat(time: np.ndarray, dips: dict[float, float]) -> FlatCurve:
    """Return a curve with a dip of some depth around each of some times."""
    deviation = np.zeros(len(time))
    for at, depth in dips.items():
        deviation[np.abs(time - at) < 0.1] = -depth
    return FlatCurve(time=time, deviation=deviation, scatter=np.full(len(time), 1e-3), cadence=0.02)


def test_transits_in_gaps_have_no_number() -> None:
    there = TIME[(TIME < 5) | (TIME > 11)]
    assert transit_numbers(SIGNAL, flat(there, {})).tolist() == [0, 3, 4]


@pytest.mark.parametrize(
    ("dips", "alone"),
    [
        ({2.0: 0.01, 6.0: 0.01, 10.0: 0.01, 14.0: 0.01, 18.0: 0.01}, False),
        ({10.0: 0.1}, True),
        ({10.0: 0.1, 14.0: 0.1}, False),
    ],
)
def test_a_signal_that_is_one_event_rests_on_it(dips: dict[float, float], alone: bool) -> None:
    assert rests_on_one(SIGNAL, flat(TIME, dips), noise_factor=1.0) is alone


def test_a_signal_with_one_transit_in_the_data_rests_on_it() -> None:
    assert rests_on_one(SIGNAL, flat(TIME[TIME < 5], {2.0: 0.1}), noise_factor=1.0)


def test_a_fit_that_meets_one_transit_of_five_is_not_kept() -> None:
    curve = flat(TIME, {})
    longer = Ephemeris(period=30.0, epoch=2.0, duration=0.2)
    assert not keeps_transits(longer, SIGNAL, curve)
    assert keeps_transits(Ephemeris(period=4.01, epoch=2.0, duration=0.1), SIGNAL, curve)


def test_half_a_period_is_told_where_all_between_fall_into_gaps() -> None:
    assert shorter_periods(SIGNAL, flat(TIME, {})) == ()
    seen = TIME[np.abs((TIME - 2.0 + 2.0) % 4.0 - 2.0) < 0.5]
    assert shorter_periods(SIGNAL, flat(seen, {})) == (2.0, 4 / 3, 1.0, 0.8)
