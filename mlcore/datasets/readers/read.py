"""Reading a table from a file, whatever format its content has.

What a file is, its content tells: text in any of the forms that `text_tables` knows, XLSX, ODS,
Parquet, JSON, VOTable or FITS; each alone, packed with gzip, or as the only table of a zip archive.
A file's own claims about its size are checked before it is opened, and what it turns out to hold
while it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets.readers import text_tables
from mlcore.datasets.readers.archives import content_of
from mlcore.datasets.readers.dates import DATED_KEY
from mlcore.datasets.readers.formats import Format, NotATableError
from mlcore.datasets.readers.light_curves import refuse_light_curve
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.datasets.readers.packing import packed_twice
from mlcore.datasets.readers.raw_table import Choice, Heading, RawTable, lower_names, refuse_doubled
from mlcore.datasets.readers.text_source import head_of
from mlcore.datasets.readers.written_numbers import read_written_numbers
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from contextlib import AbstractContextManager
    from datetime import date
    from pathlib import Path

    from mlcore.datasets.readers.packing import Content
    from mlcore.datasets.readers.raw_table import Opened

__all__ = [
    "DATED_KEY",
    "Choice",
    "Heading",
    "NotATableError",
    "RawTable",
    "TableHead",
    "open_content",
    "read_columns",
    "read_frame",
    "read_head",
    "read_opened",
]


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
    content = content_of(path)
    with open_content(content) as opened:
        return read_opened(opened, choose, notes=content.notes)


def read_opened(
    opened: Opened,
    choose: Callable[[tuple[Heading, ...]], Choice],
    *,
    notes: Sequence[str] = (),
    refuse: Callable[[Sequence[str]], None] = refuse_light_curve,
) -> RawTable:
    """Read what a caller chooses of a file that is open.

    Parameters
    ----------
    opened
        The file.
    choose
        Tells from all headings what to read.
    notes
        What was said of the file before it was opened.
    refuse
        Raises where the names of all columns are not what the caller wants.

    Raises
    ------
    NotATableError, DataError
        As `read_frame`.
    """
    headings = _checked(opened.headings, refuse)
    choice = choose(headings)
    frame = _gathered(headings, choice, opened)
    numbers = read_written_numbers(frame, choice.text)
    return RawTable(
        frame=frame,
        columns=_names(headings),
        dated=opened.dated,
        headings=headings,
        notes=(*notes, *opened.notes, *numbers),
    )


def read_columns(path: Path) -> tuple[tuple[str, ...], date | None]:
    """Read only the names of a table's columns and the date in its header.

    Raises
    ------
    NotATableError, DataError
        As `read_frame`.
    """
    content = content_of(path)
    if content.kind is Format.TEXT:
        # Without looking through the rest of a long text.
        headings, dated = text_tables.headings_of(head_of(content))
        return _names(_checked(headings)), dated
    with open_content(content) as opened:
        return _names(_checked(opened.headings)), opened.dated


@dataclass(frozen=True, kw_only=True, slots=True)
class TableHead:
    """How a file begins."""

    format: str
    """How it is stored, such as ``text`` or ``XLSX``."""
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    """Its first rows, a word for each heading, as the file has it; empty where nothing stands."""


def read_head(path: Path, count: int, *, longest: int = 60) -> TableHead:
    """Read all headings of a table and its first rows, without looking at what they mean.

    Parameters
    ----------
    path
        A file; its name does not matter.
    count
        How many rows at most.
    longest
        After how many characters a cell is cut off.

    Raises
    ------
    NotATableError, DataError
        As `read_frame`.
    """
    content = content_of(path)
    with open_content(content) as opened:
        headings = _checked(opened.headings)
        places = range(len(headings))
        piece = next(iter(opened.pieces(places, places)), pd.DataFrame())
        first = piece.head(count)
        cells = [
            ["" if pd.isna(cell) else _cut(str(cell), longest) for cell in first.iloc[:, place]]
            for place in range(first.shape[1])
        ]
    return TableHead(
        format=content.kind.value, headings=headings, rows=tuple(zip(*cells, strict=True))
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def open_content(content: Content) -> AbstractContextManager[Opened]:  # noqa: PLR0911  # by format
    """Open a file with the reader of its format.

    Raises
    ------
    NotATableError
        When the content is no table, or is damaged.
    DataError
        When it is larger than `LIMITS` allows.
    """
    # Most readers are slow to import, and most files are text.
    match content.kind:
        case Format.TEXT:
            return text_tables.opened(content)
        case Format.XLSX:
            from mlcore.datasets.readers import xlsx  # noqa: PLC0415

            return xlsx.opened(content)
        case Format.ODS:
            from mlcore.datasets.readers import ods  # noqa: PLC0415

            return ods.opened(content)
        case Format.PARQUET:
            from mlcore.datasets.readers import parquet  # noqa: PLC0415

            return parquet.opened(content)
        case Format.JSON:
            from mlcore.datasets.readers import json_tables  # noqa: PLC0415

            return json_tables.opened(content)
        case Format.VOTABLE:
            from mlcore.datasets.readers import votable  # noqa: PLC0415

            return votable.opened(content)
        case Format.FITS:
            from mlcore.datasets.readers import fits  # noqa: PLC0415

            return fits.opened(content)
        case Format.GZIP | Format.ZIP:
            raise packed_twice()


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


def _gathered(headings: tuple[Heading, ...], choice: Choice, opened: Opened) -> pd.DataFrame:
    """Put a table's rows together, held to the limits while they come."""
    names = tuple(choice.columns.values())
    gathered: list[list[pd.Series[Any]]] = [[] for _ in names]
    rows = characters = 0
    words = [place for place, name in choice.columns.items() if name in choice.text]
    for piece in opened.pieces(tuple(choice.columns), words):
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
    return pd.DataFrame(whole, index=pd.RangeIndex(rows), columns=list(whole), copy=False)


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


def _checked(
    raw: Iterable[Heading], refuse: Callable[[Sequence[str]], None] = refuse_light_curve
) -> tuple[Heading, ...]:
    headings = tuple(
        Heading(name=heading.name.strip(), unit=heading.unit.strip()) for heading in raw
    )
    # Before it is refused for its many columns, which would not help.
    refuse([heading.name for heading in headings])
    check_size(rows=1, columns=len(headings))
    if any(len(heading.name) > LIMITS.name_characters for heading in headings):
        raise DataError(
            "The table has a column with a name of more than the"
            f" {LIMITS.name_characters:,} characters that it may have."
        )
    return headings


def _names(headings: Iterable[Heading]) -> tuple[str, ...]:
    names = lower_names([heading.name for heading in headings])
    refuse_doubled(names)
    # Columns without a name cannot be asked for, and need not be told apart by their reader.
    return tuple(name or f"column {number}" for number, name in enumerate(names, start=1))
