"""Which rows a mission's last pipeline run treated: of the others the gaps state the label.

Objects that the run left out lack whole groups of the full table's columns, and they are nearly all
of one disposition. A model on the full table's columns would learn the gaps and call it physics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.readers.read import read_frame

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table

__all__ = ["treated", "treated_in_file"]


def treated(table: Table) -> NDArray[np.bool_]:
    """Tell which rows the last run treated, by what only the full table has, shape ``(n,)``.

    A row that it did not treat has no uncertainty in any such column. Where the mission declares no
    such rows, or the table has no such column, all rows count as treated.
    """
    errors = [
        column.name
        for column in table.dataset.feature_columns(wide=True)
        if column.wide and column.uncertainty_of is not None and column.name in table.frame
    ]
    if table.dataset.untreated is None or not errors:
        return np.ones(len(table), dtype=bool)
    return np.asarray(table.frame[errors].notna().any(axis=1), dtype=bool)


def treated_in_file(path: Path, table: Table) -> NDArray[np.bool_]:
    """Tell the same of a table by what its file says, where it does.

    Parameters
    ----------
    path
        The file that `table` was read from, all of its rows in their order.
    table
        The table.
    """
    untreated = table.dataset.untreated
    if untreated is None or untreated.origin not in table.ignored_columns:
        return treated(table)
    name = untreated.origin
    origin = read_frame(path, columns=(name,), text={name}).frame[name]
    return (origin != untreated.marker).to_numpy(dtype=bool)
