from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from openpyxl import Workbook

from mlcore.datasets.readers.read import RawTable, read_frame

if TYPE_CHECKING:
    from pathlib import Path

DECIMAL = "The commas in the numbers of column x were read as decimal points."
GROUPS = "The commas in the numbers of column x were read as setting thousands apart."
POINTS = "The points in the numbers of column x were read as setting thousands apart."


def read(folder: Path, content: str) -> RawTable:
    (folder / "table").write_text(content)
    return read_frame(folder / "table", text={"name"})


@pytest.mark.parametrize(
    ("words", "numbers", "notes"),
    [
        (["1,5", "-0,25e-3", "3"], [1.5, -0.00025, 3], (DECIMAL,)),
        (["0,427", "12,718"], [0.427, 12.718], (DECIMAL,)),
        (["1,149", "12,71"], [1.149, 12.71], (DECIMAL,)),
        (["1,149.4", "616.0", "12"], [1149.4, 616, 12], (GROUPS,)),
        (["1,149,000", "1,149"], [1149000, 1149], (GROUPS,)),
        (["1.149,4000", "562,5", "1.149"], [1149.4, 562.5, 1149], (DECIMAL, POINTS)),
        (["1 149,5", "2 000"], [1149.5, 2000], ()),
        (["1'149.5", "20"], [1149.5, 20], ()),
        (["−5.5", "1\u00a0000"], [-5.5, 1000], ()),
    ],
)
@pytest.mark.parametrize("delimiter", [";", "\t", "quoted", "workbook"])
def test_a_number_that_can_be_read_in_one_way_is_read(
    tmp_path: Path, delimiter: str, words: list[str], numbers: list[float], notes: tuple[str, ...]
) -> None:
    if delimiter == "workbook":
        book = Workbook()
        for row in [["x", "name"], *([word, "a"] for word in words)]:
            book.worksheets[0].append(row)
        book.save(tmp_path / "table")
        raw = read_frame(tmp_path / "table", text={"name"})
    else:
        between = "," if delimiter == "quoted" else delimiter
        rows = "".join(
            f'"{word}"{between}a\n' if delimiter == "quoted" else f"{word}{between}a\n"
            for word in words
        )
        raw = read(tmp_path, f"x{between}name\n{rows}")
    assert raw.frame["x"].dtype == "float64"
    assert raw.frame["x"].tolist() == numbers
    assert raw.notes == notes


@pytest.mark.parametrize(
    "words",
    [
        ["1,149", "2,500"],  # either
        ["1,5", "2.5"],  # both points and commas for decimals
        ["1,5", "1,149,000"],  # both decimals and thousands
        ["1,2,3", "4,5"],  # a list
        ["14,15", "see 3,5"],  # a remark
    ],
)
def test_a_number_that_can_be_read_in_two_ways_stays_a_word(
    tmp_path: Path, words: list[str]
) -> None:
    raw = read(tmp_path, "x;y\n" + "".join(f"{word};9.5\n" for word in words))
    assert raw.frame["x"].tolist() == words
    assert raw.notes == ()


def test_other_columns_tell_what_a_comma_means(tmp_path: Path) -> None:
    raw = read(tmp_path, "x;y\n1,149;2,5\n2,500;3,25\n")
    assert raw.frame.to_numpy().tolist() == [[1.149, 2.5], [2.5, 3.25]]
    raw = read(tmp_path, 'x,y\n"1,149","2,500.5"\n')
    assert raw.frame.to_numpy().tolist() == [[1149, 2500.5]]


def test_a_whole_number_with_a_point_is_read_where_points_set_thousands_apart(
    tmp_path: Path,
) -> None:
    raw = read(tmp_path, "name;x;y\na;4.702;1.149,5\nb;562;2,5\n")
    assert raw.frame["x"].tolist() == [4702, 562]
    assert raw.frame["y"].tolist() == [1149.5, 2.5]
    raw = read(tmp_path, "name;x;y;z\na;4.702;1.149,5;0.5\nb;562;2,5;2.4e-05\n")
    assert raw.frame["x"].tolist() == [4.702, 562]


def test_words_of_another_kind_stay_among_numbers(tmp_path: Path) -> None:
    frame = read(tmp_path, "x;y\n1,5;1\nabout 2;1\n").frame
    assert frame["x"].tolist() == [1.5, "about 2"]


def test_names_are_never_numbers(tmp_path: Path) -> None:
    frame = read(tmp_path, "name;x\n1000,01;9,5\n1000,02;9,5\n").frame
    assert frame["name"].tolist() == ["1000,01", "1000,02"]


def test_a_column_with_missing_numbers_keeps_them_missing(tmp_path: Path) -> None:
    frame = read(tmp_path, "name;x\na;9,5\nb;\nc;nan\n").frame
    assert frame["x"].isna().tolist() == [False, True, True]
    assert pd.api.types.is_float_dtype(frame["x"])
