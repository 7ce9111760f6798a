"""Tables of text whose lines are rows: the archive's CSV files, and what people make of them."""

from __future__ import annotations

import csv
import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.readers.body_rows import BodyRows
from mlcore.datasets.readers.heading_row import (
    COMMENTS,
    SUMMARIES,
    are_names,
    is_empty,
    number_columns,
)
from mlcore.datasets.readers.layout import BLANKS, records
from mlcore.datasets.readers.names_line import layout_of
from mlcore.datasets.readers.packing import PIECE
from mlcore.datasets.readers.plain_lines import LinesOfBlocks, PlainLines, blocks
from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.datasets.readers.text_source import as_file
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.readers.layout import Layout
    from mlcore.datasets.readers.text_source import TextSource

__all__ = ["headings_of", "is_it", "opened"]

_CELLS_AT_ONCE = 1 << 19
_BYTES_AT_ONCE = 1 << 16
_ABSENT = ("-", "NA", "N/A", "nan", "NaN", "null", "NULL", "None")
"""With what a row may begin that has no values, and so is no object."""
_ENDS = " \t\r\n\x1a"
"""What a line may have that has nothing; some systems end a file with a control code."""


def is_it(head: str) -> bool:  # noqa: ARG001
    """Tell whether a text is delimited: any text that is nothing else."""
    return True


def headings_of(head: str) -> Sequence[Heading]:
    """Return the names of the columns, with units where the line below the names has them.

    Raises
    ------
    NotATableError
        When no line can hold names.
    DataError
        When the names cannot be read.
    """
    return _headings(layout_of(head))


def opened(source: TextSource, layout: Layout | None = None) -> Opened:
    """Open a text that has been looked through; see `headings_of`.

    Parameters
    ----------
    source
        The text.
    layout
        How its lines are separated; found by its names where it is not given.
    """
    layout = layout_of(source.head) if layout is None else layout
    notes = list(layout.notes)

    def pieces(kept: Sequence[int], words: Collection[int]) -> Iterator[pd.DataFrame]:
        body = _Body(source, layout)
        # A number such as 4.702 may be a whole one, which only its own digits tell.
        grouped = source.is_grouped(in_cells=layout.delimiter != ",")
        yield from _parsed(body, kept, kept if grouped else words)
        notes.extend(body.rows.notes())

    return Opened(headings=_headings(layout), pieces=pieces, notes=notes)


def _headings(layout: Layout) -> tuple[Heading, ...]:
    units = (*layout.units, *("" for _ in layout.names))
    return tuple(
        Heading(name=name, unit=unit) for name, unit in zip(layout.names, units, strict=False)
    )


def _parsed(body: _Body, kept: Sequence[int], words: Collection[int]) -> Iterator[pd.DataFrame]:
    width = len(body.layout.names)
    try:
        with warnings.catch_warnings():
            # Its remarks on types are about columns that are checked later, in our own words.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            warnings.simplefilter("error", pd.errors.ParserWarning)
            parsed = pd.read_csv(
                as_file(body.lines()),
                sep=body.delimiter,
                skipinitialspace=True,
                index_col=False,
                # The last is that of a separator at a row's end.
                usecols=[str(position) for position in (*kept, width)],
                dtype={str(position): str for position in (width, *words)},
                low_memory=False,
                chunksize=max(1, _CELLS_AT_ONCE // (width + 1)),
            )
            for piece in parsed:
                yield piece[[str(position) for position in kept]]
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        raise DataError("The rows of the table cannot be read: a quote is not closed.") from error


class _Body:
    """The lines below the names, without what is no object."""

    def __init__(self, source: TextSource, layout: Layout) -> None:
        self._source = source
        self.layout = layout
        self.delimiter = layout.delimiter if layout.direct else ","
        self._width = len(layout.names)
        self._blank = self.delimiter + " \r\n"
        self._no_object = (*COMMENTS, "--", "==", *(word + self.delimiter for word in _ABSENT))
        self._summaries = tuple(
            word + end for word in SUMMARIES for end in (self.delimiter, f":{self.delimiter}")
        )
        self._numeric = number_columns(layout.sample, self._width)
        self.rows: BodyRows[tuple[str, Sequence[str] | None]] = BodyRows(
            layout.names, layout.units, layout.sample, self._numeric
        )
        self._first_name = next((name.lower() for name in layout.names if name), "")
        self._first_unit = next(filter(None, layout.units), "")
        self._numbers: set[int] = set()

    def lines(self) -> Iterator[bytes]:
        """Yield delimited text under a header of our own: the columns' positions."""
        yield (self.delimiter.join(map(str, range(self._width + 1))) + "\n").encode()
        gathered, size = [], 0
        for line in self._objects():
            gathered.append(line)
            size += len(line)
            if size >= _BYTES_AT_ONCE:
                yield b"".join(gathered)
                gathered, size = [], 0
        yield b"".join(gathered)

    def _objects(self) -> Iterator[bytes]:
        """Yield the lines of objects, many in one where they are plain."""
        pieces = self._source.pieces(skipping=self.layout.start)
        lines = LinesOfBlocks(blocks(pieces, PIECE))
        plain = self._plain_lines()
        some = records(lines, self.layout.delimiter)
        while True:
            block = lines.block() if plain is not None else None
            found = plain.certain(block) if plain is not None and block else None
            if block and found is not None:
                yield from self._objects_of_block(block, *found)
                continue
            if block:
                lines.put_back(block)
            record = next(some, None)
            if record is None:
                return
            yield from self._objects_of_record(record)

    def _plain_lines(self) -> PlainLines | None:
        if not self.layout.direct or self.layout.numbered:
            return None
        plain = PlainLines(
            self.layout.names,
            delimiter=self.delimiter,
            unit=self._first_unit,
            numeric=self._numeric,
            absent=_ABSENT,
            names_are_words=are_names(self.layout.names),
        )
        return plain if plain.usable else None

    def _objects_of_block(
        self, block: bytes, ends: NDArray[np.intp], certain: NDArray[np.bool_]
    ) -> Iterator[bytes]:
        """Yield the lines of objects in a block, of which some are certain."""
        starts = np.concatenate([[0], ends])
        turns = np.flatnonzero(np.diff(certain, prepend=not certain[0])).tolist()
        for begin, end in zip(turns, [*turns[1:], len(certain)], strict=True):
            at = begin
            # While something waits to be told what it is, one line tells.
            while at < end and not (certain[at] and self.rows.counted_at_once(end - at)):
                yield from self._objects_of_record(block[starts[at] : starts[at + 1]].decode())
                at += 1
            yield block[starts[at] : starts[end]]

    def _objects_of_record(self, record: str) -> Iterator[bytes]:
        direct = self.layout.direct and not self.layout.numbered
        objects: Iterator[tuple[str, Sequence[str] | None]]
        if direct and self._is_ordinary(record):
            if self.rows.counted_at_once():
                yield record.encode()
                return
            objects = self.rows.taken((record, None))
        elif record.strip(_ENDS):
            row = self._row(record)
            objects = self.rows.sorted_out(row, row[1])
        else:
            return
        for line in (self._line(*row) for row in objects):
            yield line.encode()

    def _cells(self, record: str) -> Sequence[str]:
        comment = record.lstrip(' \t"').startswith(COMMENTS)
        # A comment need not stand under the columns.
        return [record.strip()] if comment and self.layout.spans else self.layout.split(record)

    def _row(self, record: str) -> tuple[str, Sequence[str]]:
        """Return a record and its cells."""
        cells = self._cells(record)
        if not self._is_one_cell(cells):
            return record, cells
        # Some programs put a row that they took for one cell in quotes.
        unquoted = f"{cells[0]}\n"
        return unquoted, self._cells(unquoted)

    def _is_one_cell(self, cells: Sequence[str]) -> bool:
        """Tell whether a whole row stands in quotes, as if it were its first cell."""
        return (
            not self.layout.spans
            and sum(not is_empty(cell) for cell in cells) == 1
            and cells[0].count(self.layout.delimiter) + 1 >= self._width > 1
        )

    def _is_ordinary(self, record: str) -> bool:
        """Tell, without taking its cells apart, whether a record is certainly an object."""
        delimiter = self.delimiter
        filled = record.strip(self._blank)
        return (
            record.count(delimiter) + 1 == self._width
            and delimiter in filled
            and '"' not in record
            and not filled.startswith(self._no_object)
            and self._first_name not in record.lower()
            and not filled.lower().startswith(self._summaries)
            and not (self._first_unit and self._first_unit in record)
        )

    def _line(self, record: str, cells: Sequence[str] | None) -> str:
        """Return the line of an object; it has as many cells as there are names, or fewer."""
        if cells is None:
            return record
        surplus = [cell for cell in cells[self._width :] if not is_empty(cell)]
        lacks = len(cells) < self._width and self.layout.delimiter == BLANKS
        if surplus or lacks:
            raise self._wrong_width("more" if surplus else "fewer")
        if self.layout.numbered:
            self._check_number(cells)
        if self.layout.direct and len(cells) <= self._width + 1:
            return record
        text = io.StringIO()
        csv.writer(text, lineterminator="\n", delimiter=self.delimiter).writerow(
            cell.strip() for cell in cells[: self._width]
        )
        return text.getvalue()

    def _wrong_width(self, more: str) -> DataError:
        names = self._width - self.layout.numbered
        rule = "; where blanks separate the cells, each row must have all of them"
        return DataError(
            f"Row {self.rows.objects} of the table has {more} cells than there are column names"
            f" ({names}){rule if self.layout.delimiter == BLANKS else ''}."
        )

    def _check_number(self, cells: Sequence[str]) -> None:
        number = int(cells[0]) if cells[0].strip().isdigit() else -1
        if len(cells) != self._width or number < 0 or number in self._numbers:
            raise DataError(
                f"Row {self.rows.objects} of the table does not begin with a number of its own as"
                " the rows above it do, for which there is no column name: name their first column."
            )
        self._numbers.add(number)
