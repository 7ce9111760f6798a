"""Files that people really send, in every form: the clean file's objects and cells to the bit."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from mlcore.datasets import DATASETS, Table, read_table
from mlcore.datasets.readers.read import read_frame
from mlcore.errors import DataError

KEPLER = DATASETS["kepler"]

TESTING = {
    "c_blank_rows.csv": ("25 blank rows were left out.",),
    "c_comment_at_end.csv": ("1 line of comment among the rows was left out.",),
    "c_concat_headers.csv": (
        "A second line of headings in row 31 was left out.",
        "53 lines of comment among the rows were left out.",
    ),
    "c_index_col.csv": (),
    "c_r_rownames.csv": (
        "Each row begins with its number, above which there is no name: it was left out.",
    ),
    "c_semicolon_decimal_comma.csv": None,
    "c_sep_line.csv": (),
    "c_trailing_comma.csv": (),
    "c_trailing_comma_all.csv": (),
    "c_two_index_cols.csv": (),
    "c_units_row.csv": (),
    "c_upper.csv": (),
    "c_utf16_tab.txt": (),
    "f_basic.txt": (),
    "f_ecsv.ecsv": (),
    "f_ecsv_comma.ecsv": (),
    "f_fits.fits": (),
    "f_fixedwidth.txt": (),
    "f_fixedwidth_2line.txt": (),
    "f_ipac.tbl": (),
    "f_json.json": (),
    "f_kaggle_archive.zip": (),
    "f_parquet.parquet": (),
    "f_tab.tsv": (),
    "f_votable.xml": (),
    "f_xlsx.xlsx": (),
    "f_xlsx_notes_first.xlsx": ("The sheet 'koi' was read: the first sheet holds no table.",),
}
"""What is said of each: some hold the first rows of the clean file."""
TRAINING = {
    "x_decimal_comma_quoted_train.csv": None,
    "x_decimal_comma_tab_train.tsv": None,
    "x_decimal_comma_text_train.xlsx": None,
    "n_thousands.csv": (
        "The commas in the numbers of column koi_depth were read as setting thousands apart.",
    ),
}


@pytest.fixture(scope="module")
def cases() -> Path:
    named = os.environ.get("EXOPLANET_CASES_DIR")
    archive = os.environ.get("EXOPLANET_ARCHIVE_DIR")
    folder = Path(named) if named else Path(archive or "/nowhere").parent / "cases"
    if not folder.is_dir():
        pytest.skip("there are no case files")
    return folder


def assert_same_cells(table: Table, clean: Table) -> None:
    expected = clean.frame.iloc[: len(table)]
    assert len(table) in {30, 40, len(clean)}
    for name in expected:
        pd.testing.assert_series_equal(
            table.frame[name], expected[name], check_exact=True, check_index=False
        )


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("name", "said"),
    [*TESTING.items(), *TRAINING.items()],
)
def test_a_file_of_any_form_has_the_clean_files_cells(
    cases: Path, name: str, said: tuple[str, ...] | None
) -> None:
    clean = "koi_test_clean.csv" if name in TESTING else "koi_train_clean.csv"
    table = read_table(cases / name, KEPLER, require_labels=True)
    assert_same_cells(table, read_table(cases / clean, KEPLER, require_labels=True))
    commas = ("The commas in the numbers of columns",)
    notes = read_frame(cases / name, columns=KEPLER.column_names, text={"kepid"}).notes
    if said is None:
        assert [note.startswith(commas) for note in notes] == [True]
    else:
        assert notes == said
    assert table.warnings[: len(notes)] == notes


@pytest.mark.parametrize("name", ["c_commented_header.txt", "x_vizier_train.tsv"])
def test_a_file_of_some_columns_has_the_clean_files_cells_in_them(cases: Path, name: str) -> None:
    clean = "koi_test_clean.csv" if name.startswith("c_") else "koi_train_clean.csv"
    frame = read_frame(cases / name).frame
    expected = read_frame(cases / clean).frame
    assert list(frame["kepoi_name"]) == list(expected["kepoi_name"])
    for column in ("koi_period", "koi_duration", "koi_depth", "koi_prad", "koi_slogg"):
        # Where blanks separate the cells a zero stands for an absent value.
        cells = expected[column].fillna(0) if name.startswith("c_") else expected[column]
        assert frame[column].equals(cells)


def test_vizier_states_units(cases: Path) -> None:
    units = {h.name: h.unit for h in read_frame(cases / "x_vizier_train.tsv").headings}
    assert units["koi_period"] == "d"
    assert units["koi_slogg"] == "[cm/s2]"
    assert units["kepoi_name"] == ""


def test_points_that_set_thousands_apart_are_none_of_a_decimal(cases: Path) -> None:
    frame = read_frame(cases / "x_semicolon_thousands_points_train.csv").frame
    expected = read_frame(cases / "koi_train_clean.csv").frame
    for column in ("koi_depth", "koi_steff", "koi_prad", "koi_period"):
        assert (frame[column] - expected[column]).abs().max() < 1e-4
        assert frame[column].isna().equals(expected[column].isna())


def test_phantom_rows_are_left_out_and_the_date_is_read(cases: Path) -> None:
    raw = read_frame(cases / "c_archive_excel_phantom_rows.csv", text={"kepid"})
    assert raw.frame["kepid"].tolist()[:1] == ["10797460"]
    assert len(raw.frame) == 5
    assert raw.notes == ("40 blank rows were left out.",)
    assert str(raw.dated) == "2025-10-04"


@pytest.mark.parametrize("name", ["train", "test"])
def test_the_follow_up_programmes_own_download_is_read(cases: Path, name: str) -> None:
    raw = read_frame(cases / f"t_exofop_{name}.csv", text={"toi"})
    plain = read_frame(cases / f"t_exofop_noprose_{name}.csv", text={"toi"})
    pd.testing.assert_frame_equal(raw.frame, plain.frame)
    assert raw.headings[0].name == "TIC ID"
    assert len(raw.headings) == 46
    assert plain.notes == ()
    assert len(raw.notes) == 1
    assert raw.notes[0].endswith("was left out.")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("h_ragged_test.csv", "Row 2 of the table has more cells than there are column names (4)."),
        ("c_dup_case.csv", "The table has more than one column named koi_period."),
    ],
)
def test_what_is_right_to_refuse_is_refused(cases: Path, name: str, sentence: str) -> None:
    with pytest.raises(DataError) as refused:
        read_frame(cases / name)
    assert str(refused.value) == sentence
