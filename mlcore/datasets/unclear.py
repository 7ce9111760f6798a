"""What a file leaves open and only who sent it can tell: refusals that name the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.reading import LabelReading

__all__ = ["LacksColumnsError", "UnclearHeadingError", "UnclearWordsError"]


class UnclearHeadingError(DataError):
    """A heading can be several columns, several headings one, or a unit is not its column's."""

    def __init__(
        self, sentence: str, *, headings: Sequence[str], columns: Sequence[str], unit: str = ""
    ) -> None:
        super().__init__(sentence)
        self.headings = tuple(headings)
        """As the file has them."""
        self.columns = tuple(columns)
        """The mission's columns that may be meant."""
        self.unit = unit
        """The unit that the values may be in, where that is what is asked."""


class UnclearWordsError(DataError):
    """Words of the label mean nothing by themselves."""

    def __init__(self, sentence: str, *, words: Sequence[str], label: LabelReading) -> None:
        super().__init__(sentence)
        self.words = tuple(words)
        """As the file has them."""
        self.label = label
        """What the other words were read as, and how many rows have each."""


class LacksColumnsError(DataError):
    """A table lacks the columns that it is sent for: no feature column, or no label."""
