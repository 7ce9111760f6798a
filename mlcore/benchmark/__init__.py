"""The science benchmark: figures of the best known recipe beside the bars that they are held to."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.benchmark.cross_validated import (
    k2_vetting,
    kepler_disposition,
    kepler_vetting,
    kepler_wide_vetting,
    tess_vetting,
)
from mlcore.benchmark.events import kepler_events
from mlcore.benchmark.fewer_columns import fewer_columns
from mlcore.benchmark.product_route import product_route
from mlcore.benchmark.protocol import FULL, QUICK, Effort
from mlcore.benchmark.recipe import BlendedTrees
from mlcore.benchmark.rows import BenchmarkRow, as_markdown
from mlcore.benchmark.tables import BenchmarkTables, tables_in_folder
from mlcore.benchmark.transferred import between_missions, time_forward
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from mlcore.progress import ProgressCallback

__all__ = [
    "BENCHMARKS",
    "FULL",
    "QUICK",
    "BenchmarkRow",
    "BenchmarkTables",
    "BlendedTrees",
    "Effort",
    "as_markdown",
    "run_benchmarks",
    "tables_in_folder",
]


BENCHMARKS: Mapping[str, Callable[..., tuple[BenchmarkRow, ...]]] = MappingProxyType(
    {
        "Kepler, default columns": kepler_vetting,
        "Kepler, wide columns": kepler_wide_vetting,
        "Kepler, three dispositions": kepler_disposition,
        "TESS": tess_vetting,
        "from one mission to another": between_missions,
        "forward in time": time_forward,
        "K2": k2_vetting,
        "tables that lack columns": fewer_columns,
        "threshold-crossing events": kepler_events,
    }
)
"""What is measured, by what it is called while it runs."""


def run_benchmarks(
    folder: Path,
    *,
    only: Collection[str] | None = None,
    effort: Effort = FULL,
    progress: ProgressCallback = silent,
) -> tuple[BenchmarkRow, ...]:
    """Measure everything.

    Parameters
    ----------
    folder
        Holds the archive's tables; see `tables_in_folder`.
    only
        Names in `BENCHMARKS` of what is measured; everything by default.
    effort
        How much is fitted for each figure; only the figures of the whole effort are to be told.
    progress
        Called with the fraction of the benchmarks that are done and the name of the current one.

    Returns
    -------
    tuple of BenchmarkRow
        The lines of the table, in order; one whose table is missing has no value and says so.

    Raises
    ------
    DataError
        When a table of the folder cannot be read.

    Examples
    --------
    A folder without the archive's tables measures nothing, and each line says so:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import mlcore
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = mlcore.run_benchmarks(Path(folder))
    >>> rows[0].note
    'Not measured: the folder lacks the Kepler table cumulative.'
    """
    progress(0.0, "reading the tables")
    tables = tables_in_folder(folder)
    rows: list[BenchmarkRow] = []
    wanted = [name for name in BENCHMARKS if only is None or name in only]
    for place, name in enumerate(wanted):
        progress(place / (len(wanted) + 1), name)
        rows += BENCHMARKS[name](tables, effort=effort)
    if only is None:
        progress(len(wanted) / (len(wanted) + 1), "what the product offers")
        rows += product_route(tables, rows, effort=effort)
    progress(1.0, "measured everything")
    return tuple(rows)
