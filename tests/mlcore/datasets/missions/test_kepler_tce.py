from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.datasets import KEPLER_TCE, UnavailableError, obtain, of_candidates, read_table
from mlcore.datasets.snapshot import read_whole_snapshot, write_snapshot
from mlcore.errors import DataError
from mlcore.features import compute, features_of, harmonised_features
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.metrics import measure_slices
from mlcore.pretrained import PUBLISHED
from mlcore.tasks import TRIAGE
from tests.mlcore.datasets.missions.made_events import events, events_file, robovetter_file

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Made-up events, read from a file."""
    path = events_file(tmp_path / "events.csv", events())
    return read_table(path, KEPLER_TCE, require_labels=True)


def test_what_its_makers_filled_in_for_a_gap_is_missing(tmp_path: Path) -> None:
    frame = events(5)
    gaps = {"tce_period_err": -1.0, "tce_cap_stat": 0.0, "boot_fap": -1.0, "wst_depth": 0.0}
    for name, gap in gaps.items():
        frame.loc[0, name] = gap
    # A probability of 0 is one, and a statistic may be -1.
    frame.loc[1, ["boot_fap", "tce_hap_stat"]] = 0.0, -1.0
    frame.loc[0, "tce_steff_err1"] = 0.0
    path = events_file(tmp_path / "events.csv", frame)
    table = read_table(path, KEPLER_TCE, require_labels=True)
    assert table.frame.loc[0, list(gaps)].isna().all()
    assert table.frame.loc[1, ["boot_fap", "tce_hap_stat"]].tolist() == [0.0, -1.0]
    assert np.isnan(table.withheld_errors.loc[0, "tce_steff_err1"])


def test_events_are_named_by_their_star_and_are_planets_or_not(table: Table) -> None:
    assert table.names[0] == f"KIC {table.frame['tceid'][0]}"
    assert set(table.labels) == {"confirmed", "false_positive"}
    assert (table.labels[table.frame["label"] != "PC"] == "false_positive").all()


def test_no_feature_is_of_the_star_or_computed_from_it(table: Table) -> None:
    features = features_of(KEPLER_TCE)
    names = {feature.name for feature in features}
    assert {"density_from_duration", "depth_error_over_snr", "match_chance_near"} <= names
    of_star = {"scaled_axis", "density_ratio", "radius_over_valley", "sibling_radius_ratio"}
    assert not of_star & names
    leaky = {column.name for column in KEPLER_TCE.leaky_columns}
    assert not leaky & {name for feature in features for name in feature.needs}
    assert not leaky & set(Inputs().matrix(table, reference=table))
    # Physical checks have them all the same, and the table says that no model does.
    assert {"tce_prad", "tce_steff"} <= set(table.frame)
    assert {"tce_prad", "tce_steff", "tce_nkoi", "koi_score"} <= set(table.withheld_columns)
    assert compute(table, reference=table).notna().any().sum() > 20


def test_it_is_no_mission_of_candidates() -> None:
    assert "tce" not in of_candidates()
    assert not KEPLER_TCE.published
    assert "tce" not in PUBLISHED["joint-vetting"].missions
    # What only Kepler's two tables have is not shared by missions.
    assert "snr" not in {feature.name for feature in harmonised_features()}


def test_it_is_loaded_from_a_file_or_a_folder_only() -> None:
    with pytest.raises(
        UnavailableError,
        match="from a file or a folder only: the NASA Exoplanet Archive does not serve it",
    ):
        obtain(KEPLER_TCE)


def test_the_robovetters_words_are_joined_where_a_folder_has_them(tmp_path: Path) -> None:
    frame = events(40)
    events_file(tmp_path / "a.csv", frame)
    robovetter_file(tmp_path / "b.csv", frame.iloc[::-1].iloc[:-1])
    obtained = obtain(KEPLER_TCE, folder=tmp_path, use_archive=False)
    assert obtained.description == "the file a.csv, with b.csv joined"
    table = obtained.table
    assert table.frame["robovetter_score"].isna().tolist() == [True] + [False] * 39
    said = table.frame["robovetter_disposition"][1:] == "PC"
    assert (said == (table.frame["robovetter_score"][1:] > 0.5)).all()
    # It is kept, and it is no feature.
    write_snapshot(table, tmp_path / "snapshot.parquet")
    again, _ = read_whole_snapshot(tmp_path / "snapshot.parquet", KEPLER_TCE)
    assert again.frame["robovetter_score"].equals(table.frame["robovetter_score"])
    assert "robovetter_score" not in Inputs(feature_set=FeatureSet.WIDE).matrix(again)


def test_a_companion_that_speaks_twice_of_an_event_is_refused(tmp_path: Path) -> None:
    frame = events(40)
    events_file(tmp_path / "a.csv", frame)
    path = robovetter_file(tmp_path / "b.csv", frame)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[-1]]))
    with pytest.raises(DataError, match=r"b\.csv says twice what the Robovetter said"):
        obtain(KEPLER_TCE, folder=tmp_path, use_archive=False)


def test_planets_are_measured_against_each_kind_of_the_others(table: Table) -> None:
    probabilities = np.tile([0.4, 0.6], (len(table), 1))
    sliced = measure_slices(table, probabilities, task=TRIAGE, split="these", resamples=2)[-1]
    counts = table.frame["label"].value_counts()
    assert [(part.range, part.measurement.rows) for part in sliced.slices] == [
        ("planets against astrophysical false positives (AFP)", counts["PC"] + counts["AFP"]),
        ("planets against non-transiting phenomena (NTP)", counts["PC"] + counts["NTP"]),
    ]


@pytest.mark.long
def test_the_real_table_is_read_with_what_the_robovetter_said(archive_dir: Path) -> None:
    obtained = obtain(KEPLER_TCE, folder=archive_dir, use_archive=False)
    table = obtained.table
    assert len(table) == 30612
    assert table.frame["label"].value_counts().to_dict() == {"NTP": 24782, "AFP": 3539, "PC": 2291}
    assert table.frame["robovetter_score"].notna().all()
    assert table.frame["tce_model_snr"].isna().sum() == 2177
    assert table.warnings == ()
    assert table.ignored_columns == ()
