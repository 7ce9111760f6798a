"""What stands above, between and below the rows of delimited text."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets.readers.read import Heading, RawTable, read_columns, read_frame
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = "10797460,K00752.01,9.488,\n10811496,K00753.01,19.9,10829\n10854555,K00755.01,,733\n"
NAMES = "kepid,kepoi_name,koi_period,koi_depth\n"
CLEAN = NAMES + ROWS
ABOVE = 'The line "kepid,kepoi_name,koi_period,koi_depth" names the columns; what stands above it'
COLUMNS = ["kepid", "kepoi_name", "koi_period", "koi_depth"]


def read(folder: Path, content: str | bytes) -> RawTable:
    path = folder / "table"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    raw = read_frame(path, text={"kepid", "kepoi_name"})
    assert read_columns(path) == (raw.columns, raw.dated)
    return raw


def assert_same_objects(raw: RawTable, clean: RawTable) -> None:
    pd.testing.assert_frame_equal(raw.frame[COLUMNS], clean.frame[COLUMNS])


LEFT_OUT = [
    pytest.param(CLEAN, (), id="nothing"),
    pytest.param(CLEAN + "\n\n\n", (), id="empty-lines"),
    pytest.param(CLEAN + ",,,\n" * 9000, ("9,000 blank rows were left out.",), id="phantom-rows"),
    pytest.param(
        CLEAN.replace("\n108", "\n , ,,\n108"), ("2 blank rows were left out.",), id="blanks"
    ),
    pytest.param(CLEAN + '"","","",""\n', ("1 blank row was left out.",), id="quoted-nothing"),
    pytest.param(CLEAN + "--,--,--,--\n", ("1 blank row was left out.",), id="two-dashes"),
    pytest.param(
        CLEAN + "# 3 rows returned\n",
        ("1 line of comment among the rows was left out.",),
        id="comment-at-the-end",
    ),
    pytest.param(
        CLEAN.replace("108", "# one, two, three, four\n108", 1),
        ("1 line of comment among the rows was left out.",),
        id="comment-between",
    ),
    pytest.param(
        CLEAN + "3 rows returned\n",
        ('The line "3 rows returned", which has no cells of an object, was left out.',),
        id="prose-at-the-end",
    ),
    pytest.param(
        CLEAN + "\nSource: NASA, 2025-10-04\nAll rights reserved,,,\n",
        (
            (
                "2 lines, which have no cells of an object, were left out: the first is"
                ' "Source: NASA 2025-10-04".'
            ),
        ),
        id="prose-with-commas",
    ),
    pytest.param(
        NAMES + ROWS.replace("108114", "kepid,KepOI_name, koi_period,koi_depth\n108114"),
        ("A second line of headings in row 2 was left out.",),
        id="headings-again",
    ),
    pytest.param(
        NAMES
        + ROWS.replace("108114", "Made by a site\n\n" + NAMES + "108114").replace(
            "108545", NAMES + "108545"
        ),
        (
            "2 more lines of headings, the first in row 2, were left out.",
            'The line "Made by a site", which has no cells of an object, was left out.',
        ),
        id="headings-again-under-prose",
    ),
    pytest.param(
        "KOIs of October\n\n" + CLEAN,
        (f'{ABOVE}, "KOIs of October", was left out.',),
        id="title",
    ),
    pytest.param(
        "Made by a site (a, b) on Thu Jul 03 11:01:18 2025\n" + CLEAN,
        (f'{ABOVE}, "Made by a site (a, b) on Thu Jul 03 11:01:18 2025", was left out.',),
        id="prose-with-a-comma-above",
    ),
    pytest.param(
        "My table,,,\n,,,\n" + CLEAN,
        (f'{ABOVE}, "My table,,,", was left out.',),
        id="title-in-a-cell",
    ),
    pytest.param(
        "# a remark\n#" + CLEAN,
        ('The comment "#kepid,kepoi_name,koi_period,koi_depth" names the columns.',),
        id="names-in-a-comment",
    ),
    pytest.param(
        "% a remark\n% " + CLEAN,
        ('The comment "% kepid,kepoi_name,koi_period,koi_depth" names the columns.',),
        id="names-in-a-comment-of-another-sign",
    ),
    pytest.param(
        NAMES + CLEAN, ("A second line of headings in row 1 was left out.",), id="names-twice"
    ),
    pytest.param(
        "KepID,Name,Period,Depth\n" + CLEAN,
        (f'{ABOVE}, "KepID,Name,Period,Depth", was left out.',),
        id="labels-above-the-names",
    ),
    pytest.param(
        "Author,Somebody\nDate,2025-10-04\n\n" + CLEAN,
        (f'{ABOVE}, "Author,Somebody", was left out.',),
        id="words-and-values-above",
    ),
    pytest.param(CLEAN + "\x1a", (), id="control-code-at-the-end"),
    pytest.param(CLEAN + "NA,NA,NA,NA\n", ("1 blank row was left out.",), id="rows-of-r-subsets"),
    pytest.param("sep=,\n" + CLEAN, (), id="separator-line"),
    pytest.param('"sep=;"\n' + CLEAN.replace(",", ";"), (), id="separator-line-in-quotes"),
    pytest.param(CLEAN.replace("\n", ",\n"), (), id="separator-at-each-end"),
    pytest.param(NAMES + ROWS.replace("\n", ",\n"), (), id="separator-at-each-rows-end"),
    pytest.param(NAMES + "long,char,double,double\n" + ROWS, (), id="types"),
    pytest.param(
        NAMES + "KepID,KOI Name,Period [days],Depth [ppm]\n" + ROWS,
        ('The line "KepID,KOI Name,Period [days],Depth [ppm]" under the names was left out.',),
        id="labels-under-the-names",
    ),
    pytest.param(
        NAMES + ROWS.replace("\n", "\r\n").replace("K00753.01", '"K00753.01"'), (), id="mixed"
    ),
    pytest.param(CLEAN.encode("utf-16"), (), id="utf-16"),
    pytest.param(CLEAN.replace(",", "|"), (), id="bars"),
    pytest.param(CLEAN.replace(",", " | "), (), id="bars-between-blanks"),
    pytest.param(
        "\n".join(f"| {line.replace(',', ' | ')} |" for line in CLEAN.splitlines()), (), id="barred"
    ),
    pytest.param(
        "|" + CLEAN.replace(",", "|").replace("\n", "|\n|").removesuffix("|"), (), id="bars-around"
    ),
    pytest.param(
        (NAMES + "---,:--:,---,---\n" + ROWS)
        .replace(",", "|")
        .replace("\n", "|\n|")
        .join("||")
        .removesuffix("||"),
        (),
        id="markdown",
    ),
    pytest.param(
        " " + (NAMES + "---+---+---+---\n" + ROWS).replace(",", " | ") + "(3 rows)\n",
        ('The line "(3 rows)", which has no cells of an object, was left out.',),
        id="psql",
    ),
]


@pytest.mark.parametrize(("content", "notes"), LEFT_OUT)
def test_what_is_no_object_is_left_out_and_told(
    tmp_path: Path, content: str | bytes, notes: tuple[str, ...]
) -> None:
    raw = read(tmp_path, content)
    assert_same_objects(raw, read(tmp_path, CLEAN))
    assert raw.notes == notes
    assert [heading.unit for heading in raw.headings if heading.unit] == []


def test_the_objects_of_a_table_are_these(tmp_path: Path) -> None:
    frame = read(tmp_path, CLEAN).frame
    assert frame["kepid"].tolist() == ["10797460", "10811496", "10854555"]
    assert frame["koi_period"].fillna(0).tolist() == [9.488, 19.9, 0]
    assert frame["koi_depth"].fillna(0).tolist() == [0, 10829, 733]


@pytest.mark.parametrize("again", [False, True])
def test_units_under_the_names_are_units(tmp_path: Path, again: bool) -> None:
    line = ",,days,ppm\n"
    rows = ROWS.replace("108114", NAMES + line + "108114") if again else ROWS
    raw = read(tmp_path, NAMES + line + rows)
    assert_same_objects(raw, read(tmp_path, CLEAN))
    assert raw.headings[2:] == (
        Heading(name="koi_period", unit="days"),
        Heading(name="koi_depth", unit="ppm"),
    )
    assert raw.headings[:2] == (Heading(name="kepid"), Heading(name="kepoi_name"))
    assert raw.notes == (("A second line of headings in row 2 was left out.",) if again else ())


@pytest.mark.parametrize("words", ["n/a,n/a", "-,unknown", "?,..."])
def test_a_first_object_without_values_is_no_line_of_units(tmp_path: Path, words: str) -> None:
    raw = read(tmp_path, f"{NAMES}1,K00001.01,{words}\n{ROWS}")
    assert raw.frame["kepoi_name"].iloc[0] == "K00001.01"
    assert len(raw.frame) == 4


def test_vizier_names_units_and_dashes_are_read(tmp_path: Path) -> None:
    lines = [NAMES, "\t\td\tppm\n", "--------\t---------\t-----\t-----\n", ROWS]
    body = "".join(lines).replace(",", "\t")
    raw = read(
        tmp_path, f"#\n#   VizieR Astronomical Server\n#Column\tkepid\t(I8)\n{body}\n#END#\n"
    )
    assert_same_objects(raw, read(tmp_path, CLEAN))
    assert [heading.unit for heading in raw.headings] == ["", "", "d", "ppm"]


def test_a_second_table_below_the_first_is_refused(tmp_path: Path) -> None:
    body = f"{NAMES}--------,---------,-----,-----\n{ROWS}"
    with pytest.raises(DataError) as refused:
        read(tmp_path, body + body.replace("koi_depth", "koi_prad"))
    assert str(refused.value) == (
        "A line of dashes stands above row 5 of the table, as if another table began there: send"
        " one table."
    )


@pytest.mark.parametrize("quote", ['"{}",', "{},"])
def test_a_number_that_rows_begin_with_moves_no_cell(tmp_path: Path, quote: str) -> None:
    rows = "".join(
        quote.format(number) + row for number, row in enumerate(ROWS.splitlines(keepends=True), 1)
    )
    raw = read(tmp_path, NAMES + rows)
    assert_same_objects(raw, read(tmp_path, CLEAN))
    assert raw.notes == (
        "Each row begins with its number, above which there is no name: it was left out.",
    )
    many = "".join(f"{quote.format(number)}{number + 10**6},K,1.5,2\n" for number in range(4, 30))
    assert len(read(tmp_path, NAMES + rows + many).frame) == 29
    with pytest.raises(DataError) as refused:
        read(tmp_path, NAMES + rows + many + "10872983,K00756.01,11.09,1\n")
    assert str(refused.value) == (
        "Row 30 of the table does not begin with a number of its own as the rows above it do, for"
        " which there is no column name: name their first column."
    )


@pytest.mark.parametrize(
    "rows",
    [
        "10797460,9.4,616,good\n10811496,19.9,10829,bad\n",
        "10797460,9.4,616,1\n10811496,19.9,10829,2\n",
        "1,9.4,616,2\n1,19.9,10829,2\n",
    ],
)
def test_a_surplus_cell_is_not_taken_for_a_rows_number(tmp_path: Path, rows: str) -> None:
    (tmp_path / "table").write_text("kepid,koi_period,koi_depth\n" + rows)
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table")
    assert (
        str(refused.value) == "Row 1 of the table has more cells than there are column names (3)."
    )


def test_rows_with_fewer_cells_are_told(tmp_path: Path) -> None:
    raw = read(
        tmp_path, CLEAN + "10872983,K00756.01,11.09\n10910878,K00757.01\n1,K00758.01,1.5,2\n"
    )
    assert raw.frame["koi_depth"].fillna(0).tolist() == [0, 10829, 733, 0, 0, 2]
    assert raw.notes == (
        (
            "2 rows have fewer cells than there are columns, the first of them (row 4): the absent"
            " ones count as missing."
        ),
    )


@pytest.mark.parametrize("content", ["1,2\n3,4\n", "0.5;a;7\n0.7;b;8\n", "10797460 9.4\n108 1\n"])
def test_a_table_without_names_is_refused_with_what_was_taken_for_them(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "table").write_text(content)
    first = content.splitlines()[0]
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table")
    assert str(refused.value) == (
        f'The file has no line with the names of its columns: the first one, "{first}", has'
        " numbers."
    )


def test_names_of_two_lines_and_a_comment_in_a_quoted_cell_are_whole(tmp_path: Path) -> None:
    content = '"koi_period\n[days]",note\n9.5,"one\n# two\n,,\n"\n10.5,three\n'
    (tmp_path / "table").write_text(content)
    raw = read_frame(tmp_path / "table")
    assert [heading.name for heading in raw.headings] == ["koi_period\n[days]", "note"]
    assert raw.frame["note"].tolist() == ["one\n# two\n,,\n", "three"]
    assert raw.notes == ()


def test_an_excel_error_in_the_first_cell_is_no_comment(tmp_path: Path) -> None:
    raw = read(tmp_path, CLEAN + "#N/A,K00757.01,2.5,3\n")
    assert len(raw.frame) == 4
    assert pd.isna(raw.frame["kepid"].iloc[3])
    assert raw.notes == ()


def test_a_file_of_many_pieces_loses_no_row(tmp_path: Path) -> None:
    generator = random.Random(0)
    rows = [
        f"{number},K{number:05}.01,{generator.gauss(0, 1)!r},{generator.gauss(0, 1)!r}\n"
        for number in range(30_000)
    ]
    marked = list(rows)
    for at in range(0, len(marked), 1000):
        marked[at] = generator.choice(["# x\n", ",,,\n", NAMES, "\n"]) + marked[at]
    raw = read(tmp_path, NAMES + "".join(marked))
    assert_same_objects(raw, read(tmp_path, NAMES + "".join(rows)))
    assert len(raw.frame) == 30_000
