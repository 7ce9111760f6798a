"""Which of an object's values a person would move, and between which ends.

The ends are those that the training rows have, as the model's novelty check learnt them, so that
nothing has to be read again; what is worth moving is what the model's columns follow from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.analyses.training_ranges import learnt_ends, training_ranges
from mlcore.datasets.possible_values import bounds_of
from mlcore.datasets.spec import Role, Scale
from mlcore.datasets.units import column_facts
from mlcore.features.described import subject_of
from mlcore.in_words import lowered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.analyses.at_hand import ObjectAtHand
    from mlcore.datasets.spec import Column

__all__ = ["MOST_MOVED", "MovableQuantity", "movable_quantities"]

MOST_MOVED = 8
_DECADE = 10.0
"""From which ratio of its ends on a quantity is moved by its logarithm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MovableQuantity:
    """A value of an object that can be moved."""

    column: Column
    """The mission's."""
    value: float
    """Of the object, NaN where it is not known."""
    low: float
    """Lower end of what to try, in the column's unit; the object's own value is within."""
    high: float
    logarithmic: bool
    contribution: float
    """The sum of the contributions of all that the model computes from it."""

    @property
    def subject(self) -> str:
        """What it is called within a sentence."""
        return lowered(subject_of(self.column))

    def grid(self, points: int) -> NDArray[np.float64]:
        """Return so many values from one end to the other, evenly on its scale."""
        return self.between(self.low, self.high, points)

    def between(self, first: float, last: float, points: int) -> NDArray[np.float64]:
        """Return so many values between two of them, evenly on its scale, these included."""
        space = np.geomspace if self.logarithmic else np.linspace
        return np.asarray(space(first, last, points), dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "column": self.column.name,
            **column_facts(self.column),
            "value": None if math.isnan(self.value) else self.value,
            "low": self.low,
            "high": self.high,
            "scale": str(Scale.LOG if self.logarithmic else Scale.LINEAR),
            "contribution": self.contribution,
        }


def movable_quantities(
    one: ObjectAtHand, contributions: Mapping[str, float], *, most: int = MOST_MOVED
) -> list[MovableQuantity]:
    """Return the measured values of an object that matter most, the most important first.

    Parameters
    ----------
    one
        The object.
    contributions
        Of the model's columns to the object's output, by name.
    most
        How many at most.

    Returns
    -------
    list of MovableQuantity
        Uncertainties, dates and places are none of them. What is not known of the object comes
        last.
    """
    dataset, model = one.dataset, one.model
    ranges = training_ranges(learnt_ends(model.novelty), dataset)
    found: list[tuple[tuple[bool, float], MovableQuantity]] = []
    for name, column in one.changeable.items():
        if name not in ranges or column.role is not Role.FEATURE or column.uncertainty_of:
            continue
        following = [
            contributions[seen]
            for seen in model.inputs.reading(dataset, name)
            if seen in contributions
        ]
        quantity = _with_ends(column, one.values[name], ranges[name], sum(following))
        weight = float(np.abs(following).sum())
        found.append(((math.isnan(quantity.value), -weight), quantity))
    return [quantity for _, quantity in sorted(found, key=lambda pair: pair[0])][:most]


def _with_ends(
    column: Column, value: float, ends: tuple[float, float], contribution: float
) -> MovableQuantity:
    least, most = bounds_of(column)
    low, high = max(ends[0], least), min(ends[1], most)
    if math.isfinite(value):
        low, high = min(low, value), max(high, value)
    logarithmic = column.scale is Scale.LOG and low > 0 and high >= _DECADE * low
    return MovableQuantity(
        column=column,
        value=value,
        low=low,
        high=high,
        logarithmic=logarithmic,
        contribution=float(contribution),
    )
