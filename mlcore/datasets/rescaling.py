"""A column in another unit, and its errors with it where they are in that unit too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.quantities import QUANTITIES, unit_factor
from mlcore.datasets.relations import ERROR_SIZES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset

__all__ = ["moves_with", "rescaled"]

_FEW = 5
"""Errors of epochs below which these do not tell."""


def rescaled(
    frame: pd.DataFrame, errors: pd.DataFrame, dataset: Dataset, quantity: str, factor: float
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Multiply a quantity's column, and those of its errors that are in the same unit.

    Somebody who converts a column may forget its errors. Which unit they have is told by their
    size: of the two, the one that is nearer to how large such errors usually are.

    Parameters
    ----------
    frame, errors
        The table's columns, and uncertainties that stand apart, of the same rows.
    dataset
        Whose columns they are.
    quantity
        Name of the quantity.
    factor
        From the unit that its column has to the one that is declared.

    Returns
    -------
    frame, errors : DataFrame
    moved : tuple of str
        Names of the columns of errors that were multiplied too.
    """
    name = dataset.quantities[quantity]
    values = _times(frame[name], factor)
    parts = (frame.assign(**{name: values}), errors.copy(deep=False))
    moved = []
    for column in dataset.columns:
        if column.uncertainty_of != name:
            continue
        for part in parts:
            if column.name in part and moves_with(
                part[column.name], values, {**errors, **frame}, dataset, quantity, factor
            ):
                part[column.name] = _times(part[column.name], factor)
                moved.append(column.name)
    return (*parts, tuple(moved))


def _times(values: pd.Series[float], factor: float) -> pd.Series[float]:
    """Return values in another unit, without the last bits that a multiplication leaves."""
    numbers = values.to_numpy(dtype=np.float64) * factor
    return pd.Series([float(f"{number:.12g}") for number in numbers], index=values.index)


def moves_with(
    error: pd.Series[float],
    values: pd.Series[float],
    columns: Mapping[str, pd.Series[float]],
    dataset: Dataset,
    quantity: str,
    factor: float,
) -> bool:
    """Tell whether errors are in their value's unit, and not in the column's own already.

    Parameters
    ----------
    error
        As they were read, shape ``(n,)``.
    values
        In the column's unit, shape ``(n,)``.
    columns
        The table's columns by name, that of the epoch's error among them where there is one.
    dataset
        Whose columns they are.
    quantity
        Name of the quantity.
    factor
        From the unit that its column has to the one that is declared.
    """
    if quantity not in ERROR_SIZES:
        return True
    own = dataset.column(dataset.quantities[quantity]).unit
    usual = ERROR_SIZES[quantity]
    to_quantity = unit_factor(own, QUANTITIES[quantity].unit)
    sizes = {
        "error": np.asarray(error.abs().to_numpy(), dtype=np.float64) * to_quantity,
        "value": np.asarray(values.to_numpy(), dtype=np.float64) * to_quantity,
    }
    sizes["error"][~(sizes["error"] > 0)] = np.nan
    epoch = _epoch_error(columns, dataset)
    with np.errstate(all="ignore"):
        relative = np.log10(sizes["error"] / sizes["value"]) - usual.relative
        ways: list[NDArray[np.floating]] = [relative]
        if usual.by_epoch is not None and epoch is not None:
            ways.insert(0, usual.by_epoch({**sizes, "epoch_error": epoch}))
    distances = next((way for way in ways if np.isfinite(way).sum() >= _FEW), ways[-1])
    known = distances[np.isfinite(distances)]
    if not len(known):
        return True
    here = float(np.median(known))
    return bool(abs(here + np.log10(factor)) < abs(here))


def _epoch_error(
    columns: Mapping[str, pd.Series[float]], dataset: Dataset
) -> NDArray[np.float64] | None:
    """Return the error of the epoch [d] where the table has one."""
    epoch = dataset.quantities.get("epoch")
    for column in dataset.columns:
        if epoch is not None and column.uncertainty_of == epoch and column.name in columns:
            size = np.abs(columns[column.name].to_numpy(dtype=np.float64))
            return np.where(size > 0, size, np.nan)
    return None
