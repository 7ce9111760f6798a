"""Where an upload belongs: to light curves, or to tables of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcore.datasets import DATASETS
from mlcore.datasets.readers.light_curves import is_light_curve
from mlcore.lightcurves.reading.recognition import are_of_light_curve, holds_light_curve
from tests.mlcore.lightcurves.reading.made import csv, flux_of, kepler_file, times

if TYPE_CHECKING:
    from pathlib import Path

TIME = times()


@pytest.mark.parametrize("mission", list(DATASETS))
def test_no_missions_table_is_a_light_curve(mission: str) -> None:
    headings = [column.name for column in DATASETS[mission].columns]
    assert not are_of_light_curve(headings)
    assert not is_light_curve(headings)


@pytest.mark.parametrize(
    "headings",
    [["time", "flux"], ["TIME", "TIMECORR", "SAP_FLUX", "QUALITY"], ["HJD", "mag", "err"]],
)
def test_a_time_and_a_brightness_are_a_light_curve(headings: list[str]) -> None:
    assert is_light_curve(headings)
    assert are_of_light_curve(headings)


def test_files_are_told_apart_by_their_headings(tmp_path: Path) -> None:
    flux = flux_of(TIME)
    with (tmp_path / "npz").open("wb") as file:
        np.savez(file, time=TIME, flux=flux)
    pq.write_table(pa.table({"time": [TIME.tolist()], "flux": [flux.tolist()]}), tmp_path / "lists")
    curves = [
        csv(tmp_path / "named", "time,flux", TIME, flux),
        csv(tmp_path / "unnamed", "", TIME, flux),
        kepler_file(tmp_path / "fits"),
        tmp_path / "npz",
        tmp_path / "lists",
    ]
    assert all(holds_light_curve(path) for path in curves)
    (tmp_path / "nothing").write_bytes(b"")
    (tmp_path / "page").write_text("<html></html>")
    with (tmp_path / "arrays").open("wb") as file:
        np.savez(file, koi_period=TIME, koi_depth=flux)
    others = [
        csv(tmp_path / "koi", "kepid,koi_period,koi_depth", [1, 2], [3.5, 4.5], [100, 200]),
        csv(tmp_path / "numbers", "", *[TIME] * 8),
        *(tmp_path / name for name in ("nothing", "page", "arrays")),
    ]
    assert not any(holds_light_curve(path) for path in others)
