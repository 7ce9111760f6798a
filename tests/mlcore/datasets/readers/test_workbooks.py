"""XLSX and ODS workbooks: which sheet is the table, and where in it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from openpyxl import Workbook

from mlcore.datasets import NotATableError
from mlcore.datasets.readers.formats import EXPECTED
from mlcore.datasets.readers.read import Heading, RawTable, read_frame
from mlcore.errors import DataError
from tests.mlcore.datasets.readers.written import ods

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

Sheets = "Mapping[str, Sequence[Sequence[object]]]"
TABLE: list[list[object]] = [
    ["kepid", "kepoi_name", "koi_period"],
    [10797460, "K00752.01", 9.488],
    [10811496, "K00753.01", None],
]
BLANK: list[object] = [None, None, None]


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read(folder: Path, content: bytes) -> RawTable:
    (folder / "table").write_bytes(content)
    return read_frame(folder / "table", text={"kepoi_name"})


WORKBOOKS = [
    pytest.param({"one": TABLE}, (), id="plain"),
    pytest.param(
        {"README": [["Notes"], ["See sheet 2"]], "koi": TABLE},
        ("The sheet 'koi' was read: the first sheet holds no table.",),
        id="notes-first",
    ),
    pytest.param(
        {"empty": [], "koi": TABLE},
        ("The sheet 'koi' was read: the first sheet holds no table.",),
        id="empty-first",
    ),
    pytest.param(
        {"koi": TABLE, "notes": [["Notes"]], "toi": [["toi", "tid"], [1.01, 2]]},
        ("The sheet 'koi' was read, and not: 'toi'.",),
        id="two-tables",
    ),
    pytest.param(
        {"one": [["Planets of October"], ["by", "somebody"], BLANK, *TABLE]},
        ('Row 4 of the sheet names the columns; "Planets of October" above was left out.',),
        id="title",
    ),
    pytest.param(
        {"one": [["# Sat Oct  4 09:06:58 2025"], ["#"], *TABLE, BLANK, BLANK]}, (), id="comments"
    ),
    pytest.param(
        {"one": [*TABLE[:2], BLANK, BLANK, TABLE[2], ["3 rows returned"]]},
        (
            "2 blank rows were left out.",
            'The line "3 rows returned", which has no cells of an object, was left out.',
        ),
        id="blank-rows-and-a-last-line",
    ),
    pytest.param(
        {"one": [*TABLE[:2], TABLE[0], TABLE[2]]},
        ("A second line of headings in row 2 was left out.",),
        id="headings-again",
    ),
    pytest.param(
        {"one": [TABLE[0], [*TABLE[1], None, "check this"], TABLE[2]]},
        ("What stands beside the named columns in one row was left out.",),
        id="remark-in-the-margin",
    ),
    pytest.param(
        {"one": [TABLE[0], ["10797460", "K00752.01", " 9.488 "], TABLE[2]]}, (), id="text"
    ),
]


@pytest.mark.parametrize("write", [xlsx, ods])
@pytest.mark.parametrize(("sheets", "notes"), WORKBOOKS)
def test_the_sheet_that_is_a_table_is_read(
    tmp_path: Path,
    write: Callable[[object], bytes],
    sheets: object,
    notes: tuple[str, ...],
) -> None:
    raw = read(tmp_path, write(sheets))
    assert raw.columns == ("kepid", "kepoi_name", "koi_period")
    assert raw.frame["kepid"].astype("float64").tolist() == [10797460, 10811496]
    assert raw.frame["kepoi_name"].tolist() == ["K00752.01", "K00753.01"]
    assert pd.to_numeric(raw.frame["koi_period"]).fillna(0).tolist() == [9.488, 0]
    # Trailing blank rows are nothing to LibreOffice, and formatted cells to Excel.
    assert tuple(note for note in raw.notes if "blank" not in note or len(notes) > 1) == notes


@pytest.mark.parametrize("write", [xlsx, ods])
def test_units_under_the_names_of_a_sheet_are_units(
    tmp_path: Path, write: Callable[[object], bytes]
) -> None:
    raw = read(tmp_path, write({"one": [TABLE[0], [None, None, "days"], *TABLE[1:]]}))
    assert raw.headings[2] == Heading(name="koi_period", unit="days")
    assert len(raw.frame) == 2


@pytest.mark.parametrize("write", [xlsx, ods])
def test_a_workbook_without_a_table_is_refused(
    tmp_path: Path, write: Callable[[object], bytes]
) -> None:
    with pytest.raises(NotATableError) as refused:
        read(tmp_path, write({"one": [], "other": [[None]]}))
    assert str(refused.value) == (
        f"The workbook has no sheet with a line of column names; {EXPECTED}."
    )


def repeated(rows: int, columns: int) -> str:
    return (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell'
        f' office:value-type="float" office:value="1" table:number-columns-repeated="{columns}"/>'
        "</table:table-row>"
    )


ENTITIES = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        (ods({"one": TABLE}, end=repeated(1_000_000, 1)), "The table has more than the 250,000"),
        (ods({"one": TABLE}, end=repeated(1, 16_384)), "The table has 16,384 columns; at most"),
        (ods({"one": TABLE}, end=repeated(200_000, 1_900)), "The table has 1,900 columns and with"),
        (ods({"one": TABLE}, end="<table:table-row>"), "The workbook is damaged"),
        (
            ods({"one": TABLE}, before=ENTITIES),
            "The XML in the file declares a document type or entities",
        ),
        (
            ods({"one": TABLE}, kind="application/vnd.oasis.opendocument.text"),
            "The file is a document, but no spreadsheet",
        ),
        (ods({"one": TABLE})[:-400], "The file is damaged"),
    ],
    ids=["rows", "columns", "cells", "open-tag", "entities", "document", "cut"],
)
def test_an_ods_workbook_that_would_grow_or_is_damaged_is_refused(
    tmp_path: Path, content: bytes, beginning: str
) -> None:
    with pytest.raises(DataError) as refused:
        read(tmp_path, content)
    assert str(refused.value).startswith(beginning)


def test_an_ods_workbook_may_have_a_million_empty_rows(tmp_path: Path) -> None:
    far = (
        '<table:table-row table:number-rows-repeated="100000"><table:table-cell/></table:table-row>'
    )
    raw = read(tmp_path, ods({"one": TABLE}, end=far + repeated(1, 3)))
    assert len(raw.frame) == 3
    assert raw.notes == ("100,000 blank rows were left out.",)


FORMULAS_TOLD = (
    "2 cells of the workbook hold formulas whose results are not stored in the file: to read the"
    " values, open it in a spreadsheet program and save it, or save it as CSV."
)


def test_formulas_without_results_are_told(tmp_path: Path) -> None:
    rows = [*TABLE[:2], [10811496, "K00753.01", "=2*4.5"], [10811497, "K00754.01", "=C2"]]
    table = read(tmp_path, xlsx({"koi": rows}))
    assert FORMULAS_TOLD in table.notes
    assert table.frame["koi_period"].isna().tolist() == [False, True, True]


def test_formulas_without_results_are_told_of_ods_too(tmp_path: Path) -> None:
    formula = '<table:table-row><table:table-cell table:formula="of:=1"/></table:table-row>'
    assert FORMULAS_TOLD in read(tmp_path, ods({"koi": TABLE}, end=2 * formula)).notes


def test_a_workbook_with_a_hole_is_damaged(tmp_path: Path) -> None:
    content = xlsx({"koi": TABLE})
    with pytest.raises(NotATableError, match=r"^The workbook is damaged"):
        read(tmp_path, content[:200] + content[800:])
