"""Many stars' signals become one table, in the order of the stars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.light_curves.registry import feature_names
from mlcore.errors import DataError
from mlcore.lightcurves.bundles.bundle import bundle_in
from mlcore.lightcurves.bundles.measuring import measure_bundle, notes_of
from mlcore.lightcurves.known import KnownSignal
from mlcore.lightcurves.record_files import SIGNALS, STARS, RecordFile
from mlcore.lightcurves.records import SignalRecord, StarRecord
from mlcore.parallel import ONE_CORE, Cores
from tests.mlcore.lightcurves.bundles.made_files import TOO_FEW, csv_of, zipped

if TYPE_CHECKING:
    from pathlib import Path

WITH_ONE_BROKEN = {
    "b.csv": csv_of(seed=1),
    "a.csv": csv_of(),
    "few.csv": TOO_FEW,
    "quiet.csv": csv_of(None),
    "signals.csv": "file,period,epoch,duration,disposition\n"
    "b.csv,2.1,132.2,2.88,CONFIRMED\n"
    "b.csv,3.3,133,2,FALSE POSITIVE\n",
}


def measure(folder: Path, members: dict[str, bytes | str], cores: Cores = ONE_CORE) -> Path:
    folder.mkdir()
    path = zipped(folder / "upload", members)
    measure_bundle(bundle_in(path, "a.zip"), folder / "table", folder, cores=cores)
    return folder


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return measure(tmp_path_factory.mktemp("measured") / "one", WITH_ONE_BROKEN)


def test_rows_come_in_the_order_of_stars_and_their_signals(measured: Path) -> None:
    table = pd.read_parquet(measured / "table")
    assert list(table["signal"]) == [
        "a signal 1",
        "b signal 1",
        "b signal 2",
        "quiet signal 1",
    ]
    assert table["disposition"].fillna("").tolist() == ["", "CONFIRMED", "FALSE POSITIVE", ""]
    assert list(table) == [name for name in LIGHT_CURVES.column_names if name in table]
    assert set(feature_names()) <= set(table)


def test_records_have_the_numbers_of_rows_and_stars(measured: Path) -> None:
    stars = list(RecordFile(measured / STARS, StarRecord).without_lists())
    assert [(star.number, star.name, star.numbers) for star in stars] == [
        (1, "a", [1]),
        (2, "b", [2, 3]),
        (3, "few", []),
        (4, "quiet", [4]),
    ]
    signals = list(RecordFile(measured / SIGNALS, SignalRecord).without_lists())
    assert [(one.number, one.star, one.of_star, one.given) for one in signals] == [
        (1, 1, 1, False),
        (2, 2, 1, True),
        (3, 2, 2, True),
        (4, 4, 1, False),
    ]
    assert [signal.detected for signal in signals] == [True, True, True, False]


def test_curves_that_are_left_out_are_named_with_the_reason(measured: Path) -> None:
    stars = RecordFile(measured / STARS, StarRecord)
    refused = stars.numbered(3)
    assert refused is not None
    assert refused.refusal
    assert notes_of(measured / "table") == (
        f"1 of 4 light curves was left out. few.csv: {refused.refusal}",
    )


def test_many_that_are_left_out_are_counted(tmp_path: Path) -> None:
    few = {f"few-{number}.csv": TOO_FEW for number in range(7)}
    folder = measure(tmp_path / "a", {"a.csv": csv_of()} | few)
    (note,) = notes_of(folder / "table")
    assert note.startswith("7 of 8 light curves were left out. few-0.csv: ")
    assert note.endswith(" And 2 more.")
    assert note.count("few-") == 5


def test_known_signals_that_cannot_be_tested_are_named_with_the_reason(tmp_path: Path) -> None:
    listed = "file,period,epoch,duration\na.csv,2.1,132.2,2.88\n"
    listed += "".join(f"a.csv,{period},900,2\n" for period in range(800, 807))
    folder = measure(tmp_path / "a", {"a.csv": csv_of(), "signals.csv": listed})
    (note,) = notes_of(folder / "table")
    assert note.startswith("7 known signals were left out. a: The light curve has fewer than 2")
    assert note.count("a: ") == 5
    assert note.endswith(" And 2 more.")
    star = RecordFile(folder / STARS, StarRecord).numbered(1)
    assert star is not None
    assert (len(star.untested), star.numbers) == (7, [1])


def test_two_processes_write_the_same_table_as_one(measured: Path, tmp_path: Path) -> None:
    tokens = tmp_path / "cores"
    tokens.mkdir()
    other = measure(tmp_path / "two", WITH_ONE_BROKEN, Cores(folder=tokens, count=2))
    for name in ("table", STARS, SIGNALS):
        pd.testing.assert_frame_equal(
            pd.read_parquet(measured / name), pd.read_parquet(other / name)
        )
    assert notes_of(measured / "table") == notes_of(other / "table")


def test_where_no_curve_can_be_used_it_is_said_of_each(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        measure(tmp_path / "a", {"a.csv": TOO_FEW, "b.csv": TOO_FEW})
    sentence = str(refused.value)
    assert sentence.startswith("None of the 2 light curves can be used. a.csv: ")
    assert " b.csv: " in sentence
    with pytest.raises(DataError) as alone:
        measure(tmp_path / "b", {"a.csv": TOO_FEW})
    assert f"a.csv: {alone.value} b.csv: {alone.value}" in sentence


def test_known_signals_of_a_single_star_take_the_searchs_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of())
    known = [KnownSignal(period=2.1, epoch=132.2, duration=2.88)]
    steps: list[tuple[float, str]] = []
    measure_bundle(
        bundle_in(path, "a.csv"),
        tmp_path / "table",
        tmp_path,
        known=known,
        progress=lambda done, step: steps.append((done, step)),
    )
    table = pd.read_parquet(tmp_path / "table")
    assert table["period"].tolist() == [2.1]
    assert notes_of(tmp_path / "table") == ()
    assert all(step.startswith("Searching the light curve of a") for _, step in steps)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1][0] == 1.0
