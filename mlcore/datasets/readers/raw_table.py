"""A table as its file has it, and what a caller chooses of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    import pandas as pd

__all__ = ["Choice", "Heading", "Opened", "RawTable", "lower_names", "refuse_doubled"]

_NAMED_AT_MOST = 5
_CASES = frozenset("Ee")


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What stands above a column."""

    name: str
    """As the file has it, without blanks around it."""
    unit: str = ""
    """The unit that the file states apart from the name, in the file's own spelling."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which columns of a file are read."""

    columns: Mapping[int, str]
    """What each is called in the frame, by its place in the file."""
    text: Collection[str] = ()
    """Those, by these names, that are not to be taken for numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RawTable:
    """A table as its file has it."""

    frame: pd.DataFrame
    """The rows of the columns that were chosen, which have the names that the choice gave them: in
    lower case by default."""
    columns: tuple[str, ...]
    """Names of all columns in the file in lower case, also of those that were not read."""
    dated: date | None
    """The date in the archive's own header."""
    headings: tuple[Heading, ...] = ()
    """All headings of the file."""
    notes: tuple[str, ...] = ()
    """What reading it left out or took for granted, as sentences."""


@dataclass(kw_only=True, slots=True)
class Opened:
    """A file whose headings are known and whose rows are yet to be read, once."""

    headings: Sequence[Heading]
    """As the file has them, not yet held to the limits."""
    pieces: Callable[[Sequence[int], Collection[int]], Iterator[pd.DataFrame]]
    """Yields the rows: takes the places of the columns to read, and of those among them that are
    not to be taken for numbers; each piece has the columns in this order."""
    dated: date | None = None
    notes: list[str] = field(default_factory=list)
    """What is left out or taken for granted; complete when the rows have been read."""


def lower_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return columns' names in lower case, but for those that only their case tells apart.

    VizieR calls the upper error of a column ``E_x`` and the lower one ``e_x``: beside the other,
    the upper one keeps its capital.

    Examples
    --------
    >>> lower_names(["Per", "E_Per", "e_Per", "E_Rp"])
    ('per', 'E_per', 'e_per', 'e_rp')
    """
    lower = [name.lower() for name in names]
    counts = Counter(lower)
    paired = {
        name
        for name, count in counts.items()
        if name.startswith("e_")
        and count == len(_CASES)
        and {word[0] for word, low in zip(names, lower, strict=True) if low == name} == _CASES
    }
    return tuple(
        f"E{low[1:]}" if low in paired and name.startswith("E") else low
        for name, low in zip(names, lower, strict=True)
    )


def refuse_doubled(names: Iterable[str]) -> None:
    """Refuse columns of one name; any number may be without one.

    Parameters
    ----------
    names
        Those of all columns, as `lower_names` returns them.

    Raises
    ------
    DataError
        When two are the same.
    """
    if doubled := [name for name, count in Counter(names).items() if name and count > 1]:
        raise DataError(
            f"The table has more than one column named {', '.join(doubled[:_NAMED_AT_MOST])}."
        )
