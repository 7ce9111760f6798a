"""Signals that a sender knows of."""

from __future__ import annotations

import math

import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.known import KnownSignal


def test_an_epoch_is_in_the_curves_own_times_or_a_julian_date() -> None:
    own = KnownSignal(period=10.05, epoch=1980.42, duration=2.6)
    julian = KnownSignal(period=10.05, epoch=2456813.42, duration=2.6)
    assert own.epoch_after(2454833.0) == 1980.42
    assert julian.epoch_after(2454833.0) == pytest.approx(1980.42, abs=1e-8)
    assert own.days == 2.6 / 24


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"period": 0.0}, "period must be a number of days above 0."),
        ({"period": math.nan}, "period must be a number of days above 0."),
        ({"epoch": math.inf}, "epoch must be a number of days."),
        ({"duration": -1.0}, "duration must be a number of hours above 0."),
        ({"duration": 48.0}, "duration [h] must be shorter than the period [d]."),
    ],
)
def test_what_is_no_such_number_is_refused(values: dict[str, float], sentence: str) -> None:
    with pytest.raises(DataError) as refused:
        KnownSignal(**{"period": 2.0, "epoch": 0.0, "duration": 3.0} | values)
    assert str(refused.value) == sentence


def test_an_epoch_may_lie_before_the_curve_begins() -> None:
    assert KnownSignal(period=2.0, epoch=-5.0, duration=3.0).epoch_after(2454833.0) == -5.0


def test_a_julian_date_says_nothing_where_nobody_knows_from_when_the_times_count() -> None:
    signal = KnownSignal(period=10.05, epoch=2456813.42, duration=2.6)
    with pytest.raises(DataError, match=r"^The known signal's epoch is a Julian date, and"):
        signal.epoch_after(0.0, 1977.2)
    assert signal.epoch_after(0.0, 2456810.1) == signal.epoch
