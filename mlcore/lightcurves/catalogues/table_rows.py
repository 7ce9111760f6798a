"""A mission's table as rows of the catalogues beside light curves."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.object_names import Catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.table import Table

__all__ = ["STAR_NUMBERS", "rows_of_table"]

STAR_NUMBERS = MappingProxyType({"kepler": Catalogue.KIC, "tess": Catalogue.TIC})
"""Whose numbers a mission's table has for its stars; K2's has names."""
_EPOCHS = MappingProxyType({"k2": "pl_tranmid"})
"""Column of mid-times [BJD] where it is no quantity that features are made of: that K2's table has
one states the disposition. The archive's default columns of K2 are without."""


def rows_of_table(table: Table) -> pd.DataFrame:
    """Return what is kept of each row of a mission's table, without a probability.

    Parameters
    ----------
    table
        Of Kepler, K2 or TESS.

    Returns
    -------
    DataFrame
        The fields of `mlcore.lightcurves.catalogues.row.CatalogueRow` up to its disposition, in
        the table's order.
    """
    mission = table.dataset.name
    columns = {"epoch": _EPOCHS.get(mission, "epoch"), **table.dataset.quantities}
    both = pd.concat([table.frame, table.withheld_errors], axis=1)

    def of(name: str) -> pd.Series[float]:
        # An error has a name of its own where the table has it at all.
        found = both.get(columns.get(name, name))
        return pd.Series(np.nan, index=both.index) if found is None else found.astype("float64")

    def error(name: str) -> pd.Series[float]:
        own = columns.get(name, name)
        sides = [of(f"{own}{end}") for end in ("_err1", "_err2", "err1", "err2")]
        return pd.concat(sides, axis=1).abs().max(axis=1).astype("float32")

    labels: Sequence[object] = [] if table.labels is None else table.labels.tolist()
    catalogue = STAR_NUMBERS.get(mission)
    return pd.DataFrame(
        {
            "mission": mission,
            "name": list(map(str, table.names)),
            "star": [
                str(host) if catalogue is None else f"{catalogue} {host}" for host in table.hosts
            ],
            "period": of("period"),
            "period_error": error("period"),
            "epoch": of("epoch") + table.dataset.zero_points.get("epoch", 0.0),
            "epoch_error": error("epoch"),
            "duration": of("duration").astype("float32"),
            "depth": of("depth").astype("float32"),
            "magnitude": of("magnitude").astype("float32"),
            "right_ascension": of("right_ascension"),
            "declination": of("declination"),
            "disposition": [label if isinstance(label, str) else "" for label in labels],
        }
    )
