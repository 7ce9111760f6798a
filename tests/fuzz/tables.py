"""Files that somebody might send: tables with every oddity, in every format, whole and damaged."""

from __future__ import annotations

import csv
import gzip
import io
import json
import warnings
import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from mlcore.datasets import DATASETS
from tests.mlcore.datasets.readers.written import ods, votable

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["damaged", "files", "noise"]

KEPLER = DATASETS["kepler"]
Rows = list[list[str]]

_ODD = st.sampled_from(
    [
        *("", " ", "nan", "NaN", "-nan", "inf", "-inf", "Infinity", "1e308", "-1e308", "1e400"),
        *("1e-400", "-0", "+1.5", "1_000", "1,5", "1.234,5", "0x10", "1e", ".", "-", "--1", "½"),
        *("9" * 30, "9" * 400, "-" + "9" * 400, "True", "null", "NULL", "NA", "None", "<NA>"),
        *("=1+1", "'", '"', '""', '"a', 'a"', "a,b", "a;b", "a\tb", "a|b", "a\nb", "a\rb", "#x"),
        *("CONFIRMED", "CANDIDATE", "FALSE POSITIVE", "false_positive", "confirmed ", "1970-01-01"),
        *("行星", "e\u0301", "\u202e", "\ufeff", "\x7f", "\x85", "\u2028", "🪐", "x" * 1001),
    ]
)
_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
_NUMBERS = st.floats().map(repr) | st.integers().map(str)
_CONTROLS = st.text(st.characters(categories=["Cc"]), max_size=2)
_CELLS = _NUMBERS | _ODD | _WORDS
_KNOWN = [
    KEPLER.label,
    KEPLER.host,
    *KEPLER.object_name,
    *(column.name for column in KEPLER.feature_columns()),
]
_NAMES = st.sampled_from([*_KNOWN, *map(str.upper, _KNOWN[:4]), "", " ", "x", "x"]) | _WORDS


@st.composite
def tables(draw: DrawFn) -> Rows:
    """Draw columns' names and rows; columns may be constant, rows few, short or none."""
    names = draw(st.lists(_NAMES, min_size=1, max_size=8))
    if draw(st.integers(0, 2)):
        names = [*_KNOWN[:6], *names]
    if draw(st.integers(0, 5)):
        # Two columns of one name are refused before anything else is looked at.
        names = list({name.strip().lower(): name for name in names}.values())
    count = draw(st.sampled_from([0, 1, 2, 19, 20, 40]))
    columns = [_column(draw, name, count) for name in names]
    rows = [list(row) for row in zip(*columns, strict=True)]
    if rows and draw(st.integers(0, 4)) == 0:
        ragged = draw(st.integers(0, len(rows) - 1))
        rows[ragged] = draw(st.lists(_CELLS, max_size=12))
    return [names, *rows]


def _column(draw: DrawFn, name: str, count: int) -> list[str]:
    if name.lower() == KEPLER.label and draw(st.integers(0, 3)):
        words = draw(st.lists(st.sampled_from([*KEPLER.labels]), min_size=1, max_size=3))
    else:
        kind = draw(st.sampled_from([*[_NUMBERS] * 9, _CELLS, _CONTROLS]))
        words = draw(st.lists(kind, min_size=1, max_size=5))
    return [words[number % len(words)] for number in range(count)]


def _as_csv(rows: Rows, delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def _as_lines(rows: Rows, delimiter: str) -> bytes:
    return "\n".join(delimiter.join(row) for row in rows).encode()


def _as_ipac(rows: Rows, _delimiter: str) -> bytes:
    kinds = ["double" if name in _KNOWN[4:] else "char" for name in rows[0]]
    header = "".join(f"|{'|'.join(f'{text:>20}' for text in line)}|\n" for line in (rows[0], kinds))
    lines = (" " + " ".join(f"{cell:>20}" for cell in row) for row in rows[1:])
    return (header + "\n".join(lines)).encode()


def _as_xlsx(rows: Rows, _delimiter: str) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append([_typed(ILLEGAL_CHARACTERS_RE.sub("", cell)) for cell in row])
    saved, content = io.BytesIO(), io.BytesIO()
    book.save(saved)
    # Without the time of day in it: the same draw has to give the same bytes.
    with zipfile.ZipFile(saved) as timed, zipfile.ZipFile(content, "w") as archive:
        for name in timed.namelist():
            if name != "docProps/core.xml":
                archive.writestr(zipfile.ZipInfo(name), timed.read(name), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _typed(cell: str) -> Any:
    try:
        number = float(cell)
    except ValueError:
        return cell
    # A workbook has no other numbers.
    return number if abs(number) < 1e308 else cell


def _as_parquet(rows: Rows, delimiter: str) -> bytes:
    names, body = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    columns = [pa.array([row[n] for row in body], pa.string()) for n in range(len(names))]
    if delimiter in ",;":
        columns = [_numeric(column) for column in columns]
    if delimiter == "|":
        columns = [column.cast(pa.binary()) for column in columns]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(columns, names=names), sink)
    return bytes(sink.getvalue())


def _numeric(column: Any) -> Any:
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        return column


def _as_ods(rows: Rows, _delimiter: str) -> bytes:
    return ods({"one": [[_typed(_printable(cell)) for cell in row] for row in rows]})


def _as_json(rows: Rows, delimiter: str) -> bytes:
    records = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    columns = {name: [row[n : n + 1] for row in rows[1:]] for n, name in enumerate(rows[0])}
    shapes: dict[str, Any] = {
        ",": records,
        ";": {"metadata": [{"name": name} for name in rows[0]], "data": rows[1:]},
        "\t": rows,
        "|": columns,
    }
    if delimiter == " ":
        return "\n".join(map(json.dumps, records)).encode()
    return json.dumps(shapes[delimiter]).encode()


def _as_votable(rows: Rows, delimiter: str) -> bytes:
    kind = 'datatype="double"' if delimiter == ";" else 'datatype="unicodeChar" arraysize="*"'
    fields = "".join(f"<FIELD name={quoteattr(_printable(name))} {kind}/>" for name in rows[0])
    cells = ("".join(f"<TD>{escape(_printable(cell))}</TD>" for cell in row) for row in rows[1:])
    data = "".join(f"<TR>{row}</TR>" for row in cells)
    return votable(fields, f"<TABLEDATA>{data}</TABLEDATA>")


def _as_fits(rows: Rows, _delimiter: str) -> bytes:
    body = [row for row in rows[1:] if len(row) == len(rows[0])]
    titles = [_ascii(name).translate(_UNPRINTABLE).strip()[:40] for name in rows[0]]
    # Two of one name cannot be written.
    places = {title or "no name": place for place, title in enumerate(titles)}
    content = io.BytesIO()
    with warnings.catch_warnings():
        # It remarks on names that are no words, which is what is wanted.
        warnings.simplefilter("ignore")
        columns = [
            fits.Column(
                name=title, format="20A", array=[_ascii(row[place]) for row in body] or [""]
            )
            for title, place in places.items()
        ]
        table = fits.BinTableHDU.from_columns(columns)
        fits.HDUList([fits.PrimaryHDU(), table]).writeto(content)
    return content.getvalue()


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


_UNPRINTABLE = dict.fromkeys(range(32), " ")


def _printable(cell: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", cell).replace("\ufffe", "").replace("\uffff", "")


def _as_ecsv(rows: Rows, _delimiter: str) -> bytes:
    head = "".join(f"# - {{name: {json.dumps(name)}, datatype: string}}\n" for name in rows[0])
    return f"# %ECSV 1.0\n# ---\n# datatype:\n{head}".encode() + _as_csv(rows, ",")


def _as_prose(rows: Rows, delimiter: str) -> bytes:
    """Return lines with what people have above, between and below them."""
    lines = _as_csv(rows, delimiter).decode().splitlines()
    below = (lines[0], "# so far", delimiter * 3, *lines[9:], f"{len(rows)} rows returned")
    return "\n".join(("Made by a site, on a day", "", *lines[:9], *below)).encode()


def _as_zip(rows: Rows, delimiter: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), _as_csv(rows, delimiter), zipfile.ZIP_DEFLATED)
    return content.getvalue()


_FORMATS: tuple[Callable[[Rows, str], bytes], ...] = (
    *(_as_csv, _as_csv, _as_lines, _as_lines, _as_ipac, _as_xlsx, _as_parquet),
    *(_as_ods, _as_json, _as_votable, _as_fits, _as_ecsv, _as_prose, _as_zip),
)
_BINARY = {_as_xlsx, _as_parquet, _as_ods, _as_fits, _as_zip}


@st.composite
def files(draw: DrawFn) -> bytes:
    """Draw a file that is a table, though perhaps none that can be used."""
    write = draw(st.sampled_from(_FORMATS))
    content = write(draw(tables()), draw(st.sampled_from([",", ",", ";", "\t", "|", " "])))
    if write in _BINARY:
        return gzip.compress(content, mtime=0) if draw(st.integers(0, 3)) == 0 else content
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]))
    content = content.decode().encode(encoding, errors="replace")
    return gzip.compress(content, mtime=0) if draw(st.booleans()) else content


@st.composite
def damaged(draw: DrawFn) -> bytes:
    """Draw a table's file that was cut, or in which bytes were changed."""
    content = bytearray(draw(files()))
    for _ in range(draw(st.integers(1, 4))):
        if not content:
            break
        at = draw(st.integers(0, len(content) - 1))
        match draw(st.sampled_from(["cut", "change", "repeat", "insert"])):
            case "cut":
                del content[at:]
            case "change":
                content[at] = draw(st.integers(0, 255))
            case "repeat":
                content[at:at] = content[at : at + 64]
            case "insert":
                content[at:at] = draw(st.binary(max_size=16))
    return bytes(content)


_STARTS = (
    *(b"", b"PAR1", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(b"SIMPLE  =", b"<VOTABLE>", b'[{"a":', b"# %ECSV 1.0\n", b"Byte-by-byte Description of file"),
    *(b"|a|b|\n", b"kepid,koi_period\n", b"kepid koi_period\n", b"#", b"\\", b"\xd0\xcf\x11\xe0"),
)
_ENDS = (b"", b"PAR1", b"\x08\x00\x00\x00PAR1", b"PK\x05\x06" + bytes(18))


def noise() -> SearchStrategy[bytes]:
    """Return what draws bytes that begin and end as some format does."""
    parts = (st.sampled_from(_STARTS), st.binary(max_size=300), st.sampled_from(_ENDS))
    return st.tuples(*parts).map(b"".join)
