"""Which columns are the same physical quantity: a value and its uncertainties stand together."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["columns_of_quantities", "physical_quantities"]


def physical_quantities(
    dataset: Dataset,
    columns: Sequence[Column],
    groups: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Return the physical quantity of each column, in words.

    Parameters
    ----------
    dataset
        The mission that declares the columns.
    columns
        Declarations of a model's columns; those that the mission does not declare are derived
        ones.
    groups
        Quantity of each derived column; without one it is a quantity of its own.

    Returns
    -------
    dict
        Quantity by name of the column, in the order of `columns`. An uncertainty belongs to the
        quantity whose uncertainty it is, even where the model does not see the value itself.
    """
    quantities = {}
    for column in columns:
        if column.name in groups:
            words = groups[column.name]
        elif column.uncertainty_of and dataset.knows(column.uncertainty_of):
            words = dataset.column(column.uncertainty_of).meaning
        else:
            words = column.meaning
        quantities[column.name] = words[:1].upper() + words[1:]
    return quantities


def columns_of_quantities(quantities: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the columns of each quantity, both in the order in which they first occur.

    Examples
    --------
    >>> columns_of_quantities({"a": "Depth", "b": "Period", "a_err": "Depth"})
    {'Depth': ('a', 'a_err'), 'Period': ('b',)}
    """
    columns: dict[str, tuple[str, ...]] = {}
    for column, quantity in quantities.items():
        columns[quantity] = (*columns.get(quantity, ()), column)
    return columns
