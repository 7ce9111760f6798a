"""What would change a verdict: of each value alone the nearest one with which it is another.

`mlcore.inspection.counterfactual` asks which training object's values give another answer, and
takes them as they come together; here a person moves one value, and everything else stays. All
values are tried on a grid, in three calls of the model whatever there is to try.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from mlcore.datasets.possible_values import bounds_of
from mlcore.datasets.units import amount_in_words
from mlcore.prediction.scoring import score
from mlcore.prediction.verdict import VERDICTS, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from mlcore.analyses.at_hand import ObjectAtHand
    from mlcore.analyses.movable import MovableQuantity
    from mlcore.datasets.table import Table

    _Grids: TypeAlias = list[tuple[MovableQuantity, NDArray[np.float64]]]
    """What is tried of each quantity."""

__all__ = ["TurningPoint", "turning_points"]

_TRIED = 64
"""Values of each quantity on the first grid: what is narrower than its steps is not found."""
_BETWEEN = 18
"""Values between the last one that changes nothing and the first one that does, these included."""
_DIGITS = 3
"""Significant digits of the values that are said."""
_MOST_DIGITS = 7
_LOOKED_AT = 3
"""Values a side that are looked at with the features of its neighbours worked out anew."""

_MADE = {
    Verdict.LIKELY_PLANET: "would make it a likely planet",
    Verdict.LIKELY_FALSE_POSITIVE: "would make it a likely false positive",
    Verdict.UNDECIDED: "would make it undecided",
    Verdict.CALLED_CANDIDATE: "would have it called a candidate",
    Verdict.CALLED_FALSE_POSITIVE: "would have it called a false positive",
    Verdict.CALLED_CONFIRMED: "would have it called confirmed",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TurningPoint:
    """The nearest value of a quantity with which the verdict is another, or that there is none."""

    quantity: MovableQuantity
    at: float = math.nan
    """NaN: no value that was tried changes it."""
    verdict: Verdict | None = None
    """What it would be."""
    throughout: bool = False
    """Whether every value that was tried from there to the end of the range gives the same."""

    @property
    def sentence(self) -> str:
        """What it says, as an astronomer would."""
        of = self.quantity
        if self.verdict is None:
            low, high = (amount_in_words(value, of.column.unit) for value in (of.low, of.high))
            article = _article(of.subject)
            return f"No value of {article} {of.subject} from {low} to {high} changes the verdict."
        now, then = _told_apart(of.value, self.at, of.column.unit)
        where = ("below" if self.at < of.value else "above") if self.throughout else "of"
        return (
            f"{_article(of.subject).capitalize()} {of.subject} {where} {then} (now {now})"
            f" {_MADE[self.verdict]}."
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return self.quantity.as_json() | {
            "at": None if math.isnan(self.at) else self.at,
            "verdict": None if self.verdict is None else str(self.verdict),
            "throughout": self.throughout,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """One side of a quantity's range, from the object's own value on."""

    quantity: MovableQuantity
    values: NDArray[np.float64]
    """What was tried, the nearest first, the object's own value before all."""
    verdicts: NDArray[np.int8]

    def first_change(self) -> int | None:
        """Return the place of the first value with another verdict."""
        changed = np.flatnonzero(self.verdicts != self.verdicts[0])
        return int(changed[0]) if len(changed) else None

    def is_throughout(self, at: float, verdict: np.int8) -> bool:
        """Tell whether everything that was tried from a value on has a verdict."""
        own = self.quantity.value
        return bool((self.verdicts[np.abs(self.values - own) >= abs(at - own)] == verdict).all())


def turning_points(one: ObjectAtHand, quantities: Sequence[MovableQuantity]) -> list[TurningPoint]:
    """Find, for each quantity that is known, the nearest value with another verdict.

    Parameters
    ----------
    one
        The object.
    quantities
        What to move, each alone.

    Returns
    -------
    list of TurningPoint
        In the order of the quantities. At each value that is named the verdict is what it says,
        the features of the object's neighbours included.
    """
    known = [quantity for quantity in quantities if math.isfinite(quantity.value)]
    own = one.scored.verdicts[0]
    sides = [side for side in _tried(one, known, own) if side.first_change() is not None]
    named = [
        _values_to_name(side, fine) for side, fine in zip(sides, _finer(one, sides), strict=True)
    ]
    verdicts = iter(
        _looked_at(
            one,
            [(side.quantity, each) for side, few in zip(sides, named, strict=True) for each in few],
        )
    )
    nearest: dict[str, TurningPoint] = {}
    for side, few in zip(sides, named, strict=True):
        name, said = side.quantity.column.name, [(value, next(verdicts)) for value in few]
        changes = next(((at, verdict) for at, verdict in said if verdict != own), None)
        if changes is None:
            continue
        at, verdict = changes
        if name in nearest and _distance(side.quantity, at) >= _distance(
            side.quantity, nearest[name].at
        ):
            continue
        nearest[name] = TurningPoint(
            quantity=side.quantity,
            at=at,
            verdict=VERDICTS[verdict],
            throughout=side.is_throughout(at, verdict),
        )
    return [
        nearest.get(quantity.column.name, TurningPoint(quantity=quantity)) for quantity in known
    ]


def _tried(
    one: ObjectAtHand, quantities: Sequence[MovableQuantity], own: np.int8
) -> Iterator[_Side]:
    """Yield both sides of each quantity, tried from the object's value to the end of the range."""
    grids: _Grids = []
    for quantity in quantities:
        grid = quantity.grid(_TRIED)
        below = grid[grid < quantity.value][::-1]
        grids += [(quantity, below), (quantity, grid[grid > quantity.value])]
    for (quantity, grid), verdicts in zip(grids, _verdicts(one, grids), strict=True):
        yield _Side(
            quantity=quantity,
            values=np.concatenate([[quantity.value], grid]),
            verdicts=np.concatenate([[own], verdicts]),
        )


def _finer(one: ObjectAtHand, sides: Sequence[_Side]) -> list[float]:
    """Return of each side the first value with another verdict, between two of those tried."""
    grids: _Grids = []
    for side in sides:
        place = side.first_change() or 1
        first, last = side.values[place - 1], side.values[place]
        grids.append((side.quantity, side.quantity.between(first, last, _BETWEEN)[1:]))
    return [
        float(grid[int((verdicts != side.verdicts[0]).argmax())])
        for side, (_, grid), verdicts in zip(sides, grids, _verdicts(one, grids), strict=True)
    ]


def _values_to_name(side: _Side, fine: float) -> list[float]:
    """Return what may be said to change the verdict, in few digits, the nearest first."""
    place = side.first_change() or 0
    changed = side.verdicts[place:] != side.verdicts[0]
    several = [fine, *side.values[place:][changed].tolist()][:_LOOKED_AT]
    return list(dict.fromkeys(_rounded(side.quantity, value) for value in several))


def _rounded(quantity: MovableQuantity, value: float) -> float:
    """Return a value in few digits, rounded away from the object's own."""
    step = 10.0 ** (math.floor(math.log10(abs(value))) - _DIGITS + 1) if value else 1.0
    away = math.ceil if value > quantity.value else math.floor
    rounded = float(f"{away(value / step) * step:.{_DIGITS}g}")
    low, high = bounds_of(quantity.column)
    return rounded if low <= rounded <= high and rounded != 0 else value


def _looked_at(one: ObjectAtHand, values: Sequence[tuple[MovableQuantity, float]]) -> list[np.int8]:
    """Return the verdict with each of some values, as the object with it would have it."""
    if not values:
        return []
    changed = [one.changed({quantity.column.name: value}) for quantity, value in values]
    rows = _rows_with(one, [(quantity, np.array([value])) for quantity, value in values])
    neighbours = pd.concat([each.neighbours for each in changed], ignore_index=True)
    features = one.model.features_drawn(rows, neighbours)
    return [*score(one.model, rows, features, measured=one.measured).verdicts]


def _verdicts(one: ObjectAtHand, grids: _Grids) -> list[NDArray[np.int8]]:
    """Return the verdicts with each value of each grid, but for a hair of its neighbours."""
    if not grids:
        return []
    rows = _rows_with(one, grids)
    verdicts = score(one.model, rows, one.features_of(rows), measured=one.measured).verdicts
    return np.split(verdicts, np.cumsum([len(grid) for _, grid in grids])[:-1])


def _rows_with(one: ObjectAtHand, grids: _Grids) -> Table:
    """Return a row of the object for each value, in their order."""
    count = sum(len(grid) for _, grid in grids)
    moved = {quantity.column.name for quantity, _ in grids}
    changes = {name: np.full(count, one.values[name]) for name in moved}
    begin = 0
    for quantity, grid in grids:
        changes[quantity.column.name][begin : begin + len(grid)] = grid
        begin += len(grid)
    return one.rows(changes)


def _distance(quantity: MovableQuantity, value: float) -> float:
    """Return how far a value is from the object's own, on the quantity's scale."""
    if quantity.logarithmic:
        return abs(math.log(value / quantity.value))
    return abs(value - quantity.value)


def _told_apart(value: float, other: float, unit: str) -> tuple[str, str]:
    """Return two values in words, with as many digits as it takes to tell them apart."""
    for digits in range(_DIGITS, _MOST_DIGITS + 1):
        said = (
            amount_in_words(value, unit, digits=digits),
            amount_in_words(other, unit, digits=digits),
        )
        if said[0] != said[1]:
            break
    return said


def _article(subject: str) -> str:
    return "an" if subject[0].lower() in "aeiou" else "a"
