"""What the probes see of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from mlcore.datasets.spec import Role
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table

__all__ = ["ProbeRows", "bookkeeping_numbers", "probe_rows"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ProbeRows:
    """The same rows as the model and as the probes see them."""

    features: pd.DataFrame
    """What the model sees, missing values included, shape ``(n, p)``."""
    bookkeeping: pd.DataFrame
    """What `bookkeeping_numbers` returned, shape ``(n, q)``."""
    labels: pd.Series[str]
    hosts: pd.Series[str]

    def take(self, mask: NDArray[np.bool_]) -> ProbeRows:
        """Return the rows where a mask of shape ``(n,)`` is true."""
        return ProbeRows(
            features=self.features[mask],
            bookkeeping=self.bookkeeping[mask],
            labels=self.labels[mask],
            hosts=self.hosts[mask],
        )

    def with_rows_of(self, other: ProbeRows) -> ProbeRows:
        """Return these rows and after them those of `other`."""
        return ProbeRows.joined([self, other])

    @classmethod
    def joined(cls, parts: Sequence[ProbeRows]) -> ProbeRows:
        """Return the rows of all parts, one after the other."""
        return cls(
            features=pd.concat([each.features for each in parts], ignore_index=True),
            bookkeeping=pd.concat([each.bookkeeping for each in parts], ignore_index=True),
            labels=pd.concat([each.labels for each in parts], ignore_index=True),
            hosts=pd.concat([each.hosts for each in parts], ignore_index=True),
        )


def probe_rows(table: Table, features: pd.DataFrame | None = None) -> ProbeRows:
    """Return the rows of a labelled table as the probes see them.

    Parameters
    ----------
    table
        Rows with labels.
    features
        What the model sees of these rows, where that is not the table's default columns.

    Raises
    ------
    DataError
        When the table has no labels.
    """
    if table.labels is None:
        raise DataError(f"The table has no column {table.dataset.label}, which probes need.")
    return ProbeRows(
        features=table.features if features is None else features,
        bookkeeping=bookkeeping_numbers(table),
        labels=table.labels,
        hosts=table.hosts,
    )


def bookkeeping_numbers(table: Table) -> pd.DataFrame:
    """Return the numbers of a table that are bookkeeping, shape ``(n, q)``.

    They are what the archive keeps beside the measurements, such as counters, epochs and limb
    darkening coefficients; one that the table lacks is missing everywhere. Columns that state or
    follow the label are not among them: no model sees these.
    """
    names = [
        column.name
        for column in table.dataset.columns
        if column.role is Role.BOOKKEEPING and column.leak is None and not column.text
    ]
    return table.frame.reindex(columns=names).astype("float64")
