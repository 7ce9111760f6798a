"""The archive's tables that the benchmark reads, recognised in a folder by their columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mlcore.datasets import K2, KEPLER, TESS, read_columns, read_frame, read_table
from mlcore.datasets.carried import CARRIED
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table

__all__ = ["BenchmarkTables", "tables_in_folder"]

_SOURCE = "reconstruction_source"
"""Column of the rebuilt wide table that says which real table a row is from."""
_UNTREATED = "partial_default+gottlieb"
"""Its value for objects that the pipeline's last run did not treat."""
_WIDE = "koi_dikco_msky"
"""A column that only wide tables have."""


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
    kepler = list(_found(folder, KEPLER))
    rebuilt = next((path for path, columns, _ in kepler if _SOURCE in columns), None)
    default = [
        (dated or date.min, path)
        for path, columns, dated in kepler
        if _SOURCE not in columns and _WIDE not in columns
    ]
    old = next(
        (path for path, columns, _ in kepler if _SOURCE not in columns and _WIDE in columns),
        CARRIED["kepler"].path,
    )
    treated = None
    if rebuilt is not None:
        sources = read_frame(rebuilt, columns=(_SOURCE,), text={_SOURCE}).frame[_SOURCE]
        treated = (sources != _UNTREATED).to_numpy(dtype=bool)
    return BenchmarkTables(
        kepler=_read(max(default, default=(date.min, None))[1], KEPLER),
        kepler_wide=_read(rebuilt, KEPLER),
        treated=treated,
        kepler_2017=_read(old, KEPLER),
        tess=_read(_newest(folder, TESS), TESS),
        k2=_read(_newest(folder, K2), K2),
    )


def _found(folder: Path, dataset: Dataset) -> Iterator[tuple[Path, frozenset[str], date | None]]:
    needed = {dataset.label, dataset.host, dataset.object_name[0]}
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        try:
            names, dated = read_columns(path)
        except (DataError, OSError):
            continue
        if needed <= set(names):
            yield path, frozenset(names), dated


def _newest(folder: Path, dataset: Dataset) -> Path | None:
    found = [(dated or date.min, path) for path, _, dated in _found(folder, dataset)]
    return max(found, default=(date.min, None))[1]


def _read(path: Path | None, dataset: Dataset) -> Table | None:
    return None if path is None else read_table(path, dataset, require_labels=True)
