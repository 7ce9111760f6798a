"""How the cells of a text's lines are separated."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.datasets.readers.heading_row import shown
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["BLANKS", "Layout", "between_blanks", "records"]

BLANKS = " "


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where the rows begin and how their cells are separated."""

    names: tuple[str, ...]
    start: int
    """Position in the text where the rows begin."""
    delimiter: str
    """`BLANKS` stands for any number of blanks and tabs."""
    units: tuple[str, ...] = ()
    """What the line of units has for each column, where there is one."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where in a line each column stands, in a text of fixed width."""
    barred: bool = False
    """Whether lines begin and end with a bar."""
    numbered: bool = False
    """Whether each row begins with its own number, above which there is no name."""
    sample: tuple[tuple[str, ...], ...] = ()
    """The cells of the first rows."""
    notes: tuple[str, ...] = ()

    @property
    def direct(self) -> bool:
        """Whether the lines can be read as they are, by any reader of delimited text."""
        # Beside bars stand blanks as a rule.
        return not self.spans and self.delimiter not in {BLANKS, "|"}

    def split(self, record: str) -> list[str]:
        """Return a record's cells.

        Raises
        ------
        DataError
            When a line has text between its columns, or a quote is not closed.
        """
        line = record.rstrip("\r\n")
        if self.spans:
            return _sliced(line, self.spans)
        if self.delimiter == BLANKS:
            return between_blanks(line)
        if self.barred:
            line = line.strip().removeprefix("|").removesuffix("|")
        if '"' not in line:
            return line.split(self.delimiter)
        try:
            lines = io.StringIO(line, newline="") if "\n" in line or "\r" in line else [line]
            return next(_csv(lines, self.delimiter), [])
        except csv.Error as error:
            raise _open_quote() from error


def records(lines: Iterable[str], delimiter: str) -> Iterator[str]:
    """Yield lines, those in one where a quoted cell has line ends in it.

    Raises
    ------
    DataError
        When a quote is not closed.
    """
    lines = iter(lines)
    for line in lines:
        if delimiter == BLANKS or _is_whole(line, delimiter):
            yield line
            continue
        taken: list[str] = []
        try:
            next(_csv(_remembered(line, lines, taken), delimiter), None)
        except csv.Error as error:
            raise _open_quote() from error
        yield "".join(taken)


def between_blanks(line: str) -> list[str]:
    """Return what blanks separate, a quoted cell being one."""
    if '"' not in line or line.count('"') % 2:
        return line.split()
    cells = csv.reader([line.replace("\t", " ").strip()], delimiter=" ", skipinitialspace=True)
    return next(cells, [])


def _sliced(line: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    edges = [0, *(edge for span in spans for edge in span), len(line)]
    if any(line[end:begin].strip() for end, begin in zip(edges[::2], edges[1::2], strict=True)):
        raise DataError(f"The line {shown(line)} has text between the columns.")
    return [line[begin:end].strip() for begin, end in spans]


def _csv(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=False)


def _remembered(line: str, lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    taken.append(line)
    yield line
    for further in lines:
        taken.append(further)
        yield further


def _is_whole(line: str, delimiter: str) -> bool:
    """Tell whether no quoted cell goes on in the next line, or leave it to a reader to tell."""
    last = line.rfind('"')
    return last < 0 or (
        line.count('"') % 2 == 0 and line[last + 1 :].lstrip(" ")[:1] in {delimiter, "\r", "\n", ""}
    )


def _open_quote() -> DataError:
    return DataError("The rows of the table cannot be read: a quote is not closed.")
