"""What would change a verdict: of each value alone the nearest one with which it is another.

`mlcore.inspection.counterfactual` asks which training object's values give another answer, and
takes them as they come together; here a person moves one value, and everything else stays. All
values are tried on a grid, in three calls of the model whatever there is to try.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.possible_values import bounds_of
from mlcore.datasets.units import amount_in_words
from mlcore.prediction.scoring import score
from mlcore.prediction.verdict import VERDICTS, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from mlcore.analyses.at_hand import ObjectAtHand
    from mlcore.analyses.movable import MovableQuantity

__all__ = ["TurningPoint", "turning_points"]

_TRIED = 48
"""Values of each quantity on the first grid."""
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
    if not known:
        return []
    sides = [side for side in _tried(one, known) if side.first_change() is not None]
    finer = _finer(one, sides)
    named = [_values_to_name(side, fine) for side, fine in zip(sides, finer, strict=True)]
    said = _looked_at(
        one,
        [(side.quantity, value) for side, few in zip(sides, named, strict=True) for value in few],
    )
    own = VERDICTS[_verdicts(one, [])[0]]
    points: dict[str, tuple[float, TurningPoint]] = {}
    for side, few in zip(sides, named, strict=True):
        answers = [said.pop(0) for _ in few]
        for value, verdict in zip(few, answers, strict=True):
            if verdict is own:
                continue
            far = _distance(side.quantity, value)
            name = side.quantity.column.name
            if name not in points or far < points[name][0]:
                point = TurningPoint(
                    quantity=side.quantity,
                    at=value,
                    verdict=verdict,
                    throughout=_throughout(side, value, verdict),
                )
                points[name] = (far, point)
            break
    return [
        points[quantity.column.name][1]
        if quantity.column.name in points
        else TurningPoint(quantity=quantity)
        for quantity in known
    ]


def _tried(one: ObjectAtHand, quantities: Sequence[MovableQuantity]) -> Iterable[_Side]:
    """Yield both sides of each quantity, tried from the object's value to the end of the range."""
    grids = []
    for quantity in quantities:
        grid = quantity.grid(_TRIED)
        below = grid[grid < quantity.value][::-1]
        grids += [(quantity, below), (quantity, grid[grid > quantity.value])]
    verdicts = _verdicts(one, grids)
    own, verdicts = verdicts[:1], verdicts[1:]
    for quantity, grid in grids:
        here, verdicts = verdicts[: len(grid)], verdicts[len(grid) :]
        yield _Side(
            quantity=quantity,
            values=np.concatenate([[quantity.value], grid]),
            verdicts=np.concatenate([own, here]),
        )


def _finer(one: ObjectAtHand, sides: Sequence[_Side]) -> list[float]:
    """Return of each side the first value with another verdict, between two of those tried."""
    grids = []
    for side in sides:
        place = side.first_change()
        assert place  # noqa: S101 - the object's own value is none
        first, last = side.values[place - 1], side.values[place]
        grids.append((side.quantity, side.quantity.between(first, last, _BETWEEN)[1:]))
    verdicts = _verdicts(one, grids)
    own, verdicts = verdicts[0], verdicts[1:]
    found = []
    for _, grid in grids:
        here, verdicts = verdicts[: len(grid)], verdicts[len(grid) :]
        found.append(float(grid[int((here != own).argmax())]))
    return found


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


def _looked_at(one: ObjectAtHand, values: Sequence[tuple[MovableQuantity, float]]) -> list[Verdict]:
    """Return the verdict with each of some values, as the object with it would have it."""
    if not values:
        return []
    changed = [one.changed({quantity.column.name: value}) for quantity, value in values]
    rows = _rows_with(one, [(quantity, np.array([value])) for quantity, value in values])
    features = one.features_of(rows)
    neighbours = pd.concat([each.neighbours for each in changed], ignore_index=True)
    seen = [name for name in neighbours if name in features]
    features[seen] = neighbours[seen]
    scored = score(one.model, rows, features, measured=one.measured)
    return [VERDICTS[place] for place in scored.verdicts.tolist()]


def _verdicts(
    one: ObjectAtHand, grids: Sequence[tuple[MovableQuantity, NDArray[np.float64]]]
) -> NDArray[np.int8]:
    """Return the verdict of the object, and with each of the values, its neighbours as they are."""
    rows = _rows_with(one, grids, itself=True)
    return score(one.model, rows, one.features_of(rows), measured=one.measured).verdicts


def _rows_with(
    one: ObjectAtHand,
    grids: Sequence[tuple[MovableQuantity, NDArray[np.float64]]],
    *,
    itself: bool = False,
) -> Any:
    """Return a row for each value, in their order; before them the object as it is, if wished."""
    before = 1 if itself else 0
    count = before + sum(len(grid) for _, grid in grids)
    moved = {quantity.column.name for quantity, _ in grids}
    changes = {name: np.full(count, one.values[name]) for name in moved}
    begin = before
    for quantity, grid in grids:
        changes[quantity.column.name][begin : begin + len(grid)] = grid
        begin += len(grid)
    return one.rows(changes) if changes else one.table


def _throughout(side: _Side, value: float, verdict: Verdict) -> bool:
    beyond = np.abs(side.values - side.quantity.value) >= abs(value - side.quantity.value)
    return bool((side.verdicts[beyond] == VERDICTS.index(verdict)).all())


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
