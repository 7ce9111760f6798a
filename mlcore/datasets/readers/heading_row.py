"""Which row of a table holds the columns' names, and what the rows next to it are.

Names are words. What stands above them is prose; what stands below them may be their units, a line
of dashes or of types, or the names again as people read them.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any

from mlcore.datasets.readers.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "COMMENTS",
    "SUMMARIES",
    "Below",
    "are_names",
    "are_numbered",
    "fit",
    "is_number",
    "is_rule",
    "is_title",
    "number_columns",
    "row_below",
    "says_nothing",
    "shown",
]

COMMENTS = ("#", "%", "//")
"""How lines begin that are no rows."""

SUMMARIES = frozenset(
    {
        *("total", "totals", "grand total", "sum", "subtotal", "mean", "average", "avg", "median"),
        *("count", "min", "minimum", "max", "maximum", "std", "stdev", "std dev", "25%", "50%"),
        *("75%", "standard deviation", "mittelwert", "summe", "gesamt", "moyenne", "somme"),
    }
)
"""How rows begin, folded and without a colon, that sum up the others."""

_NUMBER = re.compile(r"[+\-−]?(?:\d[\d.,'’ \u00a0\u2009\u202f]*|[.,]\d+)(?:[eE][+-]?\d+)?")
_AS_A_NUMBER = re.compile(r"[<>~≈≤≥±+\-−(\s]*[.,]?\d")
"""How a word begins that says something about a number, such as <1200 or 9.5±0.1."""
_NOTHING = frozenset(
    {"", "-", "--", "---", "…", "...", "?", "na", "n/a", "#n/a", "nan", "null", "none", "unknown"}
)
"""Words for an absent value, folded: they say nothing of what a row is."""
_TYPES = frozenset(
    {
        *("bool", "boolean", "byte", "char", "date", "datetime", "double", "float", "float32"),
        *("float64", "int", "int16", "int32", "int64", "integer", "long", "number", "object"),
        *("real", "short", "str", "string", "text", "varchar"),
    }
)
_RDB_TYPE = re.compile(r"\d*[SNMsnm]")
_RULE = frozenset("-=+|:,; \t\r\n")
_CATALOGUED = re.compile(r"[a-z]{2,}[a-z0-9]*(?:_[a-z0-9]+)+", re.IGNORECASE)
_DASHES = frozenset("-=")
_TOO_FEW = 3
"""How many numbers in order may be measured."""
_SHOWN = 60


def shown(text: str) -> str:
    """Return a line for a sentence, in quotes and not too long."""
    line = " ".join(text.replace('"', "").split())
    return f'"{line}"' if len(line) <= _SHOWN else f'"{line[:_SHOWN].rstrip()}…"'


def is_number(cell: Any) -> bool:
    """Tell whether a cell holds a number, with a decimal point or comma."""
    if isinstance(cell, str):
        return _NUMBER.fullmatch(cell.strip()) is not None
    return cell is not None and not isinstance(cell, bool)


def is_rule(line: str) -> bool:
    """Tell whether a line is drawn of dashes and what separates cells."""
    return ("--" in line or "==" in line) and _RULE.issuperset(line)


def are_names(cells: Sequence[Any]) -> bool:
    """Tell whether a row can hold names: words, and no number among them."""
    filled = [cell for cell in cells if not is_empty(cell)]
    return bool(filled) and not any(isinstance(cell, bool) or is_number(cell) for cell in filled)


def is_empty(cell: Any) -> bool:
    """Tell whether nothing is in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def fit(width: int, rows: Sequence[Sequence[Any]]) -> bool:
    """Tell whether rows belong under so many names: most have as many cells.

    Or all have one more: their own number, or nothing behind a separator at their end.
    """
    if not rows or 2 * sum(len(row) == width for row in rows) >= len(rows):
        return True
    return all(len(row) == width + 1 for row in rows) and (
        all(is_empty(row[-1]) for row in rows) or all(str(row[0]).strip().isdigit() for row in rows)
    )


def is_title(names: Sequence[Any], below: Sequence[Any]) -> bool:
    """Tell whether what could be names stands above the names, which the next row has.

    It is in the first of many cells, as a spreadsheet writes a title, or reads as for people where
    the row below has names as catalogues write them.
    """
    if sum(not is_empty(cell) for cell in below) >= 2 * sum(not is_empty(cell) for cell in names):
        return True
    catalogued = [sum(map(_is_catalogued, row)) for row in (names, below)]
    return catalogued[0] == 0 and 2 * catalogued[1] >= len(below)


def says_nothing(cell: Any) -> bool:
    """Tell whether a cell is empty or has a word for an absent value."""
    return is_empty(cell) or (isinstance(cell, str) and cell.strip().lower() in _NOTHING)


def _is_catalogued(cell: Any) -> bool:
    return isinstance(cell, str) and _CATALOGUED.fullmatch(cell.strip()) is not None


def are_numbered(width: int, rows: Sequence[Sequence[str]], *, quoted: bool) -> bool:
    """Tell whether rows have one cell more than names because they begin with their own number.

    R writes row names in quotes and without a name above them, and pandas prints its index so. Any
    other surplus cell could be that of a column without a name at the end; a star's number is
    larger than a table has rows.
    """
    if not rows or any(len(row) != width + 1 for row in rows):
        return False
    if all(is_empty(row[-1]) for row in rows) or not all(row[0].strip().isdigit() for row in rows):
        return False
    numbers = [int(row[0]) for row in rows]
    if quoted:
        return len(set(numbers)) == len(numbers) and max(numbers) <= LIMITS.rows
    return len(numbers) > 1 and numbers in (
        list(range(len(numbers))),
        list(range(1, len(numbers) + 1)),
    )


def number_columns(rows: Sequence[Sequence[Any]], width: int) -> frozenset[int]:
    """Return the places of the columns of which most cells are numbers."""
    places = set()
    for place in range(width):
        cells = [row[place] for row in rows if place < len(row)]
        told = [cell for cell in cells if not says_nothing(cell)]
        # A line of prose among few rows is no reason against it.
        if 2 * sum(map(is_number, told)) > len(told):
            places.add(place)
    return frozenset(places)


class Below(Enum):
    """What a row under the names is, where it is no object."""

    RULE = "rule"
    TYPES = "types"
    UNITS = "units"
    HEADINGS = "headings"


def row_below(row: Sequence[Any], numeric: frozenset[int]) -> Below | None:
    """Tell what a row under the names is; None where it is an object's.

    Parameters
    ----------
    row
        Its cells.
    numeric
        Places of the columns that have numbers further down. A row with words there, and no
        number anywhere, is not a measured object.
    """
    told = {place: cell for place, cell in enumerate(row) if not is_empty(cell)}
    if _numbers_columns(row):
        return Below.TYPES
    if not told or not all(isinstance(cell, str) for cell in told.values()):
        return None
    words = {place: str(cell).strip() for place, cell in told.items()}
    if drawn := _drawn(list(words.values()), len(row)):
        return drawn
    words = {place: word for place, word in words.items() if not says_nothing(word)}
    beside = [place for place in range(len(row)) if place not in numeric]
    named = [words[place] for place in beside if place in words]
    measured = any(map(_AS_A_NUMBER.match, words.values())) or not numeric.intersection(words)
    # Names and numbers of objects have digits, and no unit of a name has.
    if measured or any(character.isdigit() for word in named for character in word):
        return None
    return Below.HEADINGS if 2 * len(named) > len(beside) > 0 else Below.UNITS


def _numbers_columns(row: Sequence[Any]) -> bool:
    """Tell whether a row counts the columns, as journals do under the names."""
    cells = [str(cell).strip() for cell in row]
    bare, framed = (
        [form.format(number) for number in range(1, len(cells) + 1)] for form in ("{}", "({})")
    )
    return (len(cells) > _TOO_FEW and cells == bare) or (len(cells) > 1 and cells == framed)


def _drawn(words: Sequence[str], width: int) -> Below | None:
    """Tell whether a row is a line of dashes or of types."""
    # Two dashes stand for an absent value, too.
    if len(words) > 1 and all(set(word) <= _DASHES for word in words):
        return Below.RULE if any(len(word) > 2 for word in words) else None
    typed = all(word.lower() in _TYPES for word in words)
    rdb = len(words) > 1 and all(map(_RDB_TYPE.fullmatch, words))
    return Below.TYPES if len(words) == width and (typed or rdb) else None
