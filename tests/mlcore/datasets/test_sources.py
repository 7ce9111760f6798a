from __future__ import annotations

import dataclasses
import hashlib
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets import (
    K2,
    KEPLER,
    TESS,
    Dataset,
    NotATableError,
    SourceKind,
    UnavailableError,
    obtain,
    of_candidates,
    sources,
)
from mlcore.datasets.missions.kepler import DR25
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

NEWEST = {
    "kepler": "koi_cumulative_2025.10.04_default49.csv",
    "k2": "k2pandc_2025.10.04_default94.csv",
    "tess": "toi_2025.10.04_default65.csv",
}


@pytest.mark.sampled("tess")
@pytest.mark.parametrize("dataset", of_candidates().values(), ids=of_candidates())
def test_the_folder_of_real_tables_gives_the_newest_of_each_mission(
    archive_dir: Path, dataset: Dataset
) -> None:
    obtained = obtain(dataset, folder=archive_dir, use_archive=False)
    path = archive_dir / NEWEST[dataset.name]
    assert obtained.kind is SourceKind.FOLDER
    assert obtained.description == f"the file {path.name}"
    assert obtained.dated == date(2025, 10, 4)
    assert obtained.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert obtained.failures == ()


def test_tables_are_recognised_by_their_columns_and_sorted_by_their_date(archive_dir: Path) -> None:
    names = [path.name for path in sources.tables_in(archive_dir, KEPLER)]
    assert names == [
        NEWEST["kepler"],
        "koi_cumulative_2019.01.20_default50.csv",
        "q1_q17_dr25_koi_2017.07.19_all153.tbl.gz",
    ]
    assert [path.name for path in sources.tables_in(archive_dir, K2)] == [NEWEST["k2"]]
    assert [path.name for path in sources.tables_in(archive_dir, TESS)] == [NEWEST["tess"]]


def test_a_table_is_recognised_under_any_name_beside_anything_else(tmp_path: Path) -> None:
    shutil.copy(DR25.path, tmp_path / "notes.txt")
    (tmp_path / "kepler.csv").write_text("kepid,kepoi_name,koi_disposition\n1,a,CONFIRMED\n")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\x00")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "folder.csv").mkdir()
    obtained = obtain(KEPLER, folder=tmp_path, use_archive=False)
    assert obtained.description == "the file notes.txt"
    assert obtained.dated == date(2017, 7, 19)


def _written(folder: Path, name: str, header: str = "", **changed: object) -> Path:
    frame = pd.read_parquet(DR25.path).head(30).assign(**changed)
    path = folder / name
    path.write_text(header + frame.to_csv(index=False), encoding="utf-8")
    return path


def test_a_derived_table_is_not_taken(tmp_path: Path) -> None:
    _written(tmp_path, "a.csv", reconstruction_source="mine")
    assert sources.tables_in(tmp_path, KEPLER) == ()


def test_a_newer_file_that_cannot_be_used_gives_way_to_an_older_one(tmp_path: Path) -> None:
    _written(tmp_path, "new.csv", "# Sat Oct  4 09:06:58 2025\n", koi_depth="deep")
    _written(tmp_path, "old.csv", "# Sun Jan 20 03:22:26 2019\n")
    obtained = obtain(KEPLER, folder=tmp_path, use_archive=False)
    assert obtained.description == "the file old.csv"
    assert obtained.failures == (
        (
            'new.csv in the folder cannot be used: Column koi_depth has "deep" in row 1, '
            "which is not a number; leave the cell empty where nothing was measured."
        ),
    )


def test_a_given_file_is_the_only_source(tmp_path: Path, archive_dir: Path) -> None:
    path = _written(tmp_path, "mine.csv", "# Sun Jan 20 03:22:26 2019\n")
    steps: list[tuple[float, str]] = []
    obtained = obtain(
        KEPLER,
        file=path,
        folder=archive_dir,
        progress=lambda done, step: steps.append((done, step)),
    )
    assert obtained.kind is SourceKind.FILE
    assert len(obtained.table) == 30
    assert obtained.dated == date(2019, 1, 20)
    assert steps == [(0.0, "Reading mine.csv"), (1.0, "Read mine.csv")]


def test_a_given_file_that_fails_is_an_error_and_nothing_else_is_tried(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(b"\x89PNG\x00")
    with pytest.raises(NotATableError):
        obtain(KEPLER, file=tmp_path / "mine.csv")
    with pytest.raises(DataError, match=r"^The file gone\.csv cannot be opened: it does not exist"):
        obtain(KEPLER, file=tmp_path / "gone.csv")
    with pytest.raises(DataError, match=r"cannot be opened: it is a folder\.$"):
        obtain(KEPLER, file=tmp_path)


def test_kepler_falls_back_to_the_carried_table_and_says_why(tmp_path: Path) -> None:
    steps: list[float] = []
    obtained = obtain(
        KEPLER,
        folder=tmp_path / "gone",
        use_archive=False,
        progress=lambda done, _: steps.append(done),
    )
    assert obtained.kind is SourceKind.CARRIED
    assert obtained.description == "the carried Kepler Q1-Q17 DR25 table of 2017"
    assert obtained.dated == date(2017, 7, 19)
    assert obtained.sha256 == DR25.sha256
    assert len(obtained.table) == 8054
    assert obtained.failures == (
        "The folder gone cannot be opened: it does not exist.",
        "The NASA Exoplanet Archive was not asked.",
    )
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


def test_a_damaged_carried_table_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(DR25.path.read_bytes()[:-1])
    damaged = dataclasses.replace(KEPLER, carried=dataclasses.replace(DR25, path=path))
    with pytest.raises(UnavailableError, match="The carried Kepler Q1-Q17 DR25 table of 2017 is"):
        obtain(damaged, use_archive=False)


def test_a_mission_that_no_source_has_is_refused_with_the_command_that_loads_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(UnavailableError) as caught:
        obtain(K2, folder=tmp_path, use_archive=False)
    assert str(caught.value) == (
        "K2 planets and candidates cannot be loaded. "
        f"The folder {tmp_path.name} has no usable table of K2 planets and candidates. "
        "The NASA Exoplanet Archive was not asked. "
        "The project carries no table of this mission. "
        "Load a file with: manage.py load_dataset k2 --file PATH"
    )
