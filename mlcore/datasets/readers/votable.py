"""VOTables: their first table, read by astropy.

A first pass looks through the XML and refuses what is no table or too large, entities, and
references to other places, which nobody follows; astropy reads the second time.
"""

from __future__ import annotations

import math
import re
import warnings
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.guarded_xml import look_through
from mlcore.datasets.readers.heading_row import shown
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.datasets.readers.text_source import as_file
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from mlcore.datasets.readers.packing import Content

__all__ = ["opened"]

_REMARKS_AT_MOST = 1000
_ROWS_AT_FIRST = 512
"""For how many rows room is taken before any is read."""
_BYTES_OF_ONE = 8
"""How much a number, or two letters, take [bytes]."""
_NULLS = {"null", "none", "--"}


@contextmanager
def opened(content: Content) -> Iterator[Opened]:
    """Open a VOTable's first table that has columns.

    Raises
    ------
    NotATableError
        When it is damaged, now or while it is read, or no VOTable.
    DataError
        When it is larger than `LIMITS` allows, or its rows are elsewhere.
    """
    looked = _looked_through(content)
    if not looked.headings:
        raise NotATableError(f"The file is XML, but no VOTable with a table; {EXPECTED}.")
    notes: list[str] = []
    if looked.tables > 1:
        notes.append(f"The first of the {looked.tables} tables in the VOTable was read.")
    yield Opened(
        headings=looked.headings, pieces=partial(_pieces, content, looked, notes), notes=notes
    )


def _looked_through(content: Content) -> _Look:
    look = _Look()
    try:
        look_through(content.pieces(), damaged=_damaged(), begin=look.begin)
    # Of numbers in attributes that are none.
    except ValueError as error:
        raise _damaged() from error
    return look


class _Look:
    """What a first pass sees of a VOTable."""

    def __init__(self) -> None:
        self.headings: list[Heading] = []
        self.arrays: list[bool] = []
        """Which of the first table's columns have more than one value in a row."""
        self.tables = 0
        """How many have columns."""
        self.first = -1
        """Which of all tables is the first with columns."""
        self._begun = self._tables_begun = 0
        self._fields = self._rows = self._row_bytes = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """See an element begin."""
        if name == "TD":
            return
        self._begun += 1
        kind = name.rsplit(":", 1)[-1]
        if self._begun == 1 and kind != "VOTABLE":
            raise NotATableError(f"The file is XML, but no VOTable; {EXPECTED}.")
        match kind:
            case "TABLE":
                self._begin_table(attributes)
            case "FIELD":
                self._begin_field(attributes)
            case "TR":
                self._rows += 1
                check_size(rows=self._rows, columns=max(1, self._fields))
                self._check_room(self._rows)
            case "STREAM" if attributes.get("href"):
                raise DataError(
                    "The rows of the VOTable are not in the file but elsewhere, at an address that"
                    " is not asked: send the table with its rows."
                )
            case "FITS" | "PARQUET":
                raise DataError(
                    "The rows of the VOTable are stored as another format within it: save it with"
                    " its rows as TABLEDATA or BINARY2."
                )

    def _check_room(self, rows: int) -> None:
        if rows * self._row_bytes > 2 * LIMITS.unpacked_bytes:
            limit = 2 * LIMITS.unpacked_bytes / 10**6
            raise DataError(
                f"The table in the VOTable needs more than the {limit:g} MB that it may: send it as"
                " CSV or Parquet."
            )

    def _begin_table(self, attributes: dict[str, str]) -> None:
        self._tables_begun += 1
        self._fields = self._rows = self._row_bytes = 0
        rows = attributes.get("nrows", "0")
        check_size(rows=int(rows) if rows.isdigit() else 0, columns=1)

    def _begin_field(self, attributes: dict[str, str]) -> None:
        self._fields += 1
        check_size(rows=1, columns=self._fields)
        if self._fields == 1:
            self.tables += 1
            self.first = self._tables_begun - 1 if self.tables == 1 else self.first
        name = attributes.get("name") or attributes.get("ID") or ""
        size = attributes.get("arraysize", "").rstrip("*")
        text = attributes.get("datatype") in {"char", "unicodeChar"}
        sizes = [int(part) for part in size.split("x") if part]
        if any(not 0 < size <= 4 * LIMITS.cell_characters for size in sizes):
            raise DataError(
                f"Column {name} of the VOTable has values of the size {size[:20]}, which no number"
                " or word has."
            )
        self._row_bytes += _BYTES_OF_ONE * math.prod(sizes)
        self._check_room(_ROWS_AT_FIRST)
        if self.tables == 1:
            self.headings.append(Heading(name=name, unit=attributes.get("unit", "")))
            self.arrays.append(attributes.get("arraysize", "1") != "1" and not text)


def _pieces(
    content: Content,
    looked: _Look,
    notes: list[str],
    kept: Sequence[int],
    words: Collection[int],  # noqa: ARG001
) -> Iterator[pd.DataFrame]:
    for place in kept:
        if looked.arrays[place]:
            raise DataError(
                f"Column {looked.headings[place].name.strip().lower()} of the VOTable has more than"
                " one value in a row; allowed are numbers and words."
            )
    if kept:
        table = _read(content, looked, notes)
        table.keep_columns([table.colnames[place] for place in kept])
        yield table.to_pandas()


def _read(content: Content, looked: _Look, notes: list[str]) -> Any:
    from astropy.io import votable  # noqa: PLC0415  # slow, and rarely needed
    from astropy.io.votable.exceptions import W30, conf  # noqa: PLC0415  # as above

    try:
        with (
            warnings.catch_warnings(record=True) as remarks,
            conf.set_temp("max_warnings", _REMARKS_AT_MOST),
        ):
            # It remarks on what is not as the standard demands, and reads it.
            warnings.simplefilter("always")
            tree = votable.parse(
                as_file(content.pieces()).read,
                table_number=looked.first,
                verify="warn",
                invalid="exception",
            )
            table = tree.get_first_table().to_table(use_names_over_ids=True)
    except DataError:
        raise
    # Its own errors are of many kinds.
    except Exception as error:
        raise _damaged() from error
    words = [str(remark.message) for remark in remarks if issubclass(remark.category, W30)]
    quoted = [match[1] for word in words if (match := re.search("'(.*)'", word))]
    if told := [word for word in quoted if word.strip().lower() not in _NULLS]:
        notes.append(f"Words in columns of numbers, such as {shown(told[0])}, count as missing.")
    return table


def _damaged() -> NotATableError:
    return NotATableError(f"The VOTable is damaged; {EXPECTED}.")
