"""From when times count, and in which unit they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.reading.read import read_light_curve
from tests.mlcore.lightcurves.reading.made import csv, flux_of, times

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.lightcurves.light_curve import LightCurve

DAYS = times(0.0)
FLUX = flux_of(DAYS)


def read(folder: Path, heading: str, time: Any, *, name: str = "curve.csv") -> LightCurve:
    return read_light_curve([csv(folder / name, f"{heading},flux", time, FLUX)])


@pytest.mark.parametrize(
    ("heading", "first", "zero", "name", "date"),
    [
        ("BJD", 2458000.25, 2457000, "BJD − 2457000", 2458000.25),
        ("BJD", 2455000.25, 2454833, "BJD − 2454833", 2455000.25),
        ("time", 2458000.25, 2457000, "BJD − 2457000", 2458000.25),
        ("BTJD", 1354.5, 2457000, "BTJD", 2458354.5),
        ("Time (BJD - 2457000)", 1354.5, 2457000, "BTJD", 2458354.5),
        ("Time [BKJD]", 131.5, 2454833, "BKJD", 2454964.5),
        ("time_bkjd", 131.5, 2454833, "BKJD", 2454964.5),
        ("BJD-2454833", 131.5, 2454833, "BKJD", 2454964.5),
        ("BJD_TDB - 2450000", 8354.5, 2457000, "BJD − 2457000", 2458354.5),
        ("MJD", 58353.25, 2457000, "JD − 2457000", 2458353.75),
        ("time", 58353.25, 2457000, "BJD − 2457000", 2458353.75),
        ("HJD", 58353.25, 2457000, "HJD − 2457000", 2458353.25),
        ("HJD", 2458353.25, 2457000, "HJD − 2457000", 2458353.25),
        ("HJD - 2450000", 8353.25, 2457000, "HJD − 2457000", 2458353.25),
    ],
)
def test_a_stated_date_is_the_zero_point(
    tmp_path: Path, heading: str, first: float, zero: float, name: str, date: float
) -> None:
    curve = read(tmp_path, heading, first + DAYS)
    assert (curve.time_zero, curve.time_name) == (zero, name)
    assert curve.time_zero + curve.time[0] == pytest.approx(date, abs=1e-8)
    assert curve.cadence == pytest.approx(0.0204, abs=1e-8)


@pytest.mark.parametrize("heading", ["time", "t", "BJD", "JD"])
def test_where_nothing_says_it_times_count_from_nowhere(tmp_path: Path, heading: str) -> None:
    curve = read(tmp_path, heading, 1354.5 + DAYS)
    assert (curve.time_zero, curve.time_name) == (0, "time")
    assert "Nothing says from when the times count; they were taken for days." in curve.notes


@pytest.mark.parametrize(
    ("file_name", "first", "name"),
    [
        ("KIC 757076.csv", 131.5, "BKJD"),
        ("tic_260271203_lc.csv", 1354.5, "BTJD"),
        ("EPIC201367065.txt", 1977.3, "BKJD"),
        ("KIC 757076.csv", 1977.3, "time"),
        ("tic_260271203_lc.csv", 131.5, "time"),
    ],
)
def test_a_missions_star_in_the_missions_own_time_says_it(
    tmp_path: Path, file_name: str, first: float, name: str
) -> None:
    assert read(tmp_path, "time", first + DAYS, name=file_name).time_name == name


@pytest.mark.parametrize(
    ("heading", "factor", "unit"),
    [("time (s)", 86400, "s"), ("time [hours]", 24, "h"), ("time_min", 1440, "min")],
)
def test_a_stated_unit_is_converted(tmp_path: Path, heading: str, factor: float, unit: str) -> None:
    curve = read(tmp_path, heading, DAYS * factor)
    assert curve.cadence == pytest.approx(0.0204)
    assert f"The times were converted from {unit} to days." in curve.notes


def test_a_julian_date_in_seconds_is_no_time(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='"BJD \\(s\\)", is said to be a Julian date in s; Julian'):
        read(tmp_path, "BJD (s)", 2458000 + DAYS)


def test_seconds_that_are_called_nothing_are_noticed(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        read(tmp_path, "time", DAYS[:600] * 86400 if len(DAYS) < 600 else DAYS * 600)
    assert str(refused.value) == (
        "The light curve has a point every 12.2 days as a rule; expected is one every second to"
        " every 6 hours. Times are taken for days where the heading names no other unit, such as"
        " time (s)."
    )


def test_dates_are_times_in_utc(tmp_path: Path) -> None:
    stamps = np.datetime64("2019-01-01T00:00:00") + (DAYS * 86400).astype("timedelta64[s]")
    curve = read(tmp_path, "time", stamps)
    assert curve.time_name == "JD − 2457000"
    assert curve.time[0] == pytest.approx(2458484.5 - 2457000 + 69.184 / 86400, abs=1e-6)
    assert "The dates were taken for UTC." in curve.notes


@pytest.mark.parametrize("heading", ["MJD", "JD"])
def test_times_at_the_earth_are_said_to_be_off(tmp_path: Path, heading: str) -> None:
    first = 58353.25 if heading == "MJD" else 2458353.25
    assert read(tmp_path, heading, first + DAYS).notes[-2] == (
        "The times are not said to be barycentric, from which times at the Earth differ by up to 8"
        " minutes."
    )


def test_words_are_no_times(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='has words in it such as "soon"; allowed are numbers'):
        read(tmp_path, "time", ["soon"] * len(FLUX))


def test_files_that_count_from_different_dates_count_from_one(tmp_path: Path) -> None:
    one = csv(tmp_path / "one", "BTJD,flux", 1354.5 + DAYS, FLUX)
    other = csv(tmp_path / "other", "BJD,flux", 2458454.5 + DAYS, FLUX)
    curve = read_light_curve([other, one])
    assert curve.time[0] == pytest.approx(1354.5, abs=1e-8)
    assert curve.segment_names == ("one", "other")
    assert curve.span == pytest.approx(100 + DAYS[-1], abs=1e-8)


def test_files_of_which_one_counts_from_nowhere_are_not_put_together(tmp_path: Path) -> None:
    one = csv(tmp_path / "one", "BTJD,flux", 1354.5 + DAYS, FLUX)
    other = csv(tmp_path / "other", "time,flux", 1454.5 + DAYS, FLUX)
    with pytest.raises(DataError, match=r"^Nothing says from when the times of other count, as "):
        read_light_curve([one, other])
