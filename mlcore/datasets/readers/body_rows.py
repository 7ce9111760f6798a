"""The rows under the names: which are objects, and what else stands among them.

Whatever is left out is counted and told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mlcore.datasets.readers.heading_row import (
    COMMENTS,
    SUMMARIES,
    Below,
    are_names,
    is_empty,
    is_number,
    row_below,
    says_nothing,
    shown,
)
from mlcore.errors import DataError
from mlcore.in_words import joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["BodyRows", "counted_rows"]

_EXCEL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
_ASTROPYS_END = re.compile(r"Length = \d+ rows?")
"""Stands below a table that astropy prints."""
_GRID = re.compile(r"\+(?:[-=]+\+)+")
_FEWEST_WORDS = 3
"""How many words a line of prose has at least, where it stands in a column of words."""

Row = TypeVar("Row")


def counted_rows(count: int, what: str = "") -> str:
    """Return "1 blank row was" or "2 blank rows were"."""
    return f"1 {what}row was" if count == 1 else f"{count:,} {what}rows were"


class BodyRows(Generic[Row]):
    """Takes the rows one by one and gives back those that are objects.

    A row is whatever the caller wants back; beside it come its cells.
    """

    def __init__(
        self,
        names: Sequence[Any],
        units: Sequence[str],
        sample: Sequence[Sequence[Any]],
        numeric: frozenset[int],
    ) -> None:
        self._names = _folded(names)
        # Where rows have their own number first, the names that come again have none above it.
        self._repeated = {self._names, self._names[not self._names[0] :]}
        self._names_are_words = are_names(names)
        self._units = _folded(units)
        self._numeric = numeric
        self._most_words = max(
            (len(str(row[0]).split()) for row in sample if row and not is_empty(row[0])), default=0
        )
        self._waiting: list[tuple[Row, str, bool]] = []
        self._ruled = False
        self.objects = 0
        self._blank = self._comments = self._headings = self._first_heading = 0
        self._short = self._first_short = 0
        self._prose: list[str] = []
        self._summaries: list[str] = []

    def sorted_out(self, row: Row, cells: Sequence[Any]) -> Iterator[Row]:
        """Take a row that may be no object; yield it, and what waited for it, if it is one."""
        if self._is_certain(cells):
            yield from self.taken(row)
            return
        filled = [place for place, cell in enumerate(cells) if not is_empty(cell)]
        if all(says_nothing(cells[place]) for place in filled):
            self._blank += 1
        elif _is_comment(cells[filled[0]]):
            self._comments += 1
        elif self.objects and _sums_up(cells[filled[0]]):
            self._summaries.append(str(cells[filled[0]]).strip())
        elif any(_folded(cells)[: len(names)] == names for names in self._repeated):
            self._left_out_waiting()
            self._ruled = False
            self._headings += 1
            self._first_heading = self._first_heading or self.objects + 1
        elif self._is_of_the_heading(cells):
            pass
        elif self._may_be_prose(cells, filled):
            text = " ".join(str(cells[place]) for place in filled)
            self._waiting.append((row, text, len(cells) < len(self._names)))
        else:
            yield from self.taken(row, short=len(cells) < len(self._names))

    def _is_certain(self, cells: Sequence[Any]) -> bool:
        """Tell quickly of most objects that they are: all their cells are there, some numbers."""
        return (
            self._names_are_words
            and len(cells) >= len(self._names)
            and not is_empty(cells[0])
            and not _is_comment(cells[0])
            and not _sums_up(cells[0])
            and any(map(is_number, cells))
        )

    def counted_at_once(self, count: int = 1) -> bool:
        """Count objects where nothing waits to be told what it is; tell whether that was so."""
        if self._waiting or self._ruled:
            return False
        self.objects += count
        return True

    def taken(self, row: Row, *, short: bool = False) -> Iterator[Row]:
        """Take a row that is an object; yield what waited for it, and it."""
        if self._ruled:
            raise DataError(
                f"A line of dashes stands above row {self.objects + 1} of the table, as if another"
                " table began there: send one table."
            )
        for waited, _, was_short in self._waiting:
            yield from self._counted(waited, short=was_short)
        self._waiting.clear()
        yield from self._counted(row, short=short)

    def notes(self) -> Iterator[str]:
        """Yield what became of the rows that are no objects, when all have been taken."""
        self._left_out_waiting()
        if self._blank:
            yield f"{counted_rows(self._blank, 'blank ')} left out."
        if self._headings == 1:
            yield f"A second line of headings in row {self._first_heading} was left out."
        elif self._headings:
            yield (
                f"{self._headings:,} more lines of headings, the first in row"
                f" {self._first_heading}, were left out."
            )
        if self._comments == 1:
            yield "1 line of comment among the rows was left out."
        elif self._comments:
            yield f"{self._comments:,} lines of comment among the rows were left out."
        if self._summaries:
            words = joined([quoted(word) for word in dict.fromkeys(self._summaries)])
            rows = counted_rows(len(self._summaries))
            yield f"{rows} left out that sum{'s' * (len(self._summaries) == 1)} up others: {words}."
        if len(self._prose) == 1:
            yield (
                f"The line {shown(self._prose[0])}, which has no cells of an object, was left out."
            )
        elif self._prose:
            yield (
                f"{len(self._prose):,} lines, which have no cells of an object, were left out: the"
                f" first is {shown(self._prose[0])}."
            )
        if self._short:
            has = "row has" if self._short == 1 else "rows have"
            yield (
                f"{self._short:,} {has} fewer cells than there are columns"
                f"{'' if self._short == 1 else ', the first of them'} (row {self._first_short}):"
                " the absent ones count as missing."
            )

    def _counted(self, row: Row, *, short: bool) -> Iterator[Row]:
        self.objects += 1
        if short and len(self._names) > 1:
            self._short += 1
            self._first_short = self._first_short or self.objects
        yield row

    def _left_out_waiting(self) -> None:
        self._prose += [text for _, text, _ in self._waiting]
        self._waiting.clear()

    def _is_of_the_heading(self, cells: Sequence[Any]) -> bool:
        """Tell whether a row stands under names that stood there before."""
        if self._units and _folded(cells) == self._units:
            return True
        below = row_below(cells, self._numeric)
        if below == Below.TYPES:
            return True
        if len(cells) == 1 and _GRID.fullmatch(str(cells[0]).strip()):
            # Drawn between each two rows.
            return True
        rule = below == Below.RULE
        self._ruled |= rule and self.objects > 0 and not self._headings
        return rule

    def _may_be_prose(self, cells: Sequence[Any], filled: Sequence[int]) -> bool:
        """Tell whether a row is a line of words, such as that the file ends here."""
        if _ASTROPYS_END.fullmatch(" ".join(str(cells[place]) for place in filled)):
            return True
        if len(self._names) == 1 or any(is_number(cells[place]) for place in filled):
            return False
        if len(cells) < len(self._names):
            return True
        if len(filled) > 1:
            return False
        words = len(str(cells[filled[0]]).split())
        return filled[0] in self._numeric or words >= max(_FEWEST_WORDS, self._most_words + 1)


def _is_comment(cell: Any) -> bool:
    return (
        isinstance(cell, str) and cell.lstrip().startswith(COMMENTS) and cell not in _EXCEL_ERRORS
    )


def _sums_up(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip().rstrip(":").lower() in SUMMARIES


def _folded(cells: Sequence[Any]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell).strip().lower() for cell in cells)
