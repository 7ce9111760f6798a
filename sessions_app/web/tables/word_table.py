"""A table of words, as `word_table.html` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Row:
    """A row of a table: what it is about, and its cells.

    The note says what is to be known of it, in a sentence or two; the bar is a share of the longest
    one's length, negative to the left.
    """

    def __init__(
        self,
        head: str,
        *cells: str,
        note: str = "",
        stands_out: bool = False,
        bar: float | None = None,
    ) -> None:
        self.head, self.cells, self.note = head, cells, note
        self.stands_out, self.bar = stands_out, bar


@dataclass(frozen=True, kw_only=True, slots=True)
class WordTable:
    """A table whose first column names its rows."""

    title: str
    about: str
    """Which rows its figures are of, or what it shows."""
    columns: Sequence[str]
    rows: Sequence[Row]
    bars: bool = False

    @property
    def bars_begin(self) -> int:
        """Where the bars' scale begins: −1 where one of them goes to the left, else 0."""
        return -1 if any((row.bar or 0) < 0 for row in self.rows) else 0


def bar_table(
    title: str, about: str, column: str, quantities: Sequence[tuple[str, float | None, str]]
) -> WordTable:
    """Return quantities with their bars; those without any effect in one sentence.

    Of each quantity come its name, its number and the number in words.
    """
    longest = max((abs(number or 0.0) for _, number, _ in quantities), default=0.0)
    without = [quantity for quantity, number, _ in quantities if not number]
    rest = f" Without any effect: {', '.join(without).lower()}." if without else ""
    return WordTable(
        title=title,
        about=about + rest,
        columns=("Quantity", column),
        bars=True,
        rows=[
            Row(quantity, shown, bar=number / longest)
            for quantity, number, shown in quantities
            if number
        ],
    )
