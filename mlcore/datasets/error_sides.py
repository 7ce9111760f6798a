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
    swapped, negative, unsigned = [], [], []
    for value in dataset.columns:
        upper, lower = (*(error.name for error in dataset.errors_of(value.name)), "", "")[:2]
        for part in (cells, errors):
            # What no model may see is put right without a word.
            told = part is cells
            if upper in part and lower in part:
                wrong = (part[upper] < 0) & (part[lower] > 0)
                if wrong.any():
                    part[upper], part[lower] = (
                        part[upper].mask(wrong, part[lower]),
                        part[lower].mask(wrong, part[upper]),
                    )
                    swapped += [f"{upper} and {lower}"] * told
            if upper in part and (below := part[upper] < 0).any():
                part[upper] = part[upper].mask(below)
                negative += [upper] * told
            if lower in part and (part[lower] > 0).any():
                part[lower] = -part[lower].abs()
                unsigned += [lower] * told
    if swapped:
        warnings.append(
            f"The upper and lower uncertainties of {joined(swapped)} had each other's signs and"
            " were swapped."
        )
    if negative:
        warnings.append(
            f"Upper uncertainties below zero, which none is, count as missing: {joined(negative)}."
        )
    if unsigned:
        column_s = "column" if len(unsigned) == 1 else "columns"
        warnings.append(
            f"The lower uncertainties of {column_s} {joined(unsigned)} had no sign: they are"
            " negative, as in the mission's table."
        )
