"""Columns of names whose headings say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets import DATASETS, Table, read_table

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, mission: str, **columns: list[object]) -> Table:
    period = "koi_period" if mission == "kepler" else "pl_orbper"
    pd.DataFrame({**columns, period: [1.5, 2.5]}).to_csv(folder / "table.csv", index=False)
    return read_table(folder / "table.csv", DATASETS[mission], require_labels=False)


@pytest.mark.parametrize(
    ("mission", "heading", "names", "column", "star"),
    [
        ("kepler", "Name", ["KOI-752.01", "K00752.02"], "kepoi_name", "K00752"),
        ("kepler", "object", ["Kepler-22 b", "Kepler-22c"], "kepoi_name", "Kepler-22"),
        ("tess", "target", ["TIC 123", "TIC-0123"], "tid", "123"),
        ("tess", "Source", ["TOI-700.01", "TOI 700 d"], "toi", "TOI 700"),
        ("k2", "Name", ["EPIC 201367065.01", "BD+20 594 b"], "pl_name", "EPIC 201367065"),
        ("k2", "ID", ["EPIC201367065", "epic 201367065"], "hostname", "EPIC 201367065"),
    ],
)
def test_names_with_their_catalogues_prefix_name_the_rows(
    tmp_path: Path, mission: str, heading: str, names: list[object], column: str, star: str
) -> None:
    table = read(tmp_path, mission, **{heading: names})
    assert table.reading.headings[0].column == column
    assert table.reading.headings[0].use == "identifier"
    assert table.hosts[0] == star
    assert heading.lower() not in table.ignored_columns


@pytest.mark.parametrize("cells", [["1", "2"], ["Alpha", "Beta"], ["TIC 1", "TOI 2.01"]])
def test_what_may_be_anything_names_nothing(tmp_path: Path, cells: list[object]) -> None:
    table = read(tmp_path, "tess", name=cells)
    assert table.reading.headings[0].column is None
    assert table.names.tolist() == ["row 1", "row 2"]


def test_a_heading_that_says_what_it_is_comes_first(tmp_path: Path) -> None:
    table = read(tmp_path, "tess", name=["TIC 1", "TIC 2"], tid=[3, 4])
    assert table.hosts.tolist() == ["3", "4"]
    assert table.ignored_columns == ("name",)
