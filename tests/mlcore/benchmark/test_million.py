"""The benchmark of a million rows, on few: what it writes, and that it measures the real job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.benchmark.million import NUMBERS, measured, write_rows
from mlcore.datasets import DATASETS, read_table

if TYPE_CHECKING:
    from pathlib import Path


def test_each_repetition_of_the_catalogue_has_stars_and_values_of_its_own(tmp_path: Path) -> None:
    write_rows(17_000, tmp_path / "rows.csv")
    written = pd.read_csv(tmp_path / "rows.csv", dtype={"kepid": str})
    assert list(written) == ["kepid", "kepoi_name", *NUMBERS]
    assert written["kepoi_name"].is_unique
    assert written["koi_period"].nunique() > 16_900
    table = read_table(tmp_path / "rows.csv", DATASETS["kepler"], require_labels=False)
    assert len(table) == 17_000
    stars = table.hosts.nunique()
    assert 0.7 < stars / 17_000 < 1
    # Its objects are those of one star only: a name tells the same star as the column.
    assert table.object_stars.nunique() == stars


@pytest.mark.long
def test_the_whole_job_and_pages_of_it_are_measured(tmp_path: Path) -> None:
    job, memory, page = measured(12_000, tmp_path, runs=1)
    assert job.what == "predicting 12,000 rows"
    assert job.bar > 0
    assert job.bar < job.value
    assert 100 < memory.value < memory.bar
    assert memory.holds
    assert page.value > 0
