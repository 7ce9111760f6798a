"""Points that are no measurements, and light curves that are too short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.reading.limits import CURVE_LIMITS
from mlcore.lightcurves.reading.read import read_light_curve
from tests.mlcore.lightcurves.reading.made import csv, flux_of, times

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.lightcurves.light_curve import LightCurve

TIME = times()
FLUX = flux_of(TIME)


def read(folder: Path, time: Any, flux: Any, *more: Any, names: str = "time,flux") -> LightCurve:
    return read_light_curve([csv(folder / "curve", names, time, flux, *more)])


def with_some(value: float, count: int = 4) -> Any:
    flux = FLUX.copy()
    flux[10 : 10 + count] = value
    return flux


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_no_point(tmp_path: Path, value: float) -> None:
    curve = read(tmp_path, TIME, with_some(value))
    assert len(curve.time) == len(TIME) - 4
    assert "4 points without a time or a flux left out." in curve.notes


@pytest.mark.parametrize("value", [-9999.0, 0.0, -99.99, 99999.0])
def test_what_stands_for_a_missing_flux_is_no_point(tmp_path: Path, value: float) -> None:
    curve = read(tmp_path, TIME, with_some(value))
    assert len(curve.time) == len(TIME) - 4
    assert f"4 points whose flux is {value:g}, which stand for a missing one, left out." in (
        curve.notes
    )


def test_zeros_are_gaps_in_counts_and_fluxes_in_differences(tmp_path: Path) -> None:
    assert len(read(tmp_path, TIME, 500 * with_some(0)).time) == len(TIME) - 4
    assert len(read(tmp_path, TIME, with_some(1) - 1).time) == len(TIME)


def test_a_magnitude_of_99_is_none(tmp_path: Path) -> None:
    magnitudes = 12 - 2.5 * np.log10(FLUX)
    magnitudes[5] = 99.999
    curve = read(tmp_path, TIME, magnitudes, names="time,mag")
    assert len(curve.time) == len(TIME) - 1
    assert "1 point whose flux is 99.999, which stands for a missing one, left out." in curve.notes


def test_a_deep_eclipse_is_no_gap(tmp_path: Path) -> None:
    flux = FLUX.copy()
    flux[100:121] = 1 - np.abs(np.r_[np.linspace(0, 1, 11), np.linspace(0.9, 0, 10)])
    assert len(read(tmp_path, TIME, flux).time) == len(TIME)


def test_times_are_sorted_and_each_comes_once(tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(len(TIME))
    again = np.r_[order, order[:25]]
    curve = read(tmp_path, TIME[again], FLUX[again])
    assert curve.time == pytest.approx(TIME)
    assert curve.flux == pytest.approx(FLUX / np.median(FLUX))
    assert "The points were sorted by time." in curve.notes
    assert "25 points with the time of another left out." in curve.notes


def test_any_flag_counts_where_no_mission_says_what_it_means(tmp_path: Path) -> None:
    flags = np.zeros(len(TIME), dtype=int)
    flags[:6] = 64
    curve = read(tmp_path, TIME, FLUX, flags, names="time,flux,quality")
    assert len(curve.time) == len(TIME) - 6
    assert '6 points with a flag in the column "quality" left out.' in curve.notes


def test_flags_that_nearly_all_points_have_are_not_understood(tmp_path: Path) -> None:
    flags = np.ones(len(TIME), dtype=int)
    curve = read(tmp_path, TIME, FLUX, flags, names="time,flux,flag")
    assert len(curve.time) == len(TIME)
    assert 'The column "flag" was not used: most points have a flag other than 0.' in curve.notes


@pytest.mark.parametrize(
    ("points", "cadence", "has"),
    [
        (12, 0.0204, "12 points over 0.224 days"),
        (1, 0.0204, "1 point over 0 days"),
        (400, 0.001, "400 points over 0.399 days"),
    ],
)
def test_what_is_too_short_is_told_what_is_needed(
    tmp_path: Path, points: int, cadence: float, has: str
) -> None:
    time = 131.5 + cadence * np.arange(points)
    flux = np.random.default_rng(0).normal(1, 1e-4, points)
    with pytest.raises(DataError) as refused:
        read(tmp_path, time, flux, np.full(points, 1e-4), names="time,flux,error")
    assert str(refused.value) == (
        f"The light curve has {has}; a search for transits needs at least 100 points over at least"
        " 1 day."
    )


def test_nothing_measured_is_no_light_curve(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^No point of the light curve has a time and a flux\.$"):
        read(tmp_path, TIME, np.full(len(TIME), np.nan))


def test_one_time_alone_is_no_light_curve(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^The light curve has 1 point over 0 days"):
        read(tmp_path, np.full(len(TIME), 131.5), FLUX)


def test_a_light_curve_of_a_lifetime_is_none(tmp_path: Path) -> None:
    time = np.r_[TIME, 1e6 + TIME]
    with pytest.raises(DataError, match=r"goes from 131.5 to 1000150 days, which is longer than"):
        read(tmp_path, time, np.r_[FLUX, FLUX])


def test_a_star_has_so_many_files_at_most(tmp_path: Path) -> None:
    path = csv(tmp_path / "curve", "time,flux", TIME, FLUX)
    for count in (0, CURVE_LIMITS.max_files + 1):
        with pytest.raises(DataError, match=f"from 1 to 100 files of one star; these are {count}"):
            read_light_curve([path] * count)
