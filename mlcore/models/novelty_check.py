"""What is said of an object that is not of the kind that a model was trained on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.units import amount_in_words, unit_spelt_out
from mlcore.features.described import measured_behind, subject_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column

__all__ = ["NoveltyCheck", "Outside", "Unusual", "Why", "amount", "between", "gaps", "valued"]


class Why(StrEnum):
    """In what way a column lies outside."""

    MISSING = "missing"
    RANGE = "range"
    COMBINATION = "combination"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unusual:
    """A column that makes an object novel."""

    column: str
    why: Why
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NoveltyCheck:
    """Whether one object is of the kind that the model knows."""

    outside: bool
    causes: tuple[Unusual, ...]
    """The columns that caused it, the strongest first; none where the object is inside."""
    range_excess: float
    """How far the most extreme value lies outside its range, over the limit; 1 is the limit."""
    distance: float
    """Mahalanobis distance over the limit; 1 is the limit."""

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if not self.outside:
            return "The object lies within what the model was trained on"
        # What follows from one missing value has its sentence.
        causes = "; ".join(dict.fromkeys(cause.sentence for cause in self.causes))
        return f"The object lies outside what the model was trained on: {causes}"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Outside:
    """Which rows lie outside of what a model knows, and by which of its columns."""

    outside: NDArray[np.bool_]
    """Shape ``(n,)``."""
    counts: NDArray[np.int32]
    """How many columns caused it in each row, shape ``(n,)``."""
    places: NDArray[np.int16]
    """Places of those columns, row after row, the strongest first."""

    @classmethod
    def joined(cls, parts: Sequence[Outside]) -> Outside:
        """Return the rows of all parts, one after the other."""
        return cls(
            **{
                field.name: np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            }
        )

    def only(self, rows: NDArray[np.bool_]) -> Outside:
        """Return the same with all other rows inside."""
        kept = self.outside & rows
        return Outside(
            outside=kept,
            counts=np.where(kept, self.counts, np.int32(0)),
            places=self.places[np.repeat(kept, self.counts)],
        )


def gaps(columns: Sequence[Column], unknown: NDArray[np.bool_]) -> list[Unusual]:
    """Return the columns that a row lacks and training rows hardly ever do."""
    gone = {columns[place].name: columns[place] for place in np.flatnonzero(unknown).tolist()}
    return [
        Unusual(
            column=name,
            why=Why.MISSING,
            sentence=(
                f"{subject_of(gone.get(measured_behind(name, gone) or name, column))} is not known,"
                " which it nearly always is in the training rows"
            ),
        )
        for name, column in gone.items()
    ]


def valued(column: Column, value: float) -> str:
    """Return a column with its value, the beginning of a sentence."""
    return f"{subject_of(column)} is {amount(column, value)}"


def amount(column: Column, value: float) -> str:
    """Return a value with its unit; of what is counted there are no parts."""
    counted = column.meaning.startswith("Number of") and not column.unit
    return amount_in_words(round(value) if counted else value, column.unit)


def between(column: Column, low: float, high: float) -> str:
    """Return a range, its unit said once."""
    first, last = amount(column, low), amount(column, high)
    if first == last:
        return first
    return f"{first.removesuffix(unit_spelt_out(column.unit)).rstrip()} to {last}"
