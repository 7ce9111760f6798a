from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.benchmark import BENCHMARKS, BenchmarkRow, BenchmarkTables, tables_in_folder

if TYPE_CHECKING:
    from pathlib import Path


def row(value: float | None, *, bar: float | None, at_most: bool = False) -> BenchmarkRow:
    return BenchmarkRow(
        name="",
        task="",
        features="",
        metric="",
        value=value,
        interval=None,
        bar=bar,
        at_most=at_most,
    )


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        (row(0.9, bar=0.9), True),
        (row(0.89, bar=0.9), False),
        (row(0.02, bar=0.025, at_most=True), True),
        (row(0.03, bar=0.025, at_most=True), False),
        (row(None, bar=0.9), False),
        (row(0.9, bar=None), None),
    ],
)
def test_a_bar_holds_when_the_figure_reaches_it(line: BenchmarkRow, holds: bool | None) -> None:
    assert line.holds is holds
    assert line.as_json()["holds"] is holds


def test_without_tables_every_line_is_there_without_a_value() -> None:
    lines = [line for measure in BENCHMARKS.values() for line in measure(BenchmarkTables())]
    assert len(lines) == 28 + 7 * 2 * 3
    assert all(line.value is None for line in lines)
    assert all(line.note.startswith("Not measured: the folder lacks") for line in lines)


def test_an_empty_folder_has_the_carried_table_only(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no table")
    tables = tables_in_folder(tmp_path)
    assert tables.kepler_2017 is not None
    assert (tables.kepler, tables.kepler_wide, tables.tess, tables.k2) == (None,) * 4


@pytest.mark.long
def test_the_tables_are_recognised_by_their_columns(archive_dir: Path) -> None:
    tables = tables_in_folder(archive_dir)
    known = (tables.kepler, tables.kepler_wide, tables.kepler_2017, tables.tess, tables.k2)
    assert [len(table) for table in known if table is not None] == [9564, 9564, 8054, 7703, 1806]
    assert tables.treated is not None
    assert (~tables.treated).sum() == 800
    assert tables.kepler is not None
    # The table of 2025 and not that of 2019.
    assert tables.kepler.label_counts["confirmed"] == 2746
