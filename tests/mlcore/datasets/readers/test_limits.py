"""Tables that are too large, or claim to be, in each format and each direction."""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import fields
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from openpyxl import Workbook

from mlcore.datasets import NotATableError
from mlcore.datasets.readers.limits import LIMITS
from mlcore.datasets.readers.read import read_columns, read_frame
from mlcore.errors import DataError
from tests.mlcore.datasets.readers.limited import limited
from tests.mlcore.datasets.readers.written import ods

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MEBIBYTE = 1 << 20


def as_csv(path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(path, index=False)


def as_gzip(path: Path, frame: pd.DataFrame) -> None:
    path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))


def as_aligned(path: Path, frame: pd.DataFrame) -> None:
    path.write_text(frame.to_string(index=False))


def as_ipac(path: Path, frame: pd.DataFrame) -> None:
    def line(cells: object) -> str:
        return "|" + "|".join(f"{cell:>9}" for cell in cells) + "|\n"

    kinds = ["double" if kind.kind in "if" else "char" for kind in frame.dtypes]
    rows = "".join(line(row).replace("|", " ") for row in frame.itertuples(index=False))
    path.write_text(line(frame.columns) + line(kinds) + rows)


def as_xlsx(path: Path, frame: pd.DataFrame) -> None:
    frame.to_excel(path, index=False, engine="openpyxl")


def as_parquet(path: Path, frame: pd.DataFrame) -> None:
    frame.to_parquet(path)


def as_ods(path: Path, frame: pd.DataFrame) -> None:
    path.write_bytes(ods({"one": [list(frame), *frame.astype(object).to_numpy().tolist()]}))


def as_json(path: Path, frame: pd.DataFrame) -> None:
    frame.to_json(path, orient="records")


def as_votable(path: Path, frame: pd.DataFrame) -> None:
    Table.from_pandas(frame).write(path, format="votable")


def as_fits(path: Path, frame: pd.DataFrame) -> None:
    Table.from_pandas(frame).write(path, format="fits")


def as_ecsv(path: Path, frame: pd.DataFrame) -> None:
    Table.from_pandas(frame).write(path, format="ascii.ecsv")


WRITERS = [
    *(as_csv, as_gzip, as_aligned, as_ipac, as_ecsv, as_xlsx, as_ods, as_parquet),
    *(as_json, as_votable, as_fits),
]
SHEETS = {as_xlsx, as_ods}
TWELVE = pd.DataFrame({"a": range(12), "b": range(12), "c": range(12)})


@pytest.mark.parametrize("write", WRITERS)
def test_a_table_of_exactly_the_limits_is_read_whole(
    tmp_path: Path, write: Callable[[Path, pd.DataFrame], None]
) -> None:
    write(tmp_path / "table", TWELVE)
    # Lines of a header count as rows of a text file, and a sheet's as cells.
    lines = 25 if write is as_ecsv else 14
    with limited(rows=lines, columns=3, cells=39 if write in SHEETS else 36):
        assert read_frame(tmp_path / "table").frame.astype(int).equals(TWELVE)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        ({"rows": 11}, "The table has more than the 11 rows that it may have."),
        ({"columns": 2}, "The table has 3 columns; at most 2 are allowed."),
        (
            {"cells": 35},
            (
                "The table has 3 columns and with them more than the 35 cells that it may have:"
                " send fewer rows, or only the columns that are needed."
            ),
        ),
    ],
)
def test_a_table_beyond_a_limit_is_refused_in_every_format(
    tmp_path: Path,
    write: Callable[[Path, pd.DataFrame], None],
    limit: dict[str, int],
    sentence: str,
) -> None:
    write(tmp_path / "table", TWELVE)
    with limited(**limit), pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table", columns={"b"})
    if write is as_xlsx and "cells" in limit:
        sentence = (
            "A sheet of the workbook has more than the 35 cells that it may have, its empty"
            " ones included."
        )
    assert str(refused.value) == sentence


@pytest.mark.parametrize("write", WRITERS)
def test_a_word_that_is_too_long_is_refused_with_its_place(
    tmp_path: Path, write: Callable[[Path, pd.DataFrame], None]
) -> None:
    write(tmp_path / "table", pd.DataFrame({"a": ["x", "y" * 9, "z"], "b": [1, 2, 3]}))
    with limited(cell_characters=9):
        assert read_frame(tmp_path / "table").frame["a"].tolist() == ["x", "y" * 9, "z"]
    with limited(cell_characters=8), pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table")
    assert str(refused.value) == ("Column a has 9 characters in row 2; a cell may have at most 8.")


def test_a_long_word_in_a_column_that_nobody_asks_for_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "table").write_text("a,b\n" + "é" * 40_000 + ",1\n")
    assert read_frame(tmp_path / "table", columns={"b"}).frame["b"].tolist() == [1]


@pytest.mark.parametrize("length", [201, 200_000])
@pytest.mark.parametrize("read", [read_frame, read_columns])
def test_a_name_that_is_too_long_is_refused(
    tmp_path: Path, length: int, read: Callable[[Path], object]
) -> None:
    (tmp_path / "table").write_text("a," + "x" * length + "\n1,2\n")
    with pytest.raises(DataError, match=r"too long|more than the 200 characters"):
        read(tmp_path / "table")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_lines_are_counted_however_they_end(tmp_path: Path, end: str) -> None:
    (tmp_path / "table").write_text(end.join(["a,b", *["1,2"] * 9, ""]), newline="")
    with limited(rows=10):
        assert len(read_frame(tmp_path / "table").frame) == 9
    with limited(rows=9, lines_above=0), pytest.raises(DataError, match="more than the 9 rows"):
        read_frame(tmp_path / "table")


def test_a_text_of_as_many_rows_as_allowed_has_its_header_beside_them(tmp_path: Path) -> None:
    (tmp_path / "table").write_text("# a remark\n# another\na,b\n" + "1,2\n" * 9)
    with limited(rows=9, lines_above=3):
        assert len(read_frame(tmp_path / "table").frame) == 9
    for limits in ({"rows": 9, "lines_above": 2}, {"rows": 8, "lines_above": 9}):
        with limited(**limits), pytest.raises(DataError) as refused:
            read_frame(tmp_path / "table")
        assert str(refused.value) == (
            f"The table has more than the {limits['rows']} rows that it may have."
        )


@pytest.mark.parametrize("write", sorted(SHEETS, key=str))
def test_a_sheet_has_fewer_rows_than_other_tables(
    tmp_path: Path, write: Callable[[Path, pd.DataFrame], None]
) -> None:
    write(tmp_path / "table", TWELVE)
    with limited(rows=13, sheet_rows=12):
        assert len(read_frame(tmp_path / "table").frame) == 12
    with limited(rows=13, sheet_rows=11), pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table")
    assert str(refused.value) == (
        "The table has more than the 11 rows that one in a workbook may have: send it as CSV or"
        " Parquet."
    )


def test_a_pair_of_line_end_bytes_that_two_pieces_share_is_one_line_end(tmp_path: Path) -> None:
    first = "a,b\r\n" + "x" * (MEBIBYTE - 8) + ",1\r"
    (tmp_path / "table").write_text(first + "\n1,2\r\n", newline="")
    assert len(first) == MEBIBYTE
    with limited(rows=3):
        assert read_frame(tmp_path / "table", columns={"b"}).frame["b"].tolist() == [1, 2]


@pytest.mark.parametrize("where", [0, MEBIBYTE // 2])
def test_a_line_that_is_too_long_is_refused(tmp_path: Path, where: int) -> None:
    before = "a,b\n" + "1,2\n" * (where // 4)
    (tmp_path / "table").write_text(before + "x" * (2 * MEBIBYTE) + ",1\n1,2\n")
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table", columns={"b"})
    assert str(refused.value) == (
        "A line of the file is longer than the 1,048,576 bytes that it may be."
    )


def test_a_small_file_that_unpacks_to_a_large_one_is_refused_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 300_000))
    with limited(unpacked_bytes=10**6), pytest.raises(NotATableError) as refused:
        read_frame(tmp_path / "table")
    assert str(refused.value) == "The file holds more than the 1 MB that it may hold."


def workbook_with(path: Path, name: str, content: bytes) -> None:
    """Write a workbook and replace or add one of its parts."""
    book = Workbook()
    book.worksheets[0].append(["a"])
    book.worksheets[0].append([1])
    book.save(path.with_suffix(".whole"))
    with zipfile.ZipFile(path.with_suffix(".whole")) as whole:
        parts = {member: whole.read(member) for member in whole.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in (parts | {name: content}).items():
            archive.writestr(member, data)


SHEET = "xl/worksheets/sheet1.xml"
XLSX_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + f']><worksheet xmlns="{XLSX_NAMESPACE}"><sheetData><row r="1"><c r="A1" t="str"><v>&i;</v>'
    "</c></row></sheetData></worksheet>"
).encode()
FAR_AWAY = (
    f'<worksheet xmlns="{XLSX_NAMESPACE}"><dimension ref="A1:XFD1048576"/><sheetData>'
    '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
    '<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>'
).encode()
WIDE = (
    f'<worksheet xmlns="{XLSX_NAMESPACE}"><sheetData>'
    '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
    + "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 3002))
    + "</sheetData></worksheet>"
).encode()


@pytest.mark.parametrize(
    ("name", "content", "beginning"),
    [
        pytest.param("xl/media/a.png", bytes(30 * 10**6), "A part of the workbook", id="ratio"),
        pytest.param(
            "xl/styles.xml", b"<a/>" * 5_000_000, "The workbook's styles or", id="large-styles"
        ),
        pytest.param(SHEET, BILLION_LAUGHS, "The workbook is damaged", id="entities"),
        pytest.param("xl/styles.xml", BILLION_LAUGHS, "The workbook is damaged", id="styles"),
        pytest.param(SHEET, FAR_AWAY, "The table has more than the 250,000 rows", id="far-row"),
        pytest.param(SHEET, WIDE, "A sheet of the workbook has more than", id="wide-rows"),
    ],
)
def test_a_workbook_that_would_grow_is_refused(
    tmp_path: Path, name: str, content: bytes, beginning: str
) -> None:
    workbook_with(tmp_path / "a.xlsx", name, content)
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "a.xlsx")
    assert str(refused.value).startswith(beginning)


def test_a_workbook_may_claim_to_be_wide_when_its_cells_are_few(tmp_path: Path) -> None:
    claim = FAR_AWAY.replace(b"1048576", b"2").replace(b"XFD2", b"XFD1048576")
    workbook_with(tmp_path / "a.xlsx", SHEET, claim)
    assert read_frame(tmp_path / "a.xlsx").frame["a"].tolist() == [1]


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_opened(
    tmp_path: Path,
) -> None:
    workbook_with(tmp_path / "a.xlsx", "xl/media/a.png", bytes(range(256)) * 5000)
    with limited(unpacked_bytes=10**6), pytest.raises(NotATableError) as refused:
        read_frame(tmp_path / "a.xlsx")
    assert str(refused.value) == "The workbook unpacks to more than 1 MB."


def test_an_archive_of_very_many_files_is_refused_before_they_are_listed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        for number in range(500):
            archive.writestr(f"xl/{number}.xml", b"")
    with limited(part_bytes=8 * 20_000), pytest.raises(NotATableError) as refused:
        read_frame(tmp_path / "a.xlsx")
    assert str(refused.value).startswith("The archive has too many files in it; expected CSV")


def test_a_parquet_file_is_refused_by_what_it_says_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    # Very many equal values take no room in the file.
    pq.write_table(pa.table({"a": pa.array([1.5]).take(pa.array([0] * (LIMITS.rows + 1)))}), path)
    assert path.stat().st_size < 10_000
    with pytest.raises(DataError, match=r"^The table has more than the 1,000,000 rows that it may"):
        read_frame(path)
    pq.write_table(pa.table({"a": range(200_000)}), path)
    with limited(unpacked_bytes=10**6), pytest.raises(NotATableError) as refused:
        read_frame(path)
    assert str(refused.value) == "The Parquet file unpacks to more than 1 MB."
    with limited(part_bytes=100), pytest.raises(NotATableError, match="describes itself in more"):
        read_frame(path)


def test_one_long_word_that_a_parquet_file_means_very_often_is_refused_as_one_word(
    tmp_path: Path,
) -> None:
    words = pa.array(["x" * 10**6]).dictionary_encode().take(pa.array([0] * 200_000))
    pq.write_table(pa.table({"kepoi_name": words}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 2 * 10**6
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "a.parquet")
    assert str(refused.value) == (
        "Column kepoi_name has a word of more than the 1,000 characters that it may have."
    )


def test_many_words_are_together_no_larger_than_a_file_may_be(tmp_path: Path) -> None:
    words = pa.array(["x" * 900]).dictionary_encode().take(pa.array([0] * 10_000))
    pq.write_table(pa.table({"kepoi_name": words}), tmp_path / "a.parquet")
    with limited(unpacked_bytes=5 * 10**6), pytest.raises(DataError) as refused:
        read_frame(tmp_path / "a.parquet")
    assert str(refused.value) == "The words of the table are more than 5 million characters."


def test_a_parquet_column_of_lists_is_refused_where_it_is_asked_for(tmp_path: Path) -> None:
    table = pa.table({"koi_period": [[1.0, 2.0]], "koi_depth": [3.0]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read_frame(tmp_path / "a.parquet", columns={"koi_depth"}).frame["koi_depth"][0] == 3
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "a.parquet", columns={"koi_period"})
    assert str(refused.value) == (
        "Column koi_period of the Parquet file has values of the type list; allowed are numbers"
        " and words."
    )


def test_every_limit_says_what_it_is_for() -> None:
    limits = {
        limit.name: (getattr(LIMITS, limit.name), limit.metadata["help"])
        for limit in fields(LIMITS)
    }
    assert limits["rows"][0] == 1_000_000
    assert limits["sheet_rows"][0] == 250_000
    assert all(value > 0 and meaning.endswith(".") for value, meaning in limits.values())
