from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest

import mlcore
from mlcore.computed import Computed
from mlcore.datasets import TESS, Table, read_table, snapshot
from mlcore.datasets.snapshot import read_snapshot, read_whole_snapshot, write_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVERY_MISSION = pytest.mark.parametrize("mission", mlcore.DATASETS)


@pytest.mark.parametrize("mission", ["k2", "tess"])
def test_uncertainties_that_no_model_may_see_survive_and_are_withheld_again(
    mission: str, whole_table: Callable[[str], Table], tmp_path: Path
) -> None:
    whole = whole_table(mission)
    names = [column.name for column in whole.dataset.withheld_errors]
    assert names
    assert set(whole.withheld_errors) <= set(names)
    assert whole.withheld_errors.notna().any().any()
    tested = write_snapshot(whole, tmp_path / "snapshot")
    training, testing = read_snapshot(tmp_path / "snapshot", whole.dataset)
    for part, mask in ((training, ~tested), (testing, tested)):
        kept = whole.take(mask)
        assert kept.labels is not None
        labelled = kept.take(kept.labels.notna().to_numpy())
        pd.testing.assert_frame_equal(part.withheld_errors, labelled.withheld_errors)
        assert set(part.frame).isdisjoint(names)
        assert set(part.features).isdisjoint(names)
        assert set(part.wide_features).isdisjoint(names)


def test_a_table_without_withheld_uncertainties_has_none_in_its_snapshot(
    kepler_table: Table, tmp_path: Path
) -> None:
    few = replace(kepler_table.take(range(200)), withheld_errors=pd.DataFrame())
    write_snapshot(few, tmp_path / "snapshot")
    training, testing = read_snapshot(tmp_path / "snapshot", few.dataset)
    assert list(training.withheld_errors) == list(testing.withheld_errors) == []
    assert training.with_rows_of(testing).withheld_errors.empty


@pytest.mark.sampled("k2")
@EVERY_MISSION
def test_a_snapshot_says_which_rows_are_tested_whoever_reads_it(
    mission: str, small_tables: Callable[[str], tuple[Table, Table]], tmp_path: Path
) -> None:
    table = small_tables(mission)[0]
    tested = write_snapshot(table, tmp_path / "snapshot")
    assert list(pq.read_table(tmp_path / "snapshot").column("in_test_split")) == list(
        pq.read_table(tmp_path / "snapshot").column("in_test_split")
    )
    training, testing = read_snapshot(tmp_path / "snapshot", table.dataset)
    assert list(testing.names) == list(table.names[tested])
    assert list(training.names) == list(table.names[~tested])
    assert set(training.hosts).isdisjoint(testing.hosts)


@pytest.mark.sampled("k2")
@EVERY_MISSION
def test_a_snapshot_that_is_kept_as_it_was_checked_is_read_as_before(
    mission: str,
    small_tables: Callable[[str], tuple[Table, Table]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = small_tables(mission)[0]
    write_snapshot(table, tmp_path / "snapshot")
    expected = read_table(tmp_path / "snapshot", table.dataset, require_labels=True)
    kept = Computed(tmp_path / "computed")
    first = read_whole_snapshot(tmp_path / "snapshot", table.dataset, computed=kept)
    # It is read once.
    monkeypatch.delattr(snapshot, "read_table")
    again = read_whole_snapshot(tmp_path / "snapshot", table.dataset, computed=kept)
    for found, tested in (first, again):
        assert list(tested) == list(
            pq.read_table(tmp_path / "snapshot")["in_test_split"].to_pylist()
        )
        assert found.fingerprint == expected.fingerprint
        pd.testing.assert_frame_equal(found.frame, expected.frame)
        pd.testing.assert_frame_equal(found.withheld_errors, expected.withheld_errors)
        for field in fields(Table):
            if field.name not in {"frame", "withheld_errors", "row_numbers"}:
                assert getattr(found, field.name) == getattr(expected, field.name)
        assert list(found.row_numbers) == list(expected.row_numbers)


def test_rows_are_checked_again_where_the_mission_declares_something_else(
    kepler_table: Table, tmp_path: Path
) -> None:
    few, kept = kepler_table.take(range(200)), Computed(tmp_path / "computed")
    write_snapshot(few, tmp_path / "snapshot")
    read_whole_snapshot(tmp_path / "snapshot", few.dataset, computed=kept)
    stated = few.frame["koi_impact"].iloc[0]
    columns = tuple(
        replace(column, absent=(stated,)) if column.name == "koi_impact" else column
        for column in few.dataset.columns
    )
    other = replace(few.dataset, columns=columns)
    read, _ = read_whole_snapshot(tmp_path / "snapshot", other, computed=kept)
    assert stated > 0
    assert not (read.frame["koi_impact"] == stated).any()


def test_rows_without_a_label_are_on_neither_side(kepler_table: Table, tmp_path: Path) -> None:
    few = kepler_table.take(range(300))
    frame = few.frame.copy()
    frame.loc[:49, "koi_disposition"] = None
    partly = replace(few, frame=frame)
    tested = write_snapshot(partly, tmp_path / "snapshot")
    assert not tested[:50].any()
    training, testing = read_snapshot(tmp_path / "snapshot", few.dataset)
    assert len(training) + len(testing) == 250
    assert set(few.names[:50]).isdisjoint([*training.names, *testing.names])


def test_a_table_without_labels_makes_no_snapshot(kepler_table: Table, tmp_path: Path) -> None:
    unlabelled = replace(kepler_table, frame=kepler_table.frame.drop(columns="koi_disposition"))
    with pytest.raises(ValueError, match="a snapshot needs labels"):
        write_snapshot(unlabelled, tmp_path / "snapshot")
    assert list(tmp_path.iterdir()) == []


def test_the_withheld_uncertainties_of_tess_are_those_that_follow_the_follow_up() -> None:
    assert {column.name for column in TESS.withheld_errors} >= {"pl_orbpererr1", "st_tefferr2"}
    assert all(column.leak for column in TESS.withheld_errors)
