"""From a mission's table to the quantities and back: units, zero points, the star's light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.quantities import QUANTITIES, unit_factor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table

__all__ = [
    "ELECTRONS",
    "HOST",
    "OBJECT",
    "SPAN",
    "as_catalogued",
    "measured_quantities",
    "quantities_of",
]

HOST = "host"
"""Column of `quantities_of` that names the host star."""
OBJECT = "object"
"""Column of `quantities_of` that names the object; missing where the table has no name."""

ELECTRONS = "electrons"
"""Column of `quantities_of` with the electrons that the star's light makes in an hour."""

SPAN = "span"
"""Column of `quantities_of` with the days from the first to the last of the mission's data."""


def quantities_of(table: Table, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a table's quantities.

    Parameters
    ----------
    table
        Rows of any mission.
    names
        As in `measured_quantities`.

    Returns
    -------
    DataFrame
        Shape ``(n, q + 4)``: every quantity, `ELECTRONS` and `SPAN` as float64, NaN where the
        mission or the row has none, and the names `HOST` and `OBJECT`.
    """
    dataset, frame = table.dataset, table.frame
    values: dict[str, Any] = dict(measured_quantities(table, names))
    values[HOST] = table.hosts
    named = next((name for name in dataset.object_name if name in frame), None)
    # The last resort of some missions is the star's own number, which several objects share.
    is_name = named is not None and named != dataset.host
    values[OBJECT] = frame[named] if is_name else pd.Series(None, index=frame.index, dtype="str")
    return pd.DataFrame(values, index=frame.index)


def measured_quantities(
    table: Table, names: Sequence[str] | None = None
) -> dict[str, NDArray[np.float64]]:
    """Return the numbers of `quantities_of`, by the quantities' names, shape ``(n,)`` each.

    Parameters
    ----------
    table
        Rows of any mission.
    names
        Which quantities; None: all, with `ELECTRONS` and `SPAN`.
    """
    dataset, frame = table.dataset, table.frame
    values: dict[str, NDArray[np.float64]] = {}
    for name in QUANTITIES if names is None else names:
        quantity = QUANTITIES[name]
        column = dataset.quantities.get(name)
        if column is None or column not in frame:
            values[name] = np.full(len(frame), np.nan)
            continue
        factor = unit_factor(dataset.column(column).unit, quantity.unit)
        measured = frame[column].to_numpy(dtype=np.float64) * factor
        measured = measured + dataset.zero_points.get(name, 0.0)
        if quantity.positive:
            measured = np.where(measured > 0, measured, np.nan)
        values[name] = np.where(np.isfinite(measured), measured, np.nan)
    if names is not None:
        return values
    at_zero = np.nan if dataset.electrons is None else dataset.electrons
    values[ELECTRONS] = at_zero * 10 ** (-0.4 * values["magnitude"])
    values[SPAN] = np.full(len(frame), np.nan if dataset.span is None else dataset.span)
    return values


def as_catalogued(
    dataset: Dataset, name: str, values: NDArray[np.float64]
) -> tuple[str, NDArray[np.float64]] | None:
    """Return what a mission's catalogue would have to hold for `quantities_of` to give values.

    Parameters
    ----------
    dataset
        The mission.
    name
        Name of a quantity.
    values
        In the quantity's unit, shape ``(n,)``.

    Returns
    -------
    tuple of str and ndarray, or None
        Name of the mission's column and values in its unit; None where it has no such column.
    """
    column = dataset.quantities.get(name)
    if column is None:
        return None
    factor = unit_factor(dataset.column(column).unit, QUANTITIES[name].unit)
    return column, (values - dataset.zero_points.get(name, 0.0)) / factor
