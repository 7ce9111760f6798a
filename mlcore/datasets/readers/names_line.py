"""Which line of a text has the columns' names.

It is the first that is words and has as many as the rows below it have cells; where rows come
without one, the last comment above them that is so.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.heading_row import (
    COMMENTS,
    Below,
    are_names,
    are_numbered,
    fit,
    is_empty,
    is_number,
    is_rule,
    is_title,
    number_columns,
    row_below,
    shown,
)
from mlcore.datasets.readers.layout import BLANKS, Layout, between_blanks, records
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["NoNamesError", "is_a_table", "layout_of", "nameless_layout"]

_DELIMITERS = ",;\t|"
_SAMPLE = 20
"""How many rows tell whether they belong under a line of names."""
_LINES_ABOVE = 60
"""How many lines that are no comments may stand above the names."""
_ALIGNED_LINES = 2000
"""How many lines tell where columns stand that are drawn with blanks alone."""
_COMMENTS_ABOVE = 5
"""How many comments above the rows may be the names."""
_SEPARATOR_LINE = re.compile(r'\s*"?sep=(\\t|[^"\r\n])"?[\s,;]*', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')


class NoNamesError(DataError):
    """A text has rows of numbers and no names above them."""


def layout_of(head: str) -> Layout:
    """Find the line with the columns' names at a text's beginning.

    The delimiter is the one of comma,
    semicolon, tab and bar that the line of names has most of, and blanks where it has none: names
    have none of these in them, so that this line tells for certain what sniffing at numbers could
    only guess.

    Raises
    ------
    NotATableError
        When there is no line that can hold names.
    DataError
        When the names cannot be read.
    """
    text = _Head(head)
    layout = text.found() or text.first_line()
    if len(layout.names) == 1 and _delimiter(layout.names[0], "") and layout.delimiter == ",":
        raise DataError(
            "Each line of the file stands in quotes, as if it were one cell: save the table without"
            " quotes around whole lines."
        )
    return layout


def nameless_layout(head: str, names: Sequence[str]) -> Layout | None:
    """Return the layout of a text that has numbers alone, in as many columns as it has, or fewer.

    Parameters
    ----------
    head
        The text's beginning.
    names
        What the columns are called, from the left.

    Returns
    -------
    Layout or None
        None where its first rows have more columns than there are names, only one, not all the
        same number, or something that is no number.
    """
    return _Head(head).nameless(names)


def is_a_table(head: str) -> bool:
    """Tell whether a text has names and rows under them, in two columns or more."""
    try:
        layout = _Head(head).found()
    except DataError:
        return False
    return layout is not None and len(layout.names) > 1 and bool(layout.sample)


class _Head:
    """A text's beginning, in which the names are looked for."""

    def __init__(self, head: str) -> None:
        self._lines: list[str] = []
        self._starts: list[int] = []
        self._rows: list[int] = []
        """Which lines are neither blank nor comments."""
        self._comments: list[int] = []
        """Those comments above the first of them."""
        at = 0
        for number, line in enumerate(io.StringIO(head, newline="")):
            self._lines.append(line)
            self._starts.append(at)
            at += len(line)
            if not _is_blank(line):
                if not _is_comment(line):
                    self._rows.append(number)
                elif not self._rows:
                    self._comments.append(number)
        self._starts.append(at)
        self._forced = ""
        if self._rows and (stated := _SEPARATOR_LINE.fullmatch(self._lines[self._rows[0]])):
            self._forced = stated[1].replace("\\t", "\t")
            del self._rows[0]

    def found(self) -> Layout | None:
        """Return the layout where some line is certainly the one of the names."""
        commented = self._commented()
        if commented is not None:
            return commented
        for order in range(len(self._rows[:_LINES_ABOVE])):
            layout = self._tried(order)
            if layout is None:
                continue
            further = self._tried(order + 1)
            if further is not None and _is_title(layout, further):
                return self._told(further, order + 1)
            return self._told(layout, order)
        return None

    def _tried(self, order: int) -> Layout | None:
        try:
            return self._named_by(self._rows[order]) if order < len(self._rows) else None
        # Where it is taken for what it is not, a quote may seem open, or cells out of place.
        except DataError:
            return None

    def first_line(self) -> Layout:
        """Return the layout where the first line is taken for the names because none other is."""
        if not self._rows:
            raise NotATableError(f"The file has no line with column names; {EXPECTED}.")
        number = self._rows[0]
        line = self._lines[number]
        layout = self._of_line(number, self._forced or _delimiter(line))
        filled = [name for name in layout.names if name]
        if 2 * sum(map(is_number, filled)) > len(filled):
            raise NoNamesError(
                "The file has no line with the names of its columns: the first one,"
                f" {shown(line)}, has numbers."
            )
        return layout

    def nameless(self, names: Sequence[str]) -> Layout | None:
        """Return the layout whose rows begin with the first line, None where it has words."""
        if not self._rows:
            return None
        number = self._rows[0]
        layout = Layout(
            names=(),
            start=self._starts[number],
            delimiter=self._forced or _delimiter(self._lines[number]),
        )
        rows = [
            tuple(cell.strip() for cell in cells)
            for cells in islice(self._cells_from(number, layout), _SAMPLE)
        ]
        width = len(rows[0]) if rows else 0
        numbers = all(is_number(cell) or is_empty(cell) for cells in rows for cell in cells)
        if not 2 <= width <= len(names) or {len(cells) for cells in rows} != {width} or not numbers:
            return None
        return replace(layout, names=tuple(names[:width]), sample=tuple(rows))

    def _told(self, layout: Layout, order: int) -> Layout:
        above = [number for number in self._rows[:order] if not is_rule(self._lines[number])]
        if not above:
            return layout
        first = above[0]
        line = shown(self._lines[self._rows[order]])
        what = f"what stands above it, {shown(self._lines[first])}, was left out"
        return replace(layout, notes=(*layout.notes, f"The line {line} names the columns; {what}."))

    def _commented(self) -> Layout | None:
        """Return the layout whose names are a comment above rows that have no other names."""
        if not self._rows or not self._comments:
            return None
        number = self._rows[0]
        line = self._lines[number]
        delimiter = self._forced or _delimiter(line)
        rows = list(
            islice(
                self._cells_from(number, Layout(names=(), start=0, delimiter=delimiter)), _SAMPLE
            )
        )
        if not rows or are_names(rows[0]) or len(rows[0]) < 2:
            return None
        for above in reversed(self._comments[-_COMMENTS_ABOVE:]):
            comment = self._lines[above].strip().lstrip("".join(COMMENTS)).strip("\r\n")
            for separator in dict.fromkeys((delimiter, *_DELIMITERS, BLANKS)):
                layout = Layout(names=(), start=self._starts[number], delimiter=separator)
                names = tuple(name.strip() for name in layout.split(comment))
                if len(names) == len(rows[0]) and are_names(names) and fit(len(names), rows):
                    note = f"The comment {shown(self._lines[above])} names the columns."
                    return replace(
                        layout,
                        names=names,
                        delimiter=delimiter,
                        notes=(note,),
                        sample=tuple(map(tuple, rows)),
                    )
        return None

    def _named_by(self, number: int) -> Layout | None:
        """Return the layout with the names in this line, None where what follows does not fit."""
        line = self._lines[number]
        delimiter = self._forced or _delimiter(line)
        if is_rule(line):
            return None
        if delimiter == BLANKS and (fixed := self._fixed(number)) is not None:
            return fixed
        layout = self._of_line(number, delimiter)
        if not are_names(layout.names):
            return None
        below = self._below(layout)
        if delimiter == BLANKS:
            return self._between_blanks(number, layout, below)
        width = len(layout.names)
        rows = [cells for cells in map(layout.split, below) if not all(map(is_empty, cells))]
        # Lines with more than one cell do not belong under one name.
        fits = fit(width, rows) and not (width == 1 and any(_delimiter(row, "") for row in below))
        return self._with_rows(layout, below) if fits else None

    def _between_blanks(self, number: int, layout: Layout, below: list[str]) -> Layout | None:
        if _all_delimited(below):
            return None
        if not self._blanks_separate(number, len(layout.names)):
            return self._aligned(number)
        return self._with_rows(layout, below)

    def _of_line(self, number: int, delimiter: str) -> Layout:
        """Return the layout with the names in this line, whatever follows it."""
        line = self._lines[number].strip()
        barred = delimiter == "|" and line.startswith("|") and line.endswith("|") and len(line) > 1
        layout = Layout(names=(), start=0, delimiter=delimiter, barred=barred)
        try:
            record = next(records(self._lines[number:], delimiter))
            names = layout.split(record)
        except DataError as error:
            msg = "The line with the columns' names cannot be read: one of them is too long."
            raise DataError(msg) from error
        return replace(
            layout,
            names=tuple(name.strip() for name in names),
            start=self._starts[number] + len(record),
        )

    def _below(self, layout: Layout) -> list[str]:
        """Return the first records under the names that are neither blank nor comments."""
        lines = self._lines[self._line_at(layout.start) :]
        # The last line of a long head may be cut.
        lines = lines[:-1] if len(lines) > 2 * _SAMPLE else lines
        some = records(lines, layout.delimiter)
        told = (
            line for line in some if line.strip() and not _is_comment(line) and not is_rule(line)
        )
        return list(islice(told, _SAMPLE))

    def _line_at(self, start: int) -> int:
        return next(n for n, at in enumerate(self._starts) if at >= start)

    def _cells_from(self, number: int, layout: Layout) -> Iterator[list[str]]:
        some = records(self._lines[number:], layout.delimiter)
        return (layout.split(line) for line in some if line.strip() and not _is_comment(line))

    def _with_rows(self, layout: Layout, below: Sequence[str]) -> Layout:
        """Return the layout with what stands between the names and the first object."""
        names, rows = layout.names, [_cells(layout, row) for row in below]
        quoted = bool(below) and all(row.lstrip().startswith('"') for row in below)
        if are_numbered(len(layout.names), rows, quoted=quoted):
            note = "Each row begins with its number, above which there is no name: it was left out."
            layout = replace(
                layout, names=("", *layout.names), numbered=True, notes=(*layout.notes, note)
            )
        # Where tables stand one below the other, what stands over the rows comes again.
        again = (rows[0], [name.strip() for name in names]) if rows else ()
        below_these = [row for row in rows[1:] if row not in again]
        numeric = number_columns(below_these, len(layout.names))
        return self._without_lines_below(layout, numeric)

    def _without_lines_below(self, layout: Layout, numeric: frozenset[int]) -> Layout:
        start, notes, units = layout.start, list(layout.notes), layout.units
        at, again = start, 0
        sample: list[tuple[str, ...]] = []
        for line in records(self._lines[self._line_at(start) :], layout.delimiter):
            at += len(line)
            if _is_blank(line) or _is_comment(line):
                continue
            rule = is_rule(line)
            cells = () if rule else tuple(cell.strip() for cell in _cells(layout, line))
            if cells == layout.names and not sample:
                start, again = at, again + 1
                continue
            kind = Below.RULE if rule else row_below(cells, numeric)
            if kind is None and (_filled(cells) > 1 or len(layout.names) == 1):
                sample.append(cells)
            if sample or kind is None:
                if len(sample) == _SAMPLE:
                    break
                continue
            start = at
            if kind == Below.UNITS:
                units = cells
            elif kind == Below.HEADINGS:
                notes.append(f"The line {shown(line)} under the names was left out.")
        if again:
            notes.append("A second line of headings in row 1 was left out.")
        return replace(layout, start=start, notes=tuple(notes), units=units, sample=tuple(sample))

    def _fixed(self, number: int) -> Layout | None:
        """Return the layout of a text whose columns are drawn under their names with dashes."""
        under = [n for n in self._rows if n > number][:2]
        ruled = next((n for n in under if is_rule(self._lines[n])), None)
        if ruled is None:
            return None
        spans = tuple(match.span() for match in re.finditer(r"[-=]+", self._lines[ruled]))
        if len(spans) < 2 or "\t" in self._lines[number]:
            return None
        return self._at(number, spans)

    def _blanks_separate(self, number: int, width: int) -> bool:
        """Tell whether all lines have as many words as there are names, or all one more."""
        lines = (self._lines[n] for n in self._rows if n > number)
        words = {len(between_blanks(line)) for line in lines if not is_rule(line)}
        return words in (set(), {width}, {width + 1})

    def _aligned(self, number: int) -> Layout | None:
        """Return the layout of a text whose columns all lines leave the same blanks between."""
        lines = [self._lines[n].rstrip() for n in self._rows if n >= number][:_ALIGNED_LINES]
        lines = lines[:-1] if len(lines) > 2 * _SAMPLE else lines
        # Where nothing is padded, that cells stand under each other is chance.
        if any("\t" in line for line in lines) or not any("  " in f" {line}" for line in lines):
            return None
        taken = np.zeros(max(map(len, lines)), dtype=bool)
        for line in lines:
            taken[: len(line)] |= np.frombuffer(line.encode("utf-32-le"), dtype="<u4") != ord(" ")
        edges = np.flatnonzero(np.diff(taken, prepend=False, append=False)).tolist()
        spans = tuple(zip(edges[::2], edges[1::2], strict=True))
        return self._at(number, spans) if len(spans) > 1 else None

    def _at(self, number: int, spans: tuple[tuple[int, int], ...]) -> Layout | None:
        layout = Layout(names=(), start=self._starts[number + 1], delimiter=BLANKS, spans=spans)
        names = tuple(layout.split(self._lines[number]))
        if not are_names(names) or any(is_empty(name) for name in names[1:]):
            return None
        layout = replace(layout, names=names)
        return self._with_rows(layout, self._below(layout))


def _is_blank(line: str) -> bool:
    # Some systems end a file with a control code.
    return not line.strip(_DELIMITERS + '" \r\n\x1a')


def _is_comment(line: str) -> bool:
    return line.lstrip(' \t"').startswith(COMMENTS)


def _is_title(layout: Layout, further: Layout) -> bool:
    if len(further.names) == len(layout.names):
        return is_title(layout.names, further.names)
    # One word above columns that blanks separate and that have numbers in them.
    numbers = number_columns(further.sample, len(further.names))
    return bool(numbers) and is_title(layout.names, further.names)


def _cells(layout: Layout, line: str) -> list[str]:
    try:
        return layout.split(line)
    # That a line does not stand under its columns is said of it when its turn comes.
    except DataError:
        return []


def _filled(names: Sequence[str]) -> int:
    return sum(not is_empty(name) for name in names)


def _delimiter(line: str, none: str = BLANKS) -> str:
    """Return which delimiter a line has most of outside quotes, `none` where it has none."""
    bare = _QUOTED.sub("x", line)
    most = max(_DELIMITERS, key=bare.count)
    if most in bare:
        return most
    # One name alone is that of a table of one column, whose cells may have blanks.
    return none if len(bare.split()) > 1 or none == "" else ","


def _all_delimited(rows: Sequence[str]) -> bool:
    """Tell whether rows have the same number of the same delimiter, and do not need blanks."""
    first = _delimiter(rows[0], "") if rows else ""
    return bool(first) and len({_QUOTED.sub("", row).count(first) for row in rows[:5]}) == 1
