"""Files that people really send: each is read as its plain form, or refused with what helps.

They lie beside the archive's tables, in a folder of their own; what each kind is stands made by
hand in the tests of headings and labels.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlcore.datasets import DATASETS, NotATableError, Table, read_table
from mlcore.datasets.headings.mapping import ColumnMapping
from mlcore.errors import DataError


def _folder() -> Path | None:
    named = os.environ.get("EXOPLANET_CASES_DIR")
    if not named and (archive := os.environ.get("EXOPLANET_ARCHIVE_DIR")):
        named = str(Path(archive).parent / "cases")
    return Path(named) if named and Path(named).is_dir() else None


CASES = _folder()
pytestmark = pytest.mark.skipif(CASES is None, reason="the folder of cases is not here")


def read(name: str, mission: str = "kepler", *, labels: bool = True, **mapping: Any) -> Table:
    assert CASES is not None
    return read_table(
        CASES / name,
        DATASETS[mission],
        require_labels=labels,
        mapping=ColumnMapping.parse(**mapping),
    )


def same(table: Table, plain: Table) -> None:
    """Compare to the bit what a model, a split and a result see of two tables."""
    assert table.names.tolist() == plain.names.tolist()
    assert table.hosts.tolist() == plain.hosts.tolist()
    assert np.array_equal(table.features.to_numpy(), plain.features.to_numpy(), equal_nan=True)
    assert (table.labels is None) == (plain.labels is None)
    if table.labels is not None and plain.labels is not None:
        assert table.labels.fillna("").tolist() == plain.labels.fillna("").tolist()


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("name", "plain", "mission"),
    [
        ("c_units_in_headings.csv", "koi_test_clean.csv", "kepler"),
        ("c_upper.csv", "koi_test_clean.csv", "kepler"),
        ("l_hyphen.csv", "koi_train_clean.csv", "kepler"),
        ("l_confirmed_planet.csv", "koi_train_clean.csv", "kepler"),
        ("l_tesswords.csv", "koi_train_clean.csv", "kepler"),
        ("l_title_space.csv", "koi_train_clean.csv", "kepler"),
        ("l_col_disposition.csv", "koi_train_clean.csv", "kepler"),
        ("l_col_label.csv", "koi_train_clean.csv", "kepler"),
        ("k_flag_true_train.csv", "k2_train_clean.csv", "k2"),
        ("k_flag_float_train.csv", "k2_train_clean.csv", "k2"),
        ("t_words_train.csv", "toi_train_clean.csv", "tess"),
    ],
)
def test_another_spelling_gives_the_same_table(name: str, plain: str, mission: str) -> None:
    same(read(name, mission), read(plain, mission))


def test_a_table_whose_main_columns_have_the_archives_labels_lacks_nothing() -> None:
    table = read("h_half_renamed_test.csv")
    assert table.missing_columns == ()
    # The same objects under the mission's own names.
    same_objects = read("h_nine_columns_test.csv").features
    for name in ("koi_period", "koi_duration", "koi_depth", "koi_steff", "koi_slogg", "koi_srad"):
        assert table.features[name].equals(same_objects[name])
    read_as = {row.heading: row.column for row in table.reading.headings}
    assert read_as["Planetary Radius"] == "koi_prad"
    assert read_as["Stellar Surface Gravity"] == "koi_slogg"


@pytest.mark.parametrize("name", ["t_exofop_test.csv", "t_exofop_noprose_test.csv"])
def test_an_exofop_download_is_the_table_that_somebody_mapped_by_hand(name: str) -> None:
    try:
        table = read(name, "tess")
    except (DataError, NotATableError) as error:
        if "blanks separate" not in str(error):
            raise
        pytest.xfail("which line holds the names is the readers' to find")
    same(table, read("t_exofop_mapped_test.csv", "tess"))


@pytest.mark.parametrize(
    ("name", "mission", "sentence", "words"),
    [
        (
            "l_num012.csv",
            "kepler",
            'Column koi_disposition has "0", "1" and "2" for its dispositions',
            {"0": "false_positive", "1": "candidate", "2": "planet"},
        ),
        (
            "l_bool.csv",
            "kepler",
            'Column koi_disposition has "False" and "True" for its dispositions',
            {"False": "false_positive", "True": "planet"},
        ),
        (
            "t_binary_train.csv",
            "tess",
            'Column tfopwg_disp has "0" and "1" for its dispositions',
            {"0": "false_positive", "1": "planet"},
        ),
    ],
)
def test_words_that_say_nothing_are_asked_for_and_given(
    name: str, mission: str, sentence: str, words: dict[str, str]
) -> None:
    with pytest.raises(DataError) as caught:
        read(name, mission)
    assert str(caught.value).startswith(sentence)
    table = read(name, mission, label_words=words)
    assert table.labels is not None
    assert table.labels.notna().all()
    if name == "l_num012.csv":
        same(table, read("koi_train_clean.csv"))


def test_a_pipelines_verdict_is_a_label_where_it_is_asked_for() -> None:
    with pytest.raises(DataError, match=r"choose it with label=koi_pdisposition\.$"):
        read("l_only_pdisp.csv")
    chosen = read("l_only_pdisp.csv", label="koi_pdisposition")
    # The same words under the label's own name are two classes, and no error.
    named = read("l_pdisp_as_disp.csv")
    assert chosen.label_counts == named.label_counts
    assert named.label_counts == {"candidate": 50, "false_positive": 50, "confirmed": 0}


def test_a_table_of_undecided_objects_has_no_labels() -> None:
    table = read("l_unknown_test.csv", labels=False)
    assert table.labels is not None
    assert table.labels.isna().all()
    assert any("60 rows of 60 without a disposition" in warning for warning in table.warnings)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("h_lightcurve.csv", 'This is a light curve (columns "time" and "flux")'),
        ("h_exotrain_shape.csv", "This is a light curve in each row (3,197 columns"),
        ("h_merged_missions.csv", "The table has rows of more than one mission (column mission:"),
        ("c_dup_case.csv", "The table has more than one column named koi_period."),
    ],
)
def test_what_is_no_table_of_the_mission_is_called_what_it_is(name: str, sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        read(name)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("name", ["h_flags_train.csv", "h_flags_ten_rows_train.csv"])
def test_flags_of_the_vetting_are_withheld_and_told(name: str) -> None:
    table = read(name)
    assert list(table.features.columns[table.features.notna().any()]) == ["koi_prad"]
    assert table.withheld_columns == (
        *("koi_fpflag_nt", "koi_fpflag_ss", "koi_fpflag_co", "koi_fpflag_ec"),
    )
    assert any("a model may see koi_prad alone" in warning for warning in table.warnings)


@pytest.mark.parametrize(
    ("name", "sent_as", "title"),
    [
        *((f"toi_{part}_clean.csv", "kepler", "TESS") for part in ("train", "test")),
        *((f"koi_{part}_clean.csv", "tess", "Kepler") for part in ("train", "test")),
        *((f"k2_{part}_clean.csv", "tess", "K2") for part in ("train", "test")),
        ("t_exofop_noprose_train.csv", "kepler", "TESS"),
        ("t_ctoi_mapped_test.csv", "k2", "TESS"),
    ],
)
def test_another_missions_table_is_recognised(name: str, sent_as: str, title: str) -> None:
    with pytest.raises(DataError, match=f"^This looks like a {title} table; choose {title} "):
        read(name, sent_as, labels=False)
