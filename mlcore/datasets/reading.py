"""Reading a table from a file, whatever format its content has.

What a file is called says nothing: its first bytes do. The formats are delimited text with or
without the archive's ``#`` header, IPAC tables, XLSX workbooks and Parquet, the texts also
compressed with gzip.
"""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from mlcore.datasets import delimited, ipac, spreadsheet
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    import pandas as pd

__all__ = ["DATED_KEY", "NotATableError", "RawTable", "read_columns", "read_frame"]

DATED_KEY = b"dated"
"""Under which key a Parquet file says the date of its data, as YYYY-MM-DD."""

MAX_UNPACKED_BYTES = 1 << 30
"""How large a compressed file may become."""

_EXPECTED = "expected CSV, an IPAC table, XLSX or Parquet"
_HEADER_BYTES = 1 << 16
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1a\x1b")
_DATE = re.compile(r"\b[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) \d\d:\d\d:\d\d (\d{4})\b")


class NotATableError(DataError):
    """The file's content is no table in a format that can be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RawTable:
    """A table as its file has it."""

    frame: pd.DataFrame
    """Its rows; the columns' names are stripped and in lower case."""
    columns: tuple[str, ...]
    """Names of all columns in the file, also of those that were not read."""
    dated: date | None
    """The date in the archive's own header."""


def read_frame(
    path: Path, *, columns: Collection[str] | None = None, text: Collection[str] = ()
) -> RawTable:
    """Read a table.

    Parameters
    ----------
    path
        A file; its name does not matter.
    columns
        Names in lower case of the columns to read, where the file has them; all by default.
    text
        Names in lower case of the columns that are not to be taken for numbers.

    Returns
    -------
    RawTable
        The rows in the file's order, index 0 to n - 1.

    Raises
    ------
    NotATableError
        When the content is no table, or is damaged.
    DataError
        When two columns have one name.
    """
    try:
        return _read(path, None if columns is None else frozenset(columns), frozenset(text))
    except (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError) as error:
        msg = f"The file is damaged: its compressed content cannot be unpacked; {_EXPECTED}."
        raise NotATableError(msg) from error


def read_columns(path: Path) -> tuple[tuple[str, ...], date | None]:
    """Read only the names of a table's columns and the date in its header.

    Raises
    ------
    NotATableError, DataError
        As `read_frame`.
    """
    raw = read_frame(path, columns=()) if _is_binary(path) else None
    if raw is not None:
        return raw.columns, raw.dated
    head = _unpacked(path, limit=_HEADER_BYTES)
    # A line that is cut off would look like one with fewer cells.
    lines = _decoded(head).splitlines()
    if len(head) >= _HEADER_BYTES:
        lines = lines[:-1]
    lines_text = "\n".join(lines)
    names = ipac.column_names(lines_text) if ipac.is_ipac(lines_text) else _layout(lines_text).names
    return _names(names), _dated(lines)


def _read(path: Path, columns: frozenset[str] | None, text: frozenset[str]) -> RawTable:
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        msg = f"The file is empty; {_EXPECTED}."
        raise NotATableError(msg)
    if start == _PARQUET:
        return _read_parquet(path, columns)
    if start == _ZIP:
        return _read_workbook(path, columns)
    document = _document(path)
    comments = document[:_HEADER_BYTES].splitlines()
    if ipac.is_ipac(document):
        names = _names(ipac.column_names(document))
        frame = ipac.read(document, names, _wanted(names, columns))
    else:
        layout = _layout(document)
        names = _names(layout.names)
        frame = delimited.read(document, layout, names, _wanted(names, columns), text)
    return RawTable(frame=frame, columns=names, dated=_dated(comments))


def _is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in {_PARQUET, _ZIP, b""}


def _read_parquet(path: Path, columns: frozenset[str] | None) -> RawTable:
    import pyarrow as pa  # noqa: PLC0415  # slow to import, and most uploads are text
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            names = _names(schema.names)
            wanted = _wanted(names, columns)
            groups = range(file.metadata.num_row_groups)
            if sum(file.metadata.row_group(n).total_byte_size for n in groups) > MAX_UNPACKED_BYTES:
                msg = f"The Parquet file unpacks to more than {MAX_UNPACKED_BYTES >> 20} MB."
                raise NotATableError(msg)
            kept = [raw for raw, name in zip(schema.names, names, strict=True) if name in wanted]
            frame = file.read(columns=kept).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as error:
        msg = f"The Parquet file is damaged; {_EXPECTED}."
        raise NotATableError(msg) from error
    frame.columns = [name for name in names if name in wanted]
    stated = (schema.metadata or {}).get(DATED_KEY, b"").decode()
    dated = date.fromisoformat(stated) if re.fullmatch(r"\d{4}-\d\d-\d\d", stated) else None
    return RawTable(frame=frame, columns=names, dated=dated)


def _read_workbook(path: Path, columns: frozenset[str] | None) -> RawTable:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if not any(member.filename == "xl/workbook.xml" for member in members):
            msg = f"The file is an archive without a workbook in it; {_EXPECTED}."
            raise NotATableError(msg)
        if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
            msg = f"The workbook unpacks to more than {MAX_UNPACKED_BYTES >> 20} MB."
            raise NotATableError(msg)
    try:
        sheet = spreadsheet.open_sheet(path)
    except spreadsheet.SheetError as error:
        msg = f"{error}; {_EXPECTED}."
        raise NotATableError(msg) from error
    names = _names(sheet.names)
    frame = sheet.frame(names, _wanted(names, columns))
    return RawTable(frame=frame, columns=names, dated=_dated(sheet.comments))


def _layout(document: str) -> delimited.Layout:
    found = delimited.layout(document)
    if found is None:
        msg = f"The file has no line with column names; {_EXPECTED}."
        raise NotATableError(msg)
    return found


def _wanted(names: Iterable[str], columns: frozenset[str] | None) -> frozenset[str]:
    return frozenset(names) if columns is None else columns.intersection(names)


def _unpacked(path: Path, *, limit: int) -> bytes:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    if not packed:
        with path.open("rb") as file:
            return file.read(limit)
    with gzip.open(path) as file:
        return file.read(limit)


def _document(path: Path) -> str:
    content = _unpacked(path, limit=MAX_UNPACKED_BYTES)
    if len(content) >= MAX_UNPACKED_BYTES:
        msg = f"The file holds more than {MAX_UNPACKED_BYTES >> 20} MB of text."
        raise NotATableError(msg)
    return _decoded(content)


def _decoded(content: bytes) -> str:
    """Turn a text file's bytes into text, or say that they are none."""
    start = content[:_HEADER_BYTES]
    if (
        any(byte < 32 and byte not in _TEXT_CONTROLS for byte in set(start))
        or start[:5] == b"%PDF-"
    ):
        msg = f"The file is not a table; {_EXPECTED}."
        raise NotATableError(msg)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A header of limited length may end inside a character.
        if error.start >= len(content) - 4 and len(content) == _HEADER_BYTES:
            return content[: error.start].decode("utf-8-sig")
        return content.decode("latin-1")


def _names(raw: Iterable[Any]) -> tuple[str, ...]:
    names = tuple(str(name).strip().lower() for name in raw)
    if doubled := [name for name, count in Counter(names).items() if name and count > 1]:
        msg = f"The table has more than one column named {', '.join(doubled)}."
        raise DataError(msg)
    # Columns without a name cannot be asked for, and need not be told apart by their reader.
    return tuple(name or f"column {number}" for number, name in enumerate(names, start=1))


def _dated(lines: Iterable[str]) -> date | None:
    for line in lines:
        if line[:1] not in {"#", "\\"}:
            return None
        if found := _DATE.search(line):
            try:
                return datetime.strptime(f"{' '.join(found.groups())} Z", "%b %d %Y %z").date()
            except ValueError:
                continue
    return None
