from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import (
    DATASETS,
    K2,
    KEPLER,
    TESS,
    Dataset,
    Disposition,
    Table,
    read_table,
)
from mlcore.errors import DataError
from mlcore.model_selection.training_rows import check_trainable

if TYPE_CHECKING:
    from pathlib import Path

EVERY_DATASET = pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)


def kepler_rows(**changed: list[object]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {
        "kepid": [10, 10, 11],
        "kepoi_name": ["K00001.01", "K00001.02", "K00002.01"],
        "koi_disposition": ["CONFIRMED", "CANDIDATE", "FALSE POSITIVE"],
        "koi_period": [1.5, 2.5, 3.5],
        "koi_steff": [5000.0, 5000.0, 6000.0],
    }
    return pd.DataFrame({**columns, **changed})


def written(tmp_path: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def kepler_table(tmp_path: Path, *, require_labels: bool = True, **changed: list[object]) -> Table:
    path = written(tmp_path, kepler_rows(**changed))
    return read_table(path, KEPLER, require_labels=require_labels)


REAL = [
    ("koi_cumulative_2025.10.04_default49.csv", KEPLER, (1979, 4839, 2746), 8214),
    ("koi_cumulative_2019.01.20_default50.csv", KEPLER, (2424, 4841, 2299), 8214),
    ("koi_cumulative_2025_reconstructed139.csv.gz", KEPLER, (1979, 4839, 2746), 8214),
    ("q1_q17_dr25_koi_2017.07.19_all153.tbl.gz", KEPLER, (1797, 3976, 2281), 6923),
    ("k2pandc_2025.10.04_default94.csv", K2, (976, 250, 580), 1560),
    ("toi_2025.10.04_default65.csv", TESS, (5141, 1295, 1267), 7408),
]


@pytest.mark.sampled("q1_q17_dr25_koi_2017.07.19_all153.tbl.gz", "toi_2025.10.04_default65.csv")
@pytest.mark.parametrize(("name", "dataset", "counts", "stars"), REAL, ids=[e[0] for e in REAL])
def test_the_real_tables_have_their_published_rows_labels_and_stars(
    archive_dir: Path, name: str, dataset: Dataset, counts: tuple[int, int, int], stars: int
) -> None:
    table = read_table(archive_dir / name, dataset, require_labels=True)
    assert len(table) == sum(counts)
    assert table.label_counts == dict(zip(Disposition, counts, strict=True))
    assert table.hosts.nunique() == stars
    assert table.names.is_unique
    assert table.missing_columns == ()
    leaks = {column.name for column in dataset.leaky_columns}
    assert not leaks & set(table.features.columns)
    check_trainable(table)
    # Nothing in them is doubted, or reading a snapshot would change what models learn from.
    said = " ".join(table.warnings)
    assert not any(word in said for word in ("cannot have", "can have", "seems to", "repeat"))
    for column in dataset.columns:
        if column.plausible is not None and column.name in table.frame:
            values = table.frame[column.name].dropna()
            assert values[values != 0].between(*column.plausible).all()


def test_k2_keeps_one_row_for_each_planet(archive_dir: Path) -> None:
    table = read_table(archive_dir / "k2pandc_2025.10.04_default94.csv", K2, require_labels=True)
    assert len(table) == 1806
    assert table.names.nunique() == 1806
    assert table.warnings == ("2198 rows of 4004 left out: one is kept for each object.",)


def test_a_tess_object_has_the_name_that_astronomers_use(archive_dir: Path) -> None:
    table = read_table(archive_dir / "toi_2025.10.04_default65.csv", TESS, require_labels=True)
    assert table.names.iloc[0] == "TOI 1000.01"
    assert table.hosts.iloc[0] == "50365310"


def test_features_are_the_default_ones_in_the_registrys_order(tmp_path: Path) -> None:
    table = kepler_table(tmp_path)
    names = [column.name for column in KEPLER.feature_columns()]
    assert list(table.features.columns) == names
    assert set(table.features.dtypes) == {np.dtype("float64")}
    assert table.features["koi_period"].tolist() == [1.5, 2.5, 3.5]
    assert table.features["koi_depth"].isna().all()
    assert table.missing_columns == tuple(
        name for name in names if name not in {"koi_period", "koi_steff"}
    )
    assert list(table.wide_features.columns) == [
        column.name for column in KEPLER.feature_columns(wide=True)
    ]


def test_labels_hosts_names_and_temperatures_belong_to_their_rows(tmp_path: Path) -> None:
    table = kepler_table(tmp_path)
    assert table.labels is not None
    assert table.labels.tolist() == ["confirmed", "candidate", "false_positive"]
    assert table.hosts.tolist() == ["10", "10", "11"]
    assert table.names.tolist() == ["K00001.01", "K00001.02", "K00002.01"]
    assert table.temperatures.tolist() == [5000.0, 5000.0, 6000.0]
    assert table.label_counts == {"candidate": 1, "false_positive": 1, "confirmed": 1}


def test_taken_rows_keep_everything_that_belongs_to_them(tmp_path: Path) -> None:
    table = kepler_table(tmp_path, kepid=[10, None, None], kepoi_name=["a", None, None])
    for taken in (table.take([2, 0]), table.take(np.array([2, 0]))):
        assert taken.names.tolist() == ["row 3", "a"]
        assert taken.hosts.tolist() == ["row 3", "10"]
        assert taken.features["koi_period"].tolist() == [3.5, 1.5]
        assert taken.frame.index.tolist() == [0, 1]
        assert taken.row_numbers.tolist() == [3, 1]
    assert table.take([True, False, True]).row_numbers.tolist() == [1, 3]


def test_a_row_without_a_star_is_a_star_of_its_own(tmp_path: Path) -> None:
    table = kepler_table(tmp_path, kepid=[10, None, None], kepoi_name=["mine", None, "yours"])
    assert table.hosts.tolist() == ["10", "row 2", "row 3"]
    assert table.stars_known.tolist() == [True, False, False]


def test_the_name_of_an_object_tells_its_star_where_no_column_does(tmp_path: Path) -> None:
    table = kepler_table(tmp_path, kepid=[10, None, None])
    assert table.hosts.tolist() == ["10", "10", "K00002"]
    assert table.stars_known.all()
    path = written(tmp_path, kepler_rows().drop(columns="kepid"))
    table = read_table(path, KEPLER, require_labels=True)
    assert table.hosts.tolist() == ["K00001", "K00001", "K00002"]
    assert (
        "The table has no column kepid: kepoi_name tells which objects are of one star."
        in table.warnings
    )


def test_a_table_without_a_host_column_says_what_that_means(tmp_path: Path) -> None:
    path = written(tmp_path, kepler_rows().drop(columns=["kepid", "kepoi_name"]))
    table = read_table(path, KEPLER, require_labels=True)
    assert table.hosts.tolist() == ["row 1", "row 2", "row 3"]
    assert "The table has no column kepid: each row counts as a star of its own." in table.warnings


def test_an_object_without_a_name_is_called_after_its_star_or_row(tmp_path: Path) -> None:
    table = kepler_table(tmp_path, kepoi_name=[None, "K1", None], kepid=[10, 11, None])
    assert table.names.tolist() == ["10", "K1", "row 3"]


def test_column_names_match_whatever_their_case_and_spaces(tmp_path: Path) -> None:
    frame = kepler_rows().rename(columns={"koi_period": " KOI_Period ", "kepid": "KEPID"})
    table = read_table(written(tmp_path, frame), KEPLER, require_labels=True)
    assert table.features["koi_period"].tolist() == [1.5, 2.5, 3.5]
    assert table.hosts.tolist() == ["10", "10", "11"]


def test_unknown_columns_are_ignored_and_leaky_ones_withheld(tmp_path: Path) -> None:
    table = kepler_table(tmp_path, mine=[1, 2, 3], koi_score=[1, 0, 1], koi_comment=["", "x", ""])
    assert table.ignored_columns == ("mine",)
    assert table.withheld_columns == ("koi_score", "koi_comment")
    assert list(table.frame.columns) == [
        *("kepid", "kepoi_name", "koi_disposition", "koi_period", "koi_steff")
    ]


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        *(("CONFIRMED", "confirmed"), (" confirmed ", "confirmed"), ("Candidate", "candidate")),
        *(("false  positive", "false_positive"), ("FALSE_POSITIVE", "false_positive")),
    ],
)
def test_labels_are_read_whatever_their_case_and_spaces(
    tmp_path: Path, word: str, meaning: str
) -> None:
    table = kepler_table(tmp_path, koi_disposition=[word, "CANDIDATE", "CANDIDATE"])
    assert table.labels is not None
    assert table.labels.iloc[0] == meaning


@pytest.mark.parametrize(
    ("dataset", "column", "words"),
    [
        (TESS, "pl_trandep", dict.fromkeys(("CP", "KP"), "confirmed")),
        (TESS, "pl_trandep", dict.fromkeys(("PC", "APC"), "candidate")),
        (TESS, "pl_trandep", dict.fromkeys(("FP", "FA"), "false_positive")),
        (K2, "pl_rade", {"REFUTED": "false_positive", "FALSE POSITIVE": "false_positive"}),
    ],
)
def test_each_missions_words_have_their_meaning(
    tmp_path: Path, dataset: Dataset, column: str, words: dict[str, str]
) -> None:
    frame = pd.DataFrame({dataset.label: list(words), column: 1.0})
    table = read_table(written(tmp_path, frame), dataset, require_labels=True)
    assert table.labels is not None
    assert table.labels.tolist() == list(words.values())


def test_an_unknown_label_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        kepler_table(tmp_path, koi_disposition=["CONFIRMED", "MAYBE", "MAYBE"])
    assert str(caught.value) == (
        'Column koi_disposition has the unknown disposition "MAYBE" (first in row 2); '
        "known are CONFIRMED, CANDIDATE, FALSE POSITIVE and common words for them. What another "
        "word means can be said in "
        'label_words, such as {"MAYBE": null}: planet, false_positive, candidate, or null for no '
        "label."
    )


def test_rows_without_a_disposition_stay_and_are_counted(tmp_path: Path) -> None:
    table = kepler_table(tmp_path, koi_disposition=["", "NOT DISPOSITIONED", "CANDIDATE"])
    assert table.labels is not None
    assert table.labels.isna().tolist() == [True, True, False]
    assert table.label_counts == {"candidate": 1, "false_positive": 0, "confirmed": 0}
    assert (
        "2 rows of 3 without a disposition in column koi_disposition: no model is trained on or "
        "measured by them."
    ) in table.warnings


def test_labels_are_needed_only_where_they_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, kepler_rows().drop(columns="koi_disposition"))
    table = read_table(path, KEPLER, require_labels=False)
    assert table.labels is None
    assert table.label_counts == {"candidate": 0, "false_positive": 0, "confirmed": 0}
    with pytest.raises(DataError) as caught:
        read_table(path, KEPLER, require_labels=True)
    assert str(caught.value) == (
        "The table has no column koi_disposition, which holds the disposition: "
        "CONFIRMED, CANDIDATE, FALSE POSITIVE."
    )


@EVERY_DATASET
def test_a_table_without_any_feature_is_refused_with_their_names(
    tmp_path: Path, dataset: Dataset
) -> None:
    path = written(tmp_path, pd.DataFrame({dataset.label: ["CONFIRMED"], "x": [1]}))
    with pytest.raises(DataError) as caught:
        read_table(path, dataset, require_labels=True)
    names = ", ".join(column.name for column in dataset.feature_columns())
    told = (
        "The file is no light curve of one star: that has a row for each time, with a column of"
        " times, such as time, BJD, BTJD or MJD, and one of brightness, such as flux or mag. The"
        " headings of this one"
        if dataset.measured_here
        else f"The table has none of the feature columns of {dataset.title}; expected are {names}."
        " Its headings"
    )
    assert str(caught.value) == f'{told} were read as "{dataset.label}" and "x".'


@EVERY_DATASET
def test_a_table_whose_rows_should_be_its_columns_is_said_to_be_turned(
    tmp_path: Path, dataset: Dataset
) -> None:
    names = [column.name for column in dataset.feature_columns()][:3]
    turned = pd.DataFrame({name: [1.5, 2.5] for name in names}, index=["first", "second"]).T
    turned.to_csv(path := tmp_path / "turned.csv", index_label=dataset.object_name[0])
    with pytest.raises(DataError, match=r"^The table's rows are named as its columns should be"):
        read_table(path, dataset, require_labels=False)


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^The table has no rows\.$"):
        read_table(written(tmp_path, kepler_rows()[:0]), KEPLER, require_labels=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("abc", '"abc"'),
        ("True", '"True"'),
        ("0x1F", '"0x1F"'),
        ("9" * 30 + "x" * 30, '"' + "9" * 30 + "x" * 10 + '…"'),
    ],
)
def test_a_cell_that_is_no_number_is_named(tmp_path: Path, value: str, shown: str) -> None:
    with pytest.raises(DataError) as caught:
        kepler_table(tmp_path, koi_period=[1.5, value, 3.5])
    assert str(caught.value) == (
        f"Column koi_period has {shown} in row 2, which is not a number;"
        " leave the cell empty where nothing was measured."
    )


def test_a_column_of_truth_values_is_no_feature(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'^Column koi_period has "True" in row 1,'):
        kepler_table(tmp_path, koi_period=[True, False, True])


def test_values_that_cannot_be_measured_are_missing_and_reported(tmp_path: Path) -> None:
    table = kepler_table(
        tmp_path, koi_period=["inf", "-1e31", 3.5], koi_steff=["Infinity", 5e3, 6e3]
    )
    assert table.features["koi_period"].isna().tolist() == [True, True, False]
    assert table.temperatures.isna().tolist() == [True, False, False]
    assert [warning for warning in table.warnings if "measurement" in warning] == [
        (
            "2 values of column koi_period that no measurement can have (infinite or beyond 1e+30) "
            "count as missing."
        ),
        (
            "1 value of column koi_steff that no measurement can have (infinite or beyond 1e+30) "
            "count as missing."
        ),
    ]


def test_missing_cells_are_missing_however_they_are_written(tmp_path: Path) -> None:
    table = kepler_table(tmp_path, koi_period=["", "null", "NaN"])
    assert table.features["koi_period"].isna().all()


def test_an_epoch_that_is_no_number_is_missing_and_reported(tmp_path: Path) -> None:
    table = kepler_table(tmp_path, koi_time0bk=["soon", 1.0, 2.0])
    assert table.frame["koi_time0bk"].isna().tolist() == [True, False, False]
    assert any(warning.startswith("1 cell of column koi_time0bk") for warning in table.warnings)


def test_identifiers_survive_a_workbook_that_stores_them_as_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "toi": [1000.1, 1001.01],
            "tid": [50365310.0, None],
            "tfopwg_disp": ["CP", "FP"],
            "pl_orbper": [1, "2.5"],
        }
    )
    frame.to_excel(tmp_path / "table.xlsx", index=False)
    table = read_table(tmp_path / "table.xlsx", TESS, require_labels=True)
    assert table.names.tolist() == ["TOI 1000.10", "TOI 1001.01"]
    assert table.hosts.tolist() == ["50365310", "TOI 1001"]
    assert table.features["pl_orbper"].tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("toi", "tid", "name", "host"),
    [
        ("1000.1", "50365310.0", "TOI 1000.10", "50365310"),
        ("1000.01", "50365310", "TOI 1000.01", "50365310"),
        ("1000.10", " 50365310 ", "TOI 1000.10", "50365310"),
        ("mine", "my star", "mine", "my star"),
    ],
)
def test_identifiers_get_their_digits_back(
    tmp_path: Path, toi: str, tid: str, name: str, host: str
) -> None:
    frame = pd.DataFrame({"toi": [toi], "tid": [tid], "pl_orbper": [1.0]})
    table = read_table(written(tmp_path, frame), TESS, require_labels=False)
    assert table.names.tolist() == [name]
    assert table.hosts.tolist() == [host]


def k2_rows(**changed: list[object]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {
        "pl_name": ["a b", "a b", "c b", "c b"],
        "hostname": ["a", "a", "c", "c"],
        "default_flag": [0, 1, 1, 1],
        "disposition": ["CANDIDATE", "CONFIRMED", "CANDIDATE", "CANDIDATE"],
        "pl_orbper": [1.0, 1.5, 2.0, 2.0],
    }
    return pd.DataFrame({**columns, **changed})


def test_other_papers_and_equal_rows_are_left_out(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, k2_rows()), K2, require_labels=True)
    assert table.names.tolist() == ["a b", "c b"]
    assert table.row_numbers.tolist() == [2, 3]
    assert table.features["pl_orbper"].tolist() == [1.5, 2.0]


def test_a_table_that_lost_rows_loses_no_more_when_it_is_read_again(tmp_path: Path) -> None:
    # These differ only in spaces and in a column that no table keeps.
    frame = k2_rows(pl_name=["c b", "c b ", " c b", "c b"], pl_refname=["A", "B", "C", "D"])
    frame = frame.assign(default_flag=1, disposition="CANDIDATE", hostname="c", pl_orbper=1.0)
    table = read_table(written(tmp_path, frame), K2, require_labels=True)
    assert table.row_numbers.tolist() == [1]
    assert table.warnings[-1] == "3 rows of 4 left out: another row is equal."
    table.frame.to_parquet(tmp_path / "stored", index=False)
    assert len(read_table(tmp_path / "stored", K2, require_labels=True)) == 1


def test_equal_rows_without_a_name_may_be_different_planets(tmp_path: Path) -> None:
    path = written(tmp_path, k2_rows(pl_name=["a b", "a b", None, None]))
    assert len(read_table(path, K2, require_labels=True)) == 3


def test_a_k2_table_in_which_no_row_stands_for_its_planet_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, k2_rows(default_flag=[0, 0, 0, 0]))
    with pytest.raises(DataError, match=r"^The table has no row with default_flag = 1, which"):
        read_table(path, K2, require_labels=True)


def test_a_k2_table_without_the_flag_keeps_its_different_rows(tmp_path: Path) -> None:
    path = written(tmp_path, k2_rows().drop(columns="default_flag"))
    table = read_table(path, K2, require_labels=True)
    assert table.row_numbers.tolist() == [1, 2, 3]
    assert (
        "The table has no column default_flag: an object may have more than one row."
        in table.warnings
    )


@pytest.mark.parametrize(
    ("name", "dataset"), [(entry[0], entry[1]) for entry in REAL if "2025.10" in entry[0]]
)
def test_a_table_that_was_stored_is_read_back_unchanged(
    archive_dir: Path, tmp_path: Path, name: str, dataset: Dataset
) -> None:
    table = read_table(archive_dir / name, dataset, require_labels=True)
    table.frame.to_parquet(tmp_path / "snapshot", index=False)
    again = read_table(tmp_path / "snapshot", dataset, require_labels=True)
    pd.testing.assert_frame_equal(again.frame, table.frame, check_exact=True)
    assert again.names.equals(table.names)


def test_a_name_with_a_nul_character_is_refused_by_its_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"kepoi_name": ["K00001.01", "K0\x00.02"], "koi_period": [1.0, 2.0]})
    frame.to_parquet(tmp_path / "table")
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / "table", KEPLER, require_labels=False)
    assert str(caught.value) == (
        "Column kepoi_name has a NUL character, which no name or word may contain."
    )


def test_where_only_the_catalogue_names_an_objects_star_it_does(kepler_table: Table) -> None:
    few = kepler_table.take(range(20))
    nameless = replace(few, frame=few.frame.drop(columns="kepid"))
    assert list(nameless.with_stars_of(kepler_table).hosts) == list(few.hosts)
    assert list(nameless.with_stars_of(kepler_table).frame) == list(few.frame)
    strange = replace(nameless, frame=nameless.frame.assign(kepoi_name="K99999.01"))
    assert strange.with_stars_of(kepler_table) is strange
    assert few.with_stars_of(kepler_table) is few


def test_a_star_that_the_table_names_is_kept(kepler_table: Table) -> None:
    few = kepler_table.take(range(3))
    half = replace(few, frame=few.frame.assign(kepid=["1", None, None]))
    assert list(half.with_stars_of(kepler_table).hosts) == ["1", *few.hosts[1:]]


def test_rows_of_empty_values_are_left_out_and_counted_in_every_format(tmp_path: Path) -> None:
    rows = kepler_rows(
        kepid=[10, None, 11],
        kepoi_name=["K00001.01", "", "K00002.01"],
        koi_disposition=["CONFIRMED", None, "FALSE POSITIVE"],
        koi_period=[1.5, None, 3.5],
        koi_steff=[5000.0, None, 6000.0],
    )
    rows.to_parquet(tmp_path / "table.parquet")
    rows.to_json(tmp_path / "table.json", orient="records")
    for name in ("table.parquet", "table.json"):
        table = read_table(tmp_path / name, KEPLER, require_labels=True)
        assert table.names.tolist() == ["K00001.01", "K00002.01"]
        # Which row of the file each was: another column of the file is read by them.
        assert table.row_numbers.tolist() == [1, 3]
        assert "1 blank row was left out." in table.warnings


def test_a_table_of_empty_rows_alone_has_none(tmp_path: Path) -> None:
    frame = pd.DataFrame({"kepid": [None], "koi_period": [np.nan]})
    frame.to_parquet(tmp_path / "table.parquet")
    with pytest.raises(DataError, match=r"^The table has no rows\.$"):
        read_table(tmp_path / "table.parquet", KEPLER, require_labels=False)


def test_lower_uncertainties_without_a_sign_are_negative(tmp_path: Path) -> None:
    table = kepler_table(
        tmp_path,
        koi_depth=[600.0, 700.0, 800.0],
        koi_depth_err2=[6.0, -7.0, None],
        koi_prad=[1.0, 2.0, 3.0],
        koi_prad_err2=[0.1, 0.2, 0.3],
    )
    assert table.frame["koi_depth_err2"].tolist()[:2] == [-6.0, -7.0]
    assert table.withheld_errors["koi_prad_err2"].tolist() == [-0.1, -0.2, -0.3]
    assert any("uncertainties of column koi_depth_err2 had no sign" in w for w in table.warnings)


def read_text(tmp_path: Path, text: str, dataset: Dataset = KEPLER) -> Table:
    (tmp_path / "mine.csv").write_text(text)
    return read_table(tmp_path / "mine.csv", dataset, require_labels=False)


def test_a_line_of_words_that_parts_a_table_is_left_out_and_told(tmp_path: Path) -> None:
    table = read_text(
        tmp_path, "kepid,koi_period,koi_depth\n1,9.5,616\nSecond campaign,,\n2,8.5,500\n"
    )
    assert table.hosts.tolist() == ["1", "2"]
    assert (
        '1 row was left out that has words for a name and no value: "Second campaign" in row 2.'
    ) in table.warnings


def test_an_object_without_any_value_stays(tmp_path: Path) -> None:
    table = read_text(tmp_path, "kepoi_name,koi_period\nK00752.01,9.5\nK00753.01,\nK1.01,4\n")
    assert table.names.tolist() == ["K00752.01", "K00753.01", "K00001.01"]


def test_rows_that_are_one_quoted_cell_are_read(tmp_path: Path) -> None:
    table = read_text(tmp_path, 'kepid,koi_period,koi_depth\n"1,9.5,616"\n"2,8.5,500"\n')
    assert table.frame["koi_period"].tolist() == [9.5, 8.5]
    with pytest.raises(DataError, match=r"^Each line of the file stands in quotes"):
        read_text(tmp_path, '"kepid,koi_period"\n"1,9.5"\n')


@pytest.mark.parametrize("numbers", ["1,2,3,4", "(1),(2),(3),(4)"])
def test_a_line_that_counts_the_columns_is_no_object(tmp_path: Path, numbers: str) -> None:
    table = read_text(
        tmp_path, f"kepid,koi_period,koi_depth,koi_steff\n{numbers}\n7,9.5,616,5000\n"
    )
    assert table.hosts.tolist() == ["7"]


def test_a_table_drawn_with_lines_between_the_rows_has_its_rows_alone(tmp_path: Path) -> None:
    line = "+-------+------------+\n"
    rows = line.join(["| kepid | koi_period |\n", "| 7 | 9.5 |\n", "| 8 | 8.5 |\n"])
    assert read_text(tmp_path, f"{line}{rows}{line}").hosts.tolist() == ["7", "8"]


def test_names_that_python_printed_as_bytes_are_names(tmp_path: Path) -> None:
    table = read_text(tmp_path, "kepid,kepoi_name,koi_period\nb'7',b\"K00752.01\",9.5\n")
    assert (table.hosts.tolist(), table.names.tolist()) == (["7"], ["K00752.01"])


@pytest.mark.parametrize("upper", ["Period_+", "Period (+)", "Period err (+)", "Period +err"])
def test_a_sign_says_of_which_side_an_uncertainty_is(tmp_path: Path, upper: str) -> None:
    lower = upper.replace("+", "-")
    table = read_text(tmp_path, f"kepid,Period,{upper},{lower}\n7,9.5,0.2,-0.1\n8,9,0.3,-0.2\n")
    assert table.frame["koi_period_err1"].tolist() == [0.2, 0.3]
    assert table.frame["koi_period_err2"].tolist() == [-0.1, -0.2]
    alone = read_text(tmp_path, f"kepid,koi_depth,{lower}\n7,616,-0.1\n")
    assert "koi_period" not in alone.frame
    assert "koi_period_err1" not in alone.frame


DURATIONS = "kepid,Duration (min),{}\n7,177,{}\n8,120,{}\n9,300,{}\n"


@pytest.mark.parametrize(
    ("heading", "errors", "hours"),
    [
        ("Duration err", (6, 3, 9), [0.1, 0.05, 0.15]),
        ("koi_duration_err1", (6, 3, 9), [0.1, 0.05, 0.15]),
        ("koi_duration_err1", (0.1, 0.05, 0.15), [0.1, 0.05, 0.15]),
        ("Duration err (h)", (0.1, 0.05, 0.15), [0.1, 0.05, 0.15]),
    ],
    ids=["no unit", "the table's name", "the table's name and its unit", "a unit of its own"],
)
def test_an_uncertainty_without_a_unit_is_in_the_one_of_its_value(
    tmp_path: Path, heading: str, errors: tuple[float, ...], hours: list[float]
) -> None:
    table = read_text(tmp_path, DURATIONS.format(heading, *errors))
    assert table.frame["koi_duration_err1"].tolist() == pytest.approx(hours)


def test_an_uncertainty_of_a_depth_in_magnitudes_is_left_out(tmp_path: Path) -> None:
    table = read_text(tmp_path, "kepid,Depth (mmag),Depth err\n7,1.5,0.1\n8,2.5,0.1\n")
    assert "koi_depth_err1" not in table.frame
    assert any("in magnitudes is depends" in warning for warning in table.warnings)


def test_a_cells_own_unit_counts_before_its_headings(tmp_path: Path) -> None:
    table = read_text(
        tmp_path, "kepid,Period [hours],Depth (%)\n7,228 h,0.06±0.01\n8,2 d,0.05 %\n9,48,0.04\n"
    )
    assert table.frame["koi_period"].tolist() == [9.5, 2.0, 2.0]
    assert table.frame["koi_depth"].tolist() == pytest.approx([600.0, 500.0, 400.0])
    assert table.frame["koi_depth_err1"].dropna().tolist() == pytest.approx([100.0])


def test_a_letter_behind_some_numbers_may_be_a_footnotes(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, "kepid,koi_duration\n7,2.5d\n8,3.5\n")
    assert str(caught.value) == (
        'Column koi_duration has "2.5d" in row 1, and no unit in 1 of 2 cells: a footnote\'s letter'
        " has to go, and a unit has to stand in all cells or in none."
    )


def test_a_unit_of_nothing_fits_what_has_none(tmp_path: Path) -> None:
    table = read_text(tmp_path, "kepid,Insolation [1],koi_period\n-,-,d\n7,93,9.5\n")
    assert table.frame["koi_insol"].tolist() == [93.0]


def test_the_epoch_of_coordinates_is_no_transits(tmp_path: Path) -> None:
    table = read_text(tmp_path, "kepid,koi_period,Epoch\n7,9.5,2015.5\n8,8.5,2015.5\n")
    assert table.frame["koi_time0bk"].isna().all()
    assert any("the epoch of coordinates" in warning for warning in table.warnings)


def test_a_word_in_the_place_of_many_stars_names_none(tmp_path: Path) -> None:
    rows = "unknown star,9\n" * 12 + "0,4\n7,5\n"
    table = read_text(tmp_path, f"kepid,koi_period\n{rows}")
    assert table.frame["kepid"].dropna().tolist() == ["7"]
    assert (
        'Column kepid has "unknown star" in 13 rows, which names no star: each of them counts as'
        " one of its own."
    ) in table.warnings


def test_stars_of_another_mission_among_its_own_are_told(tmp_path: Path) -> None:
    table = read_text(tmp_path, "kepid,koi_period\nTIC 136916387,9\n7,5\n")
    assert (
        "Column kepid has stars of other catalogues than Kepler's (1 of 2, such as"
        ' "TIC 136916387"): all rows are read as Kepler\'s.'
    ) in table.warnings


def test_uncertainties_on_the_wrong_side_are_put_right_or_left_out(tmp_path: Path) -> None:
    table = read_text(
        tmp_path,
        "kepid,koi_depth,koi_depth_err1,koi_depth_err2\n1,100,-5,5\n2,200,-1,-1\n3,300,4,-4\n",
    )
    upper, lower = (table.frame[f"koi_depth_err{side}"].fillna(0).tolist() for side in (1, 2))
    assert (upper, lower) == ([5, 0, 4], [-5, -1, -4])
    swapped = "koi_depth_err1 and koi_depth_err2 had each other's signs and were swapped."
    assert f"The upper and lower uncertainties of {swapped}" in table.warnings
    below = "Upper uncertainties below zero, which none is, count as missing: koi_depth_err1."
    assert below in table.warnings


def test_places_outside_of_keplers_field_are_none(tmp_path: Path) -> None:
    table = read_text(tmp_path, "kepid,ra,dec,koi_period\n1,19.2,44,3\n2,290,44,3\n3,44,290,4\n")
    assert table.frame["ra"].dropna().tolist() == [290.0]
    assert table.frame["dec"].dropna().tolist() == [44.0, 44.0]
