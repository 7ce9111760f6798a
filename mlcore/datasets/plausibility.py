"""Values against what they can be: placeholders, standardised tables, other units.

What no measurement in the column's unit can be is not taken for one: a placeholder such as -999 is
missing, a column in another unit is converted where the whole of it agrees with the others, and a
table whose values are no measurements at all is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.epochs import epochs_from_own_date
from mlcore.datasets.placeholders import (
    PLACEHOLDERS,
    are_some,
    outside,
    without_placeholders,
)
from mlcore.datasets.spec import Role
from mlcore.datasets.unit_guesses import in_own_units
from mlcore.datasets.units import number_in_words, unit_in_words
from mlcore.errors import DataError
from mlcore.in_words import counted, joined

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["PlausibleValues", "checked_values"]

_SEVERAL = 2
"""Of how many values the errors are all zero where zero stands for none."""
_FEW = 5
"""Values of a column below which nothing is said of the whole of it."""
_MANY = 0.5
"""Share of impossible values from which on a column is refused and not its cells."""
_SCALED = 0.8
"""Share of impossible values in a column that was standardised or scaled, and of columns without
large values in such a table."""
_NEGATIVE = 0.2
"""Share of negative values in a standardised column that cannot be negative."""
_SPREAD = 100.0
"""Beyond which hardly anything in a standardised or scaled column lies: of ``n`` values none is
farther than the root of ``n`` standard deviations from their mean."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PlausibleValues:
    """The columns of a table after the check."""

    frame: pd.DataFrame
    errors: pd.DataFrame
    warnings: tuple[str, ...]
    """What was left out, converted or is doubtful, as sentences."""


def checked_values(
    frame: pd.DataFrame,
    errors: pd.DataFrame,
    dataset: Dataset,
    row_numbers: NDArray[np.int64],
    *,
    stated: Collection[str] = (),
) -> PlausibleValues:
    """Hold a table's values against what they can be, and against each other.

    Parameters
    ----------
    frame
        The table's kept columns, those of numbers as float64, shape ``(n, k)``.
    errors
        Uncertainties that stand apart, of the same rows.
    dataset
        Whose columns they are: each declares between which values it can be.
    row_numbers
        Number of each row in the file.
    stated
        Names of columns whose unit the user stated; see `mlcore.datasets.unit_guesses`.

    Returns
    -------
    PlausibleValues
        The same frames where nothing was found.

    Raises
    ------
    DataError
        When the table looks standardised, or a column has another unit that cannot be told or is
        not the unit of all its rows.
    """
    bounded = [
        column
        for column in dataset.columns
        if column.plausible is not None and column.name in frame
    ]
    _refuse_standardised(frame, bounded)
    warnings: list[str] = []
    frame, errors = without_placeholders(frame, errors, dataset, bounded, warnings)
    frame, errors = _without_zero_errors(frame, errors, dataset, warnings)
    frame = epochs_from_own_date(frame, dataset, warnings, stated=stated)
    frame, errors = in_own_units(frame, errors, dataset, row_numbers, warnings, stated=stated)
    frame = _within_bounds(frame, bounded, row_numbers, warnings)
    return PlausibleValues(frame=frame, errors=errors, warnings=tuple(warnings))


def _refuse_standardised(frame: pd.DataFrame, bounded: list[Column]) -> None:
    """Refuse a table whose columns are without units: standardised, or scaled to an interval."""
    scaled, near, judged = [], 0, 0
    for column in bounded:
        values = frame[column.name].dropna().to_numpy()
        low = column.plausible[0] if column.plausible else 0.0
        if low <= 0 or column.uncertainty_of is not None:
            continue
        # Placeholders are few kinds of value, and a scaled column has many.
        far = values[np.abs(values) > _SPREAD]
        if (~np.isin(far, PLACEHOLDERS)).sum() >= _FEW:
            judged += 1
            continue
        values = values[~are_some(values, PLACEHOLDERS)]
        if len(values) < _FEW:
            continue
        judged += 1
        if np.abs(values).max() > _SPREAD:
            continue
        near += 1
        if outside(values, column).mean() >= _SCALED or (values < 0).mean() >= _NEGATIVE:
            scaled.append(column.name)
    if scaled and len(scaled) >= min(2, judged) and near >= _SCALED * judged:
        raise DataError(
            f"The table looks standardised: {counted(len(scaled), 'column')} such as {scaled[0]}"
            " have values around zero, which no object has. Send the values as they were measured,"
            " in the units of the columns; what a model needs scaled, it scales itself."
        )


def _without_zero_errors(
    frame: pd.DataFrame, errors: pd.DataFrame, dataset: Dataset, warnings: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count as missing the errors of several values that are all zero: these were filled in."""
    zero = [
        column
        for column in dataset.columns
        for part in (frame, errors)
        if column.uncertainty_of is not None and column.name in part
        if len(known := part[column.name].dropna()) >= _FEW and not known.any()
    ]
    # Of one value alone they may be rounded, such as an impact parameter of zero.
    if len({column.uncertainty_of for column in zero}) < _SEVERAL:
        return frame, errors
    names = [column.name for column in zero]
    nothing = dict.fromkeys(names, np.nan)
    told = [name for name in names if name in frame]
    frame = frame.assign(**{name: nothing[name] for name in told})
    errors = errors.assign(**{name: nothing[name] for name in names if name in errors})
    if told:
        warnings.append(
            f"The uncertainties in {'column' if len(told) == 1 else 'columns'} {joined(told)} are"
            " all zero, which none is: they count as missing."
        )
    return frame, errors


def _within_bounds(
    frame: pd.DataFrame,
    bounded: list[Column],
    row_numbers: NDArray[np.int64],
    warnings: list[str],
) -> pd.DataFrame:
    for column in bounded:
        values = frame[column.name].to_numpy(dtype=np.float64)
        beyond = outside(values, column)
        if not beyond.any():
            continue
        assert column.plausible is not None  # noqa: S101 - as above
        low, high = (number_in_words(bound) for bound in column.plausible)
        unit = f" {unit_in_words(column.unit)}" if column.unit else ""
        count, known = int(beyond.sum()), int(np.isfinite(values).sum())
        first = int(beyond.argmax())
        told = f"{number_in_words(values[first])} in row {row_numbers[first]}"
        possible = f"{low} to {high}{unit}"
        if count >= _FEW and count >= _MANY * known and column.role is Role.FEATURE:
            fix = f" Send it in{unit}." if unit else ""
            if column.plausible[0] >= 0 and (values[beyond] < 0).all():
                fix = " None of them can be below zero."
            raise DataError(
                f"Column {column.name} has {count} of {known} values that it cannot have"
                f" ({told}; possible are {possible}).{fix}"
            )
        frame = frame.assign(**{column.name: frame[column.name].mask(beyond)})
        warnings.append(
            f"{counted(count, 'value')} of column {column.name} that it cannot have"
            f" ({told}; possible are {possible}) count as missing."
        )
    return frame
