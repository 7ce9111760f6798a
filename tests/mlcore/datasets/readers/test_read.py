from __future__ import annotations

import bz2
import gzip
import lzma
import random
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from mlcore.datasets import NotATableError
from mlcore.datasets.readers.formats import EXPECTED
from mlcore.datasets.readers.read import DATED_KEY, read_columns, read_frame
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = (
    "# This file was produced by the NASA Exoplanet Archive\n"
    "# Sat Oct  4 09:06:58 2025\n"
    "#\n"
    "# COLUMN kepid: KepID\n"
    "#\n"
)
ROWS = "kepid,kepoi_name,koi_period\n10797460,K00752.01,9.488\n10797460,K00752.02,\n"
IPAC = (
    "\\ Wed Jul 19 16:19:18 2017\n"
    "\\\n"
    "|kepid    |kepoi_name|koi_period|\n"
    "|long     |char      |double    |\n"
    "|         |          |days      |\n"
    "|         |          |null      |\n"
    " 10797460  K00752.01  9.488      \n"
    " 10797460  K00752.02  null       \n"
)


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def assert_the_two_rows(path: Path, dated: date | None) -> None:
    raw = read_frame(path, text={"kepid"})
    assert raw.columns == ("kepid", "kepoi_name", "koi_period")
    assert raw.dated == dated
    assert list(raw.frame.columns) == ["kepid", "kepoi_name", "koi_period"]
    assert raw.frame["kepid"].astype("str").tolist() == ["10797460", "10797460"]
    assert raw.frame["kepoi_name"].tolist() == ["K00752.01", "K00752.02"]
    assert raw.frame["koi_period"].iloc[0] == 9.488
    assert pd.isna(raw.frame["koi_period"].iloc[1])
    assert read_columns(path) == (raw.columns, dated)


@pytest.mark.parametrize(
    ("content", "dated"),
    [
        pytest.param(ROWS, None, id="plain"),
        pytest.param(HEADER + ROWS, date(2025, 10, 4), id="archive-header"),
        pytest.param(b"\xef\xbb\xbf" + ROWS.encode(), None, id="byte-order-mark"),
        pytest.param(
            b"\xef\xbb\xbf" + (HEADER + ROWS).encode(), date(2025, 10, 4), id="mark-and-header"
        ),
        pytest.param(ROWS.replace(",", ";"), None, id="semicolons"),
        pytest.param(ROWS.replace(",", "\t"), None, id="tabs"),
        pytest.param(ROWS.replace("\n", "\r\n"), None, id="windows-line-ends"),
        pytest.param("\n\n" + ROWS + "\n\n", None, id="blank-lines"),
        pytest.param(ROWS.rstrip("\n"), None, id="no-last-line-end"),
        pytest.param(ROWS.replace("kepid", " KepID ", 1), None, id="names-in-capitals"),
        pytest.param(ROWS.replace("kepid", '"kepid"', 1), None, id="quoted-names"),
        pytest.param(gzip.compress((HEADER + ROWS).encode()), date(2025, 10, 4), id="gzip"),
        pytest.param(IPAC, date(2017, 7, 19), id="ipac"),
        pytest.param(gzip.compress(IPAC.encode()), date(2017, 7, 19), id="ipac-gzip"),
    ],
)
def test_text_tables_are_read_by_content(
    tmp_path: Path, content: bytes | str, dated: date | None
) -> None:
    assert_the_two_rows(write(tmp_path / "行星.dat", content), dated)


def test_a_workbook_is_read_whatever_its_name(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["# Sat Oct  4 09:06:58 2025"],
        ["#"],
        [None],
        ["KepID", "kepoi_name ", "koi_period"],
        [10797460, "K00752.01", 9.488],
        [None, None, None],
        [10797460, "K00752.02", None],
    ]
    assert_the_two_rows(workbook(tmp_path / "table.csv", rows), date(2025, 10, 4))


def test_parquet_is_read_with_the_date_that_it_states(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "kepid": ["10797460", "10797460"],
            "kepoi_name": ["K00752.01", "K00752.02"],
            "koi_period": [9.488, None],
        }
    )
    table = pa.Table.from_pandas(frame).replace_schema_metadata({DATED_KEY: b"2020-02-03"})
    pq.write_table(table, tmp_path / "table")
    assert_the_two_rows(tmp_path / "table", date(2020, 2, 3))


def test_only_the_columns_asked_for_are_read_and_all_are_named(tmp_path: Path) -> None:
    for name, content in (("a.csv", ROWS), ("b.tbl", IPAC)):
        raw = read_frame(write(tmp_path / name, content), columns={"koi_period", "absent"})
        assert list(raw.frame.columns) == ["koi_period"]
        assert len(raw.frame) == 2
        assert raw.columns == ("kepid", "kepoi_name", "koi_period")


def test_latin_1_text_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "pl_name,st_teff\nÉtoile b,5000\n".encode("latin-1"))
    assert read_frame(path).frame["pl_name"].tolist() == ["Étoile b"]


def test_a_name_that_looks_like_a_number_keeps_its_digits(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "toi,tid\n1000.10,0012\n")
    frame = read_frame(path, text={"toi", "tid"}).frame
    assert frame.iloc[0].tolist() == ["1000.10", "0012"]


def test_numbers_are_read_to_the_last_bit(tmp_path: Path) -> None:
    generator = random.Random(0)
    numbers = [generator.gauss(0, 1) * 10 ** generator.randint(-12, 12) for _ in range(2000)]
    path = write(tmp_path / "a.csv", "x,y\n" + "".join(f"{number!r},1\n" for number in numbers))
    assert read_frame(path).frame["x"].tolist() == numbers


def test_columns_without_a_name_are_told_apart(tmp_path: Path) -> None:
    raw = read_frame(write(tmp_path / "a.csv", ",x,\n0,1,2\n"))
    assert raw.columns == ("column 1", "x", "column 3")
    assert raw.frame.iloc[0].tolist() == [0, 1, 2]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "koi_period,kepid, KOI_PERIOD\n1,2,3\n")
    for read in (read_frame, read_columns):
        with pytest.raises(
            DataError, match=r"^The table has more than one column named koi_period\.$"
        ):
            read(path)


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
NOT_TABLES = [
    pytest.param(b"", "The file is empty", id="empty"),
    pytest.param(PNG, "The file is not a table", id="png"),
    pytest.param(b"%PDF-1.7\n1 0 obj\n", "The file is not a table", id="pdf"),
    pytest.param(bytes(range(256)), "The file is not a table", id="binary"),
    pytest.param("x,y\n1,2\n".encode("utf-16-le"), "The file is not a table", id="utf-16-bare"),
    pytest.param("x,y\n1,2\n".encode("utf-32"), "The file is not a table", id="utf-32"),
    pytest.param(b"x,y\n1111,2222\n" * 99_000 + b"\x00", "The file is not a table", id="late-nul"),
    pytest.param(b"\xef\xbb\xbfx,y\n\xff,2\n", "The file's text is not in the", id="wrong-mark"),
    pytest.param(b"\xff\xfex\x00,", "The file's text is not in the", id="cut-utf-16"),
    pytest.param(
        gzip.compress(gzip.compress(b"x,y\n1,2\n")),
        "The file is packed more than",
        id="twice-packed",
    ),
    pytest.param(bz2.compress(b"x,y\n1,2\n"), "The file is packed with bzip2", id="bzip2"),
    pytest.param(lzma.compress(b"x,y\n1,2\n"), "The file is packed with xz", id="xz"),
    pytest.param(b"SIMPLE  =    T", "The FITS file is damaged", id="fits"),
    pytest.param(b"\x89HDF\r\n\x1a\n", "The file is an HDF5 file", id="hdf5"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1", "The file is an old or an encrypted Excel", id="xls"),
    pytest.param(b"\n <?xml?><VOTABLE/>", "The VOTable is damaged", id="votable"),
    pytest.param(b"<!DOCTYPE html><p>404</p>", "The file is a web page", id="html"),
    pytest.param(b"\n<TABLE border=1><tr><th>x</table>", "The file is a web page", id="its table"),
    pytest.param(b"\\begin{tabular}{cc}", "The file is LaTeX", id="latex"),
    pytest.param(b"% mine\n\\begin{deluxetable}{ll}", "The file is LaTeX", id="commented latex"),
    pytest.param(b"KIC & P \\\\\n1 & 9.5 \\\\\n", "The file is LaTeX", id="rows of latex"),
    pytest.param(b'[{"x": 1}', "The file begins as JSON does, but is none", id="json"),
    pytest.param(b"# only\n# comments\n", "The file has no line with column names", id="comments"),
    pytest.param(gzip.compress(b"a,b\n" * 999)[:-12], "The file is damaged", id="cut-gzip"),
    pytest.param(gzip.compress(PNG), "The file is not a table", id="packed-png"),
    pytest.param(b"PAR1" + b"\x00" * 40, "The Parquet file is damaged", id="parquet"),
    pytest.param(b"PK\x03\x04" + b"\x00" * 40, "The file is damaged", id="zip"),
]


@pytest.mark.parametrize(("content", "beginning"), NOT_TABLES)
def test_what_is_no_table_is_refused_with_what_is_expected(
    tmp_path: Path, content: bytes, beginning: str
) -> None:
    path = write(tmp_path / "table.csv", content)
    with pytest.raises(NotATableError) as caught:
        read_frame(path)
    assert str(caught.value).startswith(beginning)
    assert str(caught.value).endswith(f"{EXPECTED}.")


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<broken")
    with pytest.raises(NotATableError, match=r"^The workbook is damaged; expected CSV"):
        read_frame(tmp_path / "a.xlsx")


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotATableError, match=r"^The workbook has no sheet with a line of"):
        read_frame(workbook(tmp_path / "a.xlsx", []))


@pytest.mark.parametrize(
    ("content", "row"),
    [("a,b\n1,2,3\n", 1), ("a,b\n1,2\n1,2,3\n", 2), ("a;b\n1;2\n3;4\n1;2;x;3\n", 3)],
)
def test_a_row_with_more_cells_than_names_is_refused(
    tmp_path: Path, content: str, row: int
) -> None:
    path = write(tmp_path / "a.csv", content)
    for columns in (None, {"a"}):
        with pytest.raises(DataError, match=rf"^Row {row} of the table has more cells than there"):
            read_frame(path, columns=columns)


def test_an_open_quote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^The rows of the table cannot be read: a quote"):
        read_frame(write(tmp_path / "a.csv", 'a,b\n1,"2\n'))


def test_a_delimiter_at_the_end_of_each_row_is_no_cell(tmp_path: Path) -> None:
    frame = read_frame(write(tmp_path / "a.csv", "a,b\n1,2,\n3,4,\n")).frame
    assert frame.to_numpy().tolist() == [[1, 2], [3, 4]]


def test_an_ipac_table_with_rows_beside_their_columns_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tbl", "|a  |b  |\n|int|int|\n 1   x  \n")
    with pytest.raises(DataError, match=r"^The rows of the IPAC table"):
        read_frame(path)


def test_a_table_without_rows_is_read(tmp_path: Path) -> None:
    raw = read_frame(write(tmp_path / "a.csv", "a,b\n"))
    assert raw.columns == ("a", "b")
    assert len(raw.frame) == 0


def test_the_columns_of_a_long_header_are_found(tmp_path: Path) -> None:
    rows = "é" * 40_000 + ",x\n"
    path = write(tmp_path / "a.csv", "kepid,koi_period\n" + rows)
    assert read_columns(path) == (("kepid", "koi_period"), None)


ENCODED = "pl_name,st_teff\nÉtoile “b” µ,5000\n"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("cp1252", b""),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_text_is_read_in_the_encoding_that_it_is_in(
    tmp_path: Path, encoding: str, mark: bytes, pack: Callable[[bytes], bytes]
) -> None:
    path = write(tmp_path / "a.csv", pack(mark + ENCODED.encode(encoding)))
    raw = read_frame(path)
    assert raw.frame.to_numpy().tolist() == [["Étoile “b” µ", 5000]]
    assert read_columns(path)[0] == raw.columns == ("pl_name", "st_teff")


def test_what_is_no_windows_1252_is_latin_1(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"pl_name,st_teff\n\xc9 \x81,5000\n")
    assert read_frame(path).frame["pl_name"].tolist() == ["É \x81"]


@pytest.mark.parametrize("at", range(-3, 4))
def test_a_character_that_two_pieces_share_is_read_whole(tmp_path: Path, at: int) -> None:
    # Four bytes across the mebibyte at which a file is cut.
    before = "a,b\n" + "xxxxx,1\n" * ((1 << 17) - 1) + "y" * (4 + at)
    path = write(tmp_path / "a.csv", f"{before}🪐,2\n")
    frame = read_frame(path).frame
    assert frame["a"].iloc[-1] == "y" * (4 + at) + "🪐"
    assert len(frame) == 1 << 17


def test_the_encoding_is_that_of_the_whole_file_and_not_of_its_beginning(tmp_path: Path) -> None:
    content = b"a,b\n" + b"xxxxx,1\n" * (1 << 17) + "é,2\n".encode("latin-1")
    path = write(tmp_path / "a.csv", content)
    assert read_frame(path).frame["a"].iloc[-1] == "é"
    assert read_columns(path)[0] == ("a", "b")


CELLS = [["K00752.01", "9.488"], ["K00752.02", ""], ["K00753.01", "-1.5e-3"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_with_every_line_end(tmp_path: Path, delimiter: str, end: str) -> None:
    lines = [delimiter.join(row) for row in [["kepoi_name", "koi_period"], *CELLS]]
    path = write(tmp_path / "a.dat", end.join([*lines, ""]))
    frame = read_frame(path, text={"kepoi_name"}).frame
    assert frame["kepoi_name"].tolist() == [row[0] for row in CELLS]
    assert frame["koi_period"].fillna(0).tolist() == [9.488, 0, -0.0015]
    assert read_columns(path)[0] == ("kepoi_name", "koi_period")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_cells_between_blanks_are_read(tmp_path: Path, end: str) -> None:
    lines = ["", "  kepoi_name   koi_period", "  K00752.01\t 9.488", "", "K00752.02  nan", '"x  1']
    path = write(tmp_path / "a.txt", end.join([*lines, ""]))
    frame = read_frame(path).frame
    assert frame["kepoi_name"].tolist() == ["K00752.01", "K00752.02", '"x']
    assert frame["koi_period"].fillna(0).tolist() == [9.488, 0, 1]


@pytest.mark.parametrize(("row", "more"), [("1 2", "fewer"), ("1 2 3 4", "more")])
def test_an_absent_cell_between_blanks_is_refused_because_the_others_would_move(
    tmp_path: Path, row: str, more: str
) -> None:
    path = write(tmp_path / "a.txt", f"a b c\n1 2 3\n\n{row}\n")
    with pytest.raises(DataError) as refused:
        read_frame(path)
    assert str(refused.value) == (
        f"Row 2 of the table has {more} cells than there are column names (3); where blanks"
        " separate the cells, each row must have all of them."
    )


def test_a_delimiter_within_quotes_and_a_line_end_within_quotes_separate_nothing(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "a.csv", 'pl_name,st_teff\n"one, two\nthree ""four""",5000\n')
    assert read_frame(path).frame.to_numpy().tolist() == [['one, two\nthree "four"', 5000]]


def test_a_table_of_one_column_is_read(tmp_path: Path) -> None:
    assert read_frame(write(tmp_path / "a.csv", "x\n1\n2\n")).frame["x"].tolist() == [1, 2]


def test_words_that_a_parquet_file_stores_as_bytes_are_words(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [b"one", "zw\u00f6lf".encode(), None]}), tmp_path / "a")
    assert read_frame(tmp_path / "a").frame["x"].fillna("").tolist() == ["one", "zwölf", ""]
    pq.write_table(pa.table({"x": [b"one", b"\xff"]}), tmp_path / "a")
    with pytest.raises(NotATableError, match=r"^The Parquet file is damaged; expected CSV"):
        read_frame(tmp_path / "a")


def test_a_parquet_file_whose_words_are_damaged_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": ["one", "eleven"]}), tmp_path / "a", compression="none")
    content = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(content.replace(b"eleven", b"elev\xff\xfe"))
    with pytest.raises(NotATableError, match=r"^The Parquet file is damaged; expected CSV"):
        read_frame(tmp_path / "a")
