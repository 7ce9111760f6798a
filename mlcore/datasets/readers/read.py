"""Reading a table from a file, whatever format its content has.

The formats are delimited text with or without the archive's ``#`` header, IPAC tables, XLSX
workbooks and Parquet, the texts also packed with gzip. A file's own claims about its size are
checked before it is opened, and what it turns out to hold while it is read.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets.readers import delimited, ipac
from mlcore.datasets.readers.formats import Format, NotATableError, recognised
from mlcore.datasets.readers.light_curves import refuse_light_curve
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.datasets.readers.text_source import head_of, inspected
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = [
    "DATED_KEY",
    "Choice",
    "Heading",
    "NotATableError",
    "RawTable",
    "read_columns",
    "read_frame",
]

DATED_KEY = b"dated"
"""Under which key a Parquet file says the date of its data, as YYYY-MM-DD."""

_NAMED_AT_MOST = 5
_DATE = re.compile(r"\b[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) \d\d:\d\d:\d\d (\d{4})\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What stands above a column."""

    name: str
    """As the file has it, without blanks around it."""
    unit: str = ""
    """The unit that the file states apart from the name, in the file's own spelling."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which columns of a file are read."""

    columns: Mapping[int, str]
    """What each is called in the frame, by its place in the file."""
    text: Collection[str] = ()
    """Those, by these names, that are not to be taken for numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RawTable:
    """A table as its file has it."""

    frame: pd.DataFrame
    """The rows of the columns that were chosen, which have the names that the choice gave them: in
    lower case by default."""
    columns: tuple[str, ...]
    """Names of all columns in the file in lower case, also of those that were not read."""
    dated: date | None
    """The date in the archive's own header."""
    headings: tuple[Heading, ...] = ()
    """All headings of the file."""
    notes: tuple[str, ...] = ()
    """What reading it left out or took for granted, as sentences."""


def read_frame(
    path: Path,
    *,
    columns: Collection[str] | None = None,
    text: Collection[str] = (),
    choose: Callable[[tuple[Heading, ...]], Choice] | None = None,
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
    choose
        Tells from all headings what to read, where names alone do not; `columns` and `text` have no
        effect then.

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
    choose = choose or _by_name(columns, text)
    match recognised(_start(path)):
        case Format.PARQUET:
            return _read_parquet(path, choose)
        case Format.ZIP:
            return _read_workbook(path, choose)
        case packing:
            return _read_text(path, choose, packed=packing is Format.GZIP)


def read_columns(path: Path) -> tuple[tuple[str, ...], date | None]:
    """Read only the names of a table's columns and the date in its header.

    Raises
    ------
    NotATableError, DataError
        As `read_frame`.
    """
    kind = recognised(_start(path))
    if kind in {Format.PARQUET, Format.ZIP}:
        raw = read_frame(path, columns=())
        return raw.columns, raw.dated
    head = head_of(path, packed=kind is Format.GZIP)
    names = ipac.column_names(head) or delimited.layout_of(head).names
    return _names(_headings(names)), _dated(head.splitlines())


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def _by_name(
    columns: Collection[str] | None, text: Collection[str]
) -> Callable[[tuple[Heading, ...]], Choice]:
    wanted = None if columns is None else frozenset(columns)

    def choose(headings: tuple[Heading, ...]) -> Choice:
        names = enumerate(_names(headings))
        return Choice(
            columns={place: name for place, name in names if wanted is None or name in wanted},
            text=frozenset(text),
        )

    return choose


def _read_text(
    path: Path, choose: Callable[[tuple[Heading, ...]], Choice], *, packed: bool
) -> RawTable:
    source = inspected(path, packed=packed)
    dated = _dated(source.head.splitlines())
    if raw := ipac.column_names(source.head):
        headings = _headings(raw)
        choice = choose(headings)
        names = _names(headings)
        return _table(headings, choice, dated, ipac.pieces(source, names, tuple(choice.columns)))
    layout = delimited.layout_of(source.head)
    headings = _headings(layout.names)
    choice = choose(headings)
    words = [place for place, name in choice.columns.items() if name in choice.text]
    pieces = delimited.pieces(source, layout, tuple(choice.columns), words)
    table = _table(headings, choice, dated, pieces)
    # Semicolons separate the cells where a comma separates the decimals.
    if layout.delimiter == ";":
        delimited.read_decimal_commas(table.frame, choice.text)
    return table


def _read_parquet(path: Path, choose: Callable[[tuple[Heading, ...]], Choice]) -> RawTable:
    from mlcore.datasets.readers import parquet  # noqa: PLC0415  # slow to import, and most files are text

    with parquet.opened(path) as file:
        headings = _headings(file.schema_arrow.names)
        stated = (file.schema_arrow.metadata or {}).get(DATED_KEY, b"").decode(errors="replace")
        dated = date.fromisoformat(stated) if re.fullmatch(r"\d{4}-\d\d-\d\d", stated) else None
        choice = choose(headings)
        pieces = parquet.pieces(file, _names(headings), tuple(choice.columns))
        return _table(headings, choice, dated, pieces)


def _read_workbook(path: Path, choose: Callable[[tuple[Heading, ...]], Choice]) -> RawTable:
    from mlcore.datasets.readers import spreadsheet  # noqa: PLC0415  # as above

    with spreadsheet.opened(path) as sheet:
        headings = _headings(sheet.names)
        choice = choose(headings)
        return _table(headings, choice, _dated(sheet.comments), sheet.pieces(tuple(choice.columns)))


def _table(
    headings: tuple[Heading, ...],
    choice: Choice,
    dated: date | None,
    pieces: Iterator[pd.DataFrame],
) -> RawTable:
    """Put a table together from pieces, held to the limits while they come.

    Each piece has the columns of the choice, in its order.
    """
    names = tuple(choice.columns.values())
    gathered: list[list[pd.Series[Any]]] = [[] for _ in names]
    rows = characters = 0
    for piece in pieces:
        if piece.empty and gathered and gathered[0]:
            continue
        check_size(rows=rows + len(piece), columns=len(headings))
        for name, column, (_, cells) in zip(names, gathered, piece.items(), strict=True):
            characters += _characters(cells, name, rows)
            column.append(cells)
        if characters > LIMITS.unpacked_bytes:
            limit = LIMITS.unpacked_bytes / 10**6
            raise DataError(f"The words of the table are more than {limit:g} million characters.")
        rows += len(piece)
    whole = {}
    # One by one, so that never more than one column is there twice.
    for name, column in zip(names, gathered, strict=True):
        nothing = pd.Series(dtype="float64")
        whole[name] = pd.concat(column, ignore_index=True) if column else nothing
        column.clear()
    frame = pd.DataFrame(whole, index=pd.RangeIndex(rows), columns=list(whole), copy=False)
    return RawTable(frame=frame, columns=_names(headings), dated=dated, headings=headings)


def _characters(cells: pd.Series[Any], name: str, before: int) -> int:
    """Return how many characters the words of a column have, and refuse too many in one."""
    if pd.api.types.is_numeric_dtype(cells):
        return 0
    lengths = cells.astype("str").str.len().fillna(0)
    if (lengths > LIMITS.cell_characters).any():
        raise DataError(
            f"Column {name} has {int(lengths.max()):,} characters in row"
            f" {before + int(lengths.argmax()) + 1}; a cell may have at most"
            f" {LIMITS.cell_characters:,}."
        )
    return int(lengths.sum())


def _headings(raw: Iterable[Any]) -> tuple[Heading, ...]:
    headings = tuple(Heading(name=str(name).strip()) for name in raw)
    # Before it is refused for its many columns, which would not help.
    refuse_light_curve([heading.name for heading in headings])
    check_size(rows=1, columns=len(headings))
    if any(len(heading.name) > LIMITS.name_characters for heading in headings):
        raise DataError(
            "The table has a column with a name of more than the"
            f" {LIMITS.name_characters:,} characters that it may have."
        )
    return headings


def _names(headings: Iterable[Heading]) -> tuple[str, ...]:
    names = tuple(heading.name.lower() for heading in headings)
    if doubled := [name for name, count in Counter(names).items() if name and count > 1]:
        msg = f"The table has more than one column named {', '.join(doubled[:_NAMED_AT_MOST])}."
        raise DataError(msg)
    # Columns without a name cannot be asked for, and need not be told apart by their reader.
    return tuple(name or f"column {number}" for number, name in enumerate(names, start=1))


def _dated(lines: Iterable[str]) -> date | None:
    for line in lines:
        if line[:1] not in {"#", "\\"}:
            return None
        if match := _DATE.search(line):
            try:
                return datetime.strptime(f"{' '.join(match.groups())} Z", "%b %d %Y %z").date()
            except ValueError:
                continue
    return None
