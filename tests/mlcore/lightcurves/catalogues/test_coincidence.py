"""How far apart two ephemerides are, and what chance makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlcore.lightcurves.catalogues.coincidence import (
    MOST_BY_CHANCE,
    Events,
    Span,
    apart,
    chance_of_meeting,
    predicted_error,
)
from mlcore.lightcurves.ephemeris import Ephemeris

SECTOR = Span(first=1325.0, last=1352.0, time_zero=2457000.0)
OWN = Ephemeris(period=5.0, epoch=1330.0, duration=0.1)
KNOWN = Events(period=5.0, epoch=2458330.0)


@pytest.mark.parametrize("zero", [2454833.0, 2457000.0])
def test_dates_of_another_count_are_the_same_dates(zero: float) -> None:
    moved = 2457000.0 - zero
    own = replace(OWN, epoch=OWN.epoch + moved)
    span = Span(first=1325.0 + moved, last=1352.0 + moved, time_zero=zero)
    assert apart(own, KNOWN, span) == pytest.approx(0.0, abs=1e-6)


def test_errors_of_ten_years_leave_the_phase_open() -> None:
    kepler = Events(period=5.0, epoch=2454970.0, period_error=1e-3, epoch_error=1e-2)
    assert predicted_error(kepler, SECTOR) == pytest.approx(0.674, abs=1e-3)
    assert chance_of_meeting(OWN, kepler, SECTOR) > MOST_BY_CHANCE
    sure = replace(kepler, period_error=1e-6)
    assert predicted_error(sure, SECTOR) == pytest.approx(0.01, abs=1e-3)
    assert chance_of_meeting(OWN, sure, SECTOR) < MOST_BY_CHANCE


def test_short_periods_meet_by_chance() -> None:
    short = Ephemeris(period=0.5, epoch=1330.0, duration=0.12)
    known = Events(period=0.5, epoch=2458330.0, epoch_error=0.02)
    assert chance_of_meeting(short, known, SECTOR) > MOST_BY_CHANCE
    # Over four years a period is known so well that none meets it by chance.
    assert chance_of_meeting(short, known, replace(SECTOR, last=2786.0)) < MOST_BY_CHANCE
