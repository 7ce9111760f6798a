"""What a mission's columns are called: by their names, and by what people call them."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from mlcore.datasets.conversions import conversion_of
from mlcore.datasets.headings.spelling import Side, folded, spelled
from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.spec import Role
from mlcore.datasets.unit_spellings import read_unit
from mlcore.errors import DataError
from mlcore.in_words import lowered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mlcore.datasets.headings.spelling import Spelled
    from mlcore.datasets.quantities import Quantity
    from mlcore.datasets.spec import Column, Dataset

__all__ = ["Hit", "Match", "Vocabulary", "column_in_words", "is_called_a_name"]

_LABELS = ("disposition", "disp", "label", "class", "classification", "target", "status")
"""What the label's column is called where it is a table's own; each of them can be something
else."""
_HOSTS = ("host", "host star", "host name", "hostname", "star", "star id", "star name", "host id")

_CALLED = frozenset(
    folded(name)
    for name in (
        *("name", "names", "object", "object name", "object id", "target", "target name", "id"),
        *("target id", "planet", "planet name", "planet id", "star", "star name", "source"),
        *("source id", "system", "candidate", "identifier", "designation", "main id"),
    )
)
"""What a column of names is called, folded."""
_WITH_SYMBOL = re.compile(
    r"(?P<name>.+?)(?:[\s,]+(?P<bare>[^\s,()\[\]]+)|\s*[(\[$]\s*(?P<framed>[^()\[\]$]+?)\s*[)\]$])"
)
"""A heading with a symbol at its end, in brackets or behind a comma."""
_NO_SLIP = re.compile(r"^log|[\s_][a-z]$", re.IGNORECASE)
_LONG_ENOUGH, _NEARLY = 6, 0.9
"""From how many letters on a slip of the pen can be told, and how alike the names are then."""

_SHARED = Counter(
    name
    for quantity in QUANTITIES.values()
    for name in {folded(alias) for alias in quantity.aliases}
)
_AMBIGUOUS = frozenset(name for name, quantities in _SHARED.items() if quantities > 1)
"""What several quantities are called, whether or not a mission measures all of them."""


class Match(IntEnum):
    """How a heading came to its column, the surest first."""

    REQUEST = 0
    """The request says so."""
    EXACT = 1
    """It is the column's name, but for case."""
    NAME = 2
    """It is the column's name, but for blanks, hyphens, underscores or a unit beside it."""
    ALIAS = 3
    """It is one of the column's other names."""

    @property
    def word(self) -> str:
        """What a result says of it."""
        return {0: "request", 1: "name", 2: "name", 3: "alias"}[self]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """The columns that a heading can be."""

    columns: tuple[str, ...]
    match: Match
    unit: str = ""
    """The unit that it states, as it is written."""
    order: int = 0
    """Which of the column's aliases it is: the first is preferred."""
    side: Side | None = None
    """Which uncertainty of its column it is of; None for the column itself."""
    mirrored: str = ""
    """The column of the lower uncertainty, where it is one for both sides."""
    alternatives: tuple[str, ...] = ()
    """What else it can be that the mission has no column for, as noun phrases."""
    generic: bool = False
    """Whether it can also be something else altogether."""


class Vocabulary:
    """The names of a mission's columns, for looking up headings."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._names = {folded(column.name): column.name for column in dataset.columns}
        self._aliases: dict[str, dict[str, int]] = {}
        """For each alias the columns that it can be, with its place among each one's aliases."""
        self._added: Counter[str] = Counter()
        self._generic: set[str] = set()
        self._symbols: dict[str, dict[str, None]] = {}
        for column in dataset.columns:
            self._add(column.name, column.aliases)
        for quantity, name in dataset.quantities.items():
            # What is called so by everybody comes after what the mission calls it.
            self._add(name, QUANTITIES[quantity].aliases)
            for symbol in QUANTITIES[quantity].symbols:
                self._symbols.setdefault(folded(symbol), {})[name] = None
        for name, aliases in ((dataset.label, _LABELS), (dataset.host, _HOSTS)):
            new = [alias for alias in aliases if folded(alias) not in self._names]
            self._add(name, new)
            self._generic.update(folded(alias) for alias in new)

    def hit(self, heading: str, unit: str = "") -> Hit | None:
        """Return what a heading can be, None where the mission has no such column.

        Parameters
        ----------
        heading
            As the file has it.
        unit
            What the file states for it apart from the heading.
        """
        lower = heading.strip().lower()
        if self.dataset.knows(lower):
            return Hit(columns=(lower,), match=Match.EXACT)
        for way in spelled(heading):
            if (hit := self._hit(way) or self._named_twice(way)) is not None:
                return hit
        for way in spelled(heading):
            if (hit := self._symbol(way, way.unit or unit)) is not None:
                return hit
        return None

    def own_columns(self, heading: str) -> tuple[str, ...]:
        """Return the columns that a heading is by names that only this mission gives.

        Those are the names of its columns, and what else its names and labels are called: a
        measurement is called alike everywhere.
        """
        hit = self.hit(heading)
        if hit is None or hit.generic or len(hit.columns) != 1:
            return ()
        column = self.dataset.column(hit.columns[0])
        named = column.role in {Role.IDENTIFIER, Role.LABEL} and bool(column.aliases)
        return hit.columns if hit.match <= Match.NAME or named else ()

    def nearly(self, heading: str, columns: Collection[str]) -> str | None:
        """Return which of these columns a heading is but for a slip of the pen, None for none."""
        # A logarithm is another number, and a letter at the end tells things apart.
        if _NO_SLIP.search(heading.strip()):
            return None
        names = {
            name: column
            for name, column in (
                *self._names.items(),
                *((name, column) for name, of in self._aliases.items() for column in of),
            )
            if column in columns and len(name) >= _LONG_ENOUGH
        }
        for way in spelled(heading):
            close = difflib.get_close_matches(folded(way.name), names, n=1, cutoff=_NEARLY)
            if close and way.side is None:
                return names[close[0]]
        return None

    def _add(self, column: str, aliases: tuple[str, ...] | list[str]) -> None:
        for alias in aliases:
            self._aliases.setdefault(folded(alias), {}).setdefault(column, self._added[column])
            self._added[column] += 1

    def _symbol(self, way: Spelled, unit: str) -> Hit | None:
        """Return what a symbol of a formula can be beside a unit, None where it is none."""
        columns = tuple(
            name
            for name in self._symbols.get(folded(way.name), ())
            if unit and way.side is None and self._can_have(unit, name)
        )
        return Hit(columns=columns, match=Match.ALIAS, unit=way.unit) if columns else None

    def _named_twice(self, way: Spelled) -> Hit | None:
        """Return what a name is that has its own symbol beside it, such as "Orbital period P"."""
        match = _WITH_SYMBOL.fullmatch(way.name)
        if match is None or way.side is not None:
            return None
        symbol = match["bare"] or match["framed"]
        hit = None if read_unit(symbol) else self._hit(replace(way, name=match["name"]))
        if hit is None or len(hit.columns) != 1:
            return None
        of = {*self._symbols.get(folded(symbol), ()), *self._aliases.get(folded(symbol), ())}
        return hit if hit.columns[0] in of else None

    def _can_have(self, unit: str, name: str) -> bool:
        try:
            conversion_of(unit, self.dataset.column(name), self.dataset)
        except DataError:
            return False
        return True

    def _hit(self, way: Spelled) -> Hit | None:
        name = folded(way.name)
        columns: tuple[str, ...]
        match, order = Match.ALIAS, 0
        if name in self._names:
            columns, match = (self._names[name],), Match.NAME
        elif name in self._aliases:
            ordered = self._aliases[name]
            columns, order = tuple(ordered), min(ordered.values())
        else:
            return None
        mirrored = ""
        if way.side is not None:
            if way.side is Side.BOTH and len(columns) == 1:
                mirrored = "".join(self._errors(columns[0])[1:])
            columns = tuple(error for column in columns for error in self._error(column, way.side))
            if not columns:
                # An uncertainty that the mission has no column for is not its value.
                return Hit(columns=(), match=match, unit=way.unit, side=way.side)
        called = _called(name) if match is Match.ALIAS else ()
        return Hit(
            columns=columns,
            match=match,
            unit=way.unit,
            order=order,
            side=way.side,
            mirrored=mirrored,
            alternatives=tuple(
                quantity.meaning
                for quantity in called
                if quantity.name not in self.dataset.quantities
            ),
            generic=match is Match.ALIAS and name in self._generic,
        )

    def _errors(self, column: str) -> list[str]:
        return [error.name for error in self.dataset.errors_of(column)]

    def _error(self, column: str, side: Side) -> tuple[str, ...]:
        """Return the column of a value's uncertainty on this side, nothing where there is none."""
        match side, self._errors(column):
            case Side.BOTH, [only]:
                return (only,)
            case Side.UPPER | Side.BOTH, [upper, _]:
                return (upper,)
            case Side.LOWER, [_, lower]:
                return (lower,)
            case _:
                return ()


def _called(name: str) -> Iterator[Quantity]:
    """Yield the quantities that share an ambiguous name, whether or not a mission has them."""
    if name in _AMBIGUOUS:
        for quantity in QUANTITIES.values():
            if name in map(folded, quantity.aliases):
                yield quantity


def is_called_a_name(heading: str) -> bool:
    """Tell whether a heading is one of columns of names."""
    return folded(heading) in _CALLED


def column_in_words(column: Column) -> str:
    """Return a column for a sentence: its name and what it is."""
    return f"{column.name} ({lowered(column.meaning)})"
