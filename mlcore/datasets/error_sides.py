"""The two sides of an uncertainty: the upper one is above zero, and the lower one below.

So the missions' tables have them; people leave out the sign of the lower one, or swap the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.in_words import joined

if TYPE_CHECKING:
    import pandas as pd

    from mlcore.datasets.spec import Dataset

__all__ = ["errors_on_their_sides"]


def errors_on_their_sides(
    cells: dict[str, pd.Series[Any]],
    errors: dict[str, pd.Series[float]],
    dataset: Dataset,
    warnings: list[str],
) -> None:
    """Give errors the signs that their sides have in the missions' tables.

    Parameters
    ----------
    cells, errors
        Columns by name, which are changed: those that models may see, and errors that stand apart.
    dataset
        Whose columns they are.
    warnings
        Gets a sentence where a column that a model may see was changed.
    """
    _upper_errors_above_zero(cells, errors, dataset, warnings)
    changed = []
    lowers = [
        lower.name for value in dataset.columns for lower in dataset.errors_of(value.name)[1:]
    ]
    for name in lowers:
        for part in (cells, errors):
            if name in part and (part[name] > 0).any():
                part[name] = -part[name].abs()
                changed += [name] if part is cells else []
    if changed:
        column_s = "column" if len(changed) == 1 else "columns"
        warnings.append(
            f"The lower uncertainties of {column_s} {joined(changed)} had no sign: they are"
            " negative, as in the mission's table."
        )


def _upper_errors_above_zero(
    cells: dict[str, pd.Series[Any]],
    errors: dict[str, pd.Series[float]],
    dataset: Dataset,
    warnings: list[str],
) -> None:
    """Give the two sides of an uncertainty their places, and leave out what is on no side."""
    swapped, negative = [], []
    for value in dataset.columns:
        sides = dataset.errors_of(value.name)
        if not sides:
            continue
        upper = sides[0].name
        lower = sides[1].name if len(sides) > 1 else ""
        for part in (cells, errors):
            if upper not in part or not (below := part[upper] < 0).any():
                continue
            if lower in part and (other := below & (part[lower] > 0)).any():
                part[upper], part[lower] = (
                    part[upper].mask(other, part[lower]),
                    part[lower].mask(other, part[upper]),
                )
                swapped += [f"{upper} and {lower}"] if part is cells else []
                below &= ~other
            if below.any():
                part[upper] = part[upper].mask(below)
                negative += [upper] if part is cells else []
    if swapped:
        warnings.append(
            f"The upper and lower uncertainties of {joined(swapped)} had each other's signs and"
            " were swapped."
        )
    if negative:
        warnings.append(
            f"Upper uncertainties below zero, which none is, count as missing: {joined(negative)}."
        )
