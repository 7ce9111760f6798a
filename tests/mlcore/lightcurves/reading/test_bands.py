"""Light curves of several filters and cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.reading.read import read_light_curve
from mlcore.lightcurves.reading.scatter import neighbour_scatter
from tests.mlcore.lightcurves.reading.made import NOISE, flux_of, times

if TYPE_CHECKING:
    from pathlib import Path

TIME = times()
FLUX = flux_of(TIME)
CHOSEN = np.random.default_rng(0).integers(0, 3, len(TIME))
OFFSETS = np.array([0.0, 0.5, 0.9])
MAGNITUDES = 12 - 2.5 * np.log10(FLUX) + OFFSETS[CHOSEN]


def _written(path: Path, **columns: object) -> Path:
    pd.DataFrame({"mjd": TIME + 58_000, **columns}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("heading", ["filter", "Band", "filtercode", "fid"])
def test_each_filter_has_its_own_level(tmp_path: Path, heading: str) -> None:
    filters = np.array(["zg", "zr", "zi"])[CHOSEN]
    curve = read_light_curve([_written(tmp_path / "a.csv", mag=MAGNITUDES, **{heading: filters})])
    assert len(curve.time) == len(TIME)
    assert neighbour_scatter(curve.flux) < 1.2 * NOISE
    (said,) = [note for note in curve.notes if "median" in note]
    assert said.startswith("The points were measured with 3 filters (")


def test_each_camera_in_each_filter_has_its_own_level(tmp_path: Path) -> None:
    curve = read_light_curve(
        [
            _written(
                tmp_path / "a.csv",
                mag=MAGNITUDES,
                Filter=np.array(["V", "g", "g"])[CHOSEN],
                Camera=np.array(["ba", "ba", "bb"])[CHOSEN],
            )
        ]
    )
    assert neighbour_scatter(curve.flux) < 1.2 * NOISE
    assert any("with 3 pairs of filter and camera" in note for note in curve.notes)


def test_one_filter_is_nothing_to_speak_of(tmp_path: Path) -> None:
    curve = read_light_curve([_written(tmp_path / "a.csv", flux=FLUX, filter="TESS")])
    assert not any("filter" in note for note in curve.notes)


def test_a_filter_of_few_points_is_left_out(tmp_path: Path) -> None:
    filters = np.where(np.arange(len(TIME)) % (len(TIME) // 5) == 7, "z", "r")
    flux = np.where(filters == "z", 3 * FLUX, FLUX)
    curve = read_light_curve([_written(tmp_path / "a.csv", flux=flux, filter=filters)])
    assert len(curve.time) == len(TIME) - int((filters == "z").sum())
    assert any("filters with fewer than 20 points left out" in note for note in curve.notes)


def test_filters_of_a_few_points_each_are_refused(tmp_path: Path) -> None:
    filters = [f"f{place // 15 % 45}" for place in range(600)]
    path = tmp_path / "a.csv"
    pd.DataFrame({"time": TIME[:600], "flux": FLUX[:600], "filter": filters}).to_csv(path)
    with pytest.raises(DataError, match=r"with 40 filters, and with none of them at least 20"):
        read_light_curve([path])


def test_a_folded_curve_is_asked_for_its_times(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    pd.DataFrame({"phase": TIME % 1, "flux": FLUX}).to_csv(path, index=False)
    with pytest.raises(DataError, match=r'^The light curve is folded \(column "phase"\)'):
        read_light_curve([path])
