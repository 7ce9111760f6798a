from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import KEPLER, Table, read_table
from mlcore.datasets.equal_rows import first_equal_row, rows_found_in
from tests.mlcore.datasets.transits import transits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_rows_are_found_by_their_values_whatever_their_order_and_digits() -> None:
    rows = transits()
    others = rows.iloc[[20, 3, 11]].reset_index(drop=True)
    others["kepid"] = ["1", "2", "3"]
    numbers = others.columns[1:]
    others[numbers] = others[numbers].map(lambda value: float(f"{value:.6g}"))
    assert rows_found_in(others, rows, KEPLER).all()
    assert np.flatnonzero(rows_found_in(rows, others, KEPLER)).tolist() == [3, 11, 20]
    assert not rows_found_in(transits(seed=1), rows, KEPLER).any()


def test_only_columns_of_both_tables_are_compared() -> None:
    rows = transits()
    few = rows[["koi_period", "koi_depth", "koi_duration"]]
    assert rows_found_in(few, rows, KEPLER).all()
    # Two columns are too few, and the star's alone are those of its other objects.
    assert not rows_found_in(rows[["koi_period", "koi_depth"]], rows, KEPLER).any()
    star = rows[["koi_steff", "koi_slogg", "koi_srad", "koi_kepmag", "koi_period"]]
    assert not rows_found_in(star, rows, KEPLER).any()


def test_a_value_that_is_missing_on_one_side_makes_rows_differ() -> None:
    rows = transits()
    gaps = rows.assign(koi_depth=np.nan)
    assert not rows_found_in(gaps, rows, KEPLER).any()
    assert rows_found_in(gaps, gaps.copy(), KEPLER).all()


def test_a_repeated_row_is_told_by_the_first_of_its_kind() -> None:
    rows = pd.concat([transits(4), transits(4).iloc[[2, 0]]], ignore_index=True)
    assert first_equal_row(rows, KEPLER).tolist() == [0, 1, 2, 3, 2, 0]
    rows.loc[[2, 4], rows.columns[1:]] = np.nan
    assert first_equal_row(rows, KEPLER).tolist() == [0, 1, 2, 3, 4, 0]


def test_repeated_rows_are_told_and_are_one_star_where_none_is_named(tmp_path: Path) -> None:
    frame = transits(4).drop(columns="kepid")
    frame = pd.concat([frame, frame.iloc[[2, 0]]], ignore_index=True)
    frame.to_csv(tmp_path / "table.csv", index=False)
    table = read_table(tmp_path / "table.csv", KEPLER, require_labels=False)
    assert table.hosts.tolist() == ["row 1", "row 2", "row 3", "row 4", "row 3", "row 1"]
    assert table.warnings[-1] == (
        "2 rows of 6 repeat the measured values of an earlier row. They count as one star with that"
        " row where no name says otherwise."
    )
    named = frame.assign(kepid=list("abcdef"))
    named.to_csv(tmp_path / "table.csv", index=False)
    table = read_table(tmp_path / "table.csv", KEPLER, require_labels=False)
    assert table.hosts.tolist() == list("abcdef")


@pytest.mark.parametrize("mission", ["kepler", "k2", "tess"])
def test_no_two_objects_of_the_archive_are_taken_for_one(
    whole_table: Callable[[str], Table], mission: str
) -> None:
    table = whole_table(mission)
    first = first_equal_row(table.frame, table.dataset)
    assert (first == np.arange(len(table))).all()
