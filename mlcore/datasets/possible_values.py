"""What a person may say that a value of one object is: a refusal names it and what is allowed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlcore.datasets.spec import Scale
from mlcore.datasets.units import number_in_words, unit_in_words
from mlcore.errors import DataError
from mlcore.in_words import quoted

if TYPE_CHECKING:
    from mlcore.datasets.spec import Column

__all__ = ["FieldError", "allowed_in_words", "bounds_of", "is_possible", "possible_value"]


class FieldError(DataError):
    """A value of a request cannot be; the text names it and what is allowed."""

    def __init__(self, sentence: str, *, field: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.field = field
        """Name of the request's field."""
        self.allowed = allowed
        """What it may be, where that can be listed."""


def bounds_of(column: Column) -> tuple[float, float]:
    """Return between which values, in its unit, a column of one object can be."""
    if column.uncertainty_of is not None:
        # A lower one is negative in some tables.
        return -math.inf, math.inf
    low, high = column.possible
    if column.plausible is None:
        return low, high
    return max(low, column.plausible[0]), min(high, column.plausible[1])


def is_possible(column: Column, value: float) -> bool:
    """Tell whether a column of one object can have a value."""
    low, high = bounds_of(column)
    # What spans decades is never zero, though catalogues write it for what could not be fitted.
    sized = value != 0 or column.scale is not Scale.LOG or column.uncertainty_of is not None
    return math.isfinite(value) and low <= value <= high and sized


def allowed_in_words(column: Column) -> str:
    """Return what a value of a column may be.

    Examples
    --------
    >>> from mlcore import DATASETS
    >>> allowed_in_words(DATASETS["kepler"].column("koi_period"))
    'a number from 0.02 to 1000000 days'
    >>> allowed_in_words(DATASETS["kepler"].column("koi_impact"))
    'a number from 0 to 300'
    """
    low, high = bounds_of(column)
    unit = f" {unit_in_words(column.unit)}" if column.unit else ""
    if math.isinf(high):
        if math.isinf(low):
            return f"a number{' of' * bool(unit)}{unit}"
        return f"a number {_least(column, low)}{unit}"
    if math.isinf(low):
        return f"a number of at most {number_in_words(high)}{unit}"
    if low == 0 and column.scale is Scale.LOG:
        return f"a number above 0 and up to {number_in_words(high)}{unit}"
    return f"a number from {number_in_words(low)} to {number_in_words(high)}{unit}"


def possible_value(column: Column, value: Any, *, field: str) -> float:
    """Return a value that a column of one object can have; NaN for None, which is not known.

    Parameters
    ----------
    column
        Its declaration.
    value
        What was sent.
    field
        What the request calls it.

    Raises
    ------
    FieldError
        When it is no number, or none that the column can have.
    """
    if value is None:
        return math.nan
    if (
        not isinstance(value, bool)
        and isinstance(value, int | float)
        and is_possible(column, value)
    ):
        return float(value)
    shown = quoted(value) if isinstance(value, str) else str(value)[:60]
    raise FieldError(
        f"{field} was {shown}, but it must be {allowed_in_words(column)}, or null where it is not"
        " known.",
        field=field,
    )


def _least(column: Column, low: float) -> str:
    above = low == 0 and column.scale is Scale.LOG
    return f"above {number_in_words(low)}" if above else f"of at least {number_in_words(low)}"
