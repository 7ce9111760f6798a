"""A table of words, as `word_table.html` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Row", "WordTable", "bar_table"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row of a table."""

    head: str
    cells: tuple[str, ...]
    note: str = ""
    """What is to be known of it, in a sentence or two."""
    stands_out: bool = False
    bar: float | None = None
    """Length of its bar, as a share of the longest one's; negative to the left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WordTable:
    """A table whose first column names its rows."""

    title: str
    about: str
    """Which rows its figures are of, or what it shows."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    bars: bool = False

    @property
    def bars_begin(self) -> int:
        """Where the bars' scale begins: −1 where one of them goes to the left, else 0."""
        return -1 if any((row.bar or 0) < 0 for row in self.rows) else 0


def bar_table(
    title: str, about: str, column: str, quantities: Sequence[tuple[str, float | None, str]]
) -> WordTable:
    """Return quantities with their bars; those without any effect in one sentence.

    Parameters
    ----------
    title, about
        See `WordTable`.
    column
        What the quantities' numbers are.
    quantities
        Of each its name, its number and the number in words.
    """
    longest = max((abs(number or 0.0) for _, number, _ in quantities), default=0.0)
    without = [quantity for quantity, number, _ in quantities if not number]
    rest = f" Without any effect: {', '.join(without).lower()}." if without else ""
    return WordTable(
        title=title,
        about=about + rest,
        columns=("Quantity", column),
        bars=True,
        rows=tuple(
            Row(head=quantity, cells=(shown,), bar=number / longest)
            for quantity, number, shown in quantities
            if number
        ),
    )
