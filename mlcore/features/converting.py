"""From a mission's table to the quantities and back: units, zero points, the star's light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.units import parse_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table

__all__ = ["ELECTRONS", "HOST", "OBJECT", "as_catalogued", "quantities_of"]

HOST = "host"
"""Column of `quantities_of` that names the host star."""
OBJECT = "object"
"""Column of `quantities_of` that names the object; missing where the table has no name."""

ELECTRONS = "electrons"
"""Column of `quantities_of` with the electrons that the star's light makes in an hour."""

_ELECTRONS = {
    # 4.5 billion in 6.5 hours at 12th magnitude: Van Cleve & Caldwell 2016, Kepler Instrument
    # Handbook, KSCI-19033. K2 is the same telescope.
    "kepler": 4.5e9 / 6.5 * 10 ** (0.4 * 12),
    "k2": 4.5e9 / 6.5 * 10 ** (0.4 * 12),
    # 1.514 million photons a second and square centimetre at magnitude 0 on 69 square
    # centimetres: Sullivan et al. 2015, ApJ 809, 77.
    "tess": 1.514e6 * 69 * 3600,
}
"""Electrons in an hour at magnitude 0 in the mission's band."""

_ZERO_POINTS = {("kepler", "epoch"): 2454833.0}
"""What is added to a mission's values: epochs of Kepler count from BJD 2454833."""


def quantities_of(table: Table) -> pd.DataFrame:
    """Return a table's quantities.

    Parameters
    ----------
    table
        Rows of any mission.

    Returns
    -------
    DataFrame
        Shape ``(n, q + 3)``: every quantity and `ELECTRONS` as float64, NaN where the mission or
        the row has none, and the names `HOST` and `OBJECT`.
    """
    frame = table.frame
    values: dict[str, Any] = {}
    for name, quantity in QUANTITIES.items():
        column = quantity.columns.get(table.dataset.name)
        if column is None or column not in frame:
            values[name] = np.full(len(frame), np.nan)
            continue
        factor = _factor(table.dataset.column(column).unit, quantity.unit)
        found = frame[column].to_numpy(dtype=np.float64) * factor
        found = found + _ZERO_POINTS.get((table.dataset.name, name), 0.0)
        if quantity.positive:
            found = np.where(found > 0, found, np.nan)
        values[name] = np.where(np.isfinite(found), found, np.nan)
    values[ELECTRONS] = _ELECTRONS[table.dataset.name] * 10 ** (-0.4 * values["magnitude"])
    values[HOST] = table.hosts
    named = next((each for each in table.dataset.object_name if each in frame), None)
    # The last resort of some missions is the star's own number, which several objects share.
    is_name = named is not None and named != table.dataset.host
    values[OBJECT] = frame[named] if is_name else pd.Series(None, index=frame.index, dtype="str")
    return pd.DataFrame(values, index=frame.index)


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
    column = QUANTITIES[name].columns.get(dataset.name) if name in QUANTITIES else None
    if column is None:
        return None
    factor = _factor(dataset.column(column).unit, QUANTITIES[name].unit)
    return column, (values - _ZERO_POINTS.get((dataset.name, name), 0.0)) / factor


def _factor(unit: str, wanted: str) -> float:
    # Logarithmic units are shared by all missions, and have no factor.
    if unit == wanted:
        return 1.0
    return float(parse_unit(unit).to(parse_unit(wanted)))
