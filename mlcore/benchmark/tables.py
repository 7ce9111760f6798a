"""The archive's tables that the benchmark reads, recognised in a folder by their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.datasets import K2, KEPLER, KEPLER_TCE, TESS, read_table
from mlcore.datasets.companion import companion_in, with_companion
from mlcore.datasets.folder import tables_of
from mlcore.datasets.missions.kepler import DR25
from mlcore.datasets.treated import treated_in_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets.folder import FoundTable
    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table

__all__ = ["BenchmarkTables", "tables_in_folder"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class BenchmarkTables:
    """The tables, as far as the folder has them."""

    kepler: Table | None = None
    """The newest table ``cumulative``, default columns."""
    kepler_wide: Table | None = None
    """The wide table ``cumulative``, rebuilt."""
    treated: NDArray[np.bool_] | None = None
    """Which rows of `kepler_wide` the pipeline's last run treated."""
    kepler_2017: Table | None = None
    """The Q1-Q17 DR25 table of 2017, every column."""
    events: Table | None = None
    """Kepler's threshold-crossing events, with the Robovetter's words where the folder has them."""
    tess: Table | None = None
    k2: Table | None = None


def tables_in_folder(folder: Path) -> BenchmarkTables:
    """Read the benchmark's tables.

    Parameters
    ----------
    folder
        Holds the archive's tables under any names; other files are passed over. Where it has no
        DR25 table of 2017, the carried one stands for it.

    Raises
    ------
    DataError
        When a recognised table cannot be read.
    """
    kepler = list(tables_of(folder, KEPLER))
    own = [table for table in kepler if not table.rebuilt]
    full = KEPLER.full_table_columns
    default = _newest(table for table in own if not full & table.columns)
    rebuilt = _newest(table for table in kepler if table.rebuilt)
    old = _newest(table for table in own if full & table.columns) or DR25.path
    wide = _read(rebuilt, KEPLER)
    return BenchmarkTables(
        kepler=_read(default, KEPLER),
        kepler_wide=wide,
        treated=None if rebuilt is None or wide is None else treated_in_file(rebuilt, wide),
        kepler_2017=_read(old, KEPLER),
        events=_with_companion(_read(_newest(tables_of(folder, KEPLER_TCE)), KEPLER_TCE), folder),
        tess=_read(_newest(tables_of(folder, TESS)), TESS),
        k2=_read(_newest(tables_of(folder, K2)), K2),
    )


def _newest(tables: Iterable[FoundTable]) -> Path | None:
    return max(((table.age, table.path) for table in tables), default=(None, None))[1]


def _with_companion(table: Table | None, folder: Path) -> Table | None:
    path = None if table is None else companion_in(folder, table)
    return table if table is None or path is None else with_companion(table, path)


def _read(path: Path | None, dataset: Dataset) -> Table | None:
    return None if path is None else read_table(path, dataset, require_labels=True)
