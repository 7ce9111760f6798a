"""The rows that a large table was predicted for, kept beside the predictions in groups.

Draws, checks and reasons of an object need its own values again, and what the whole table says of
its neighbours: a page of objects reads a few groups, and not the file that was sent.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.datasets import DATASETS
from mlcore.datasets.table import Table
from mlcore.prediction.file_layout import VALUE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["as_stored", "stored_rows"]

_ABOUT = b"mlcore.rows"
_NUMBER = "row_number"
_ERROR, _NEIGHBOURS = "error:", "neighbours:"


def as_stored(table: Table, neighbours: pd.DataFrame) -> pa.Table:
    """Return rows as they are kept.

    Parameters
    ----------
    table
        The rows.
    neighbours
        Their features that depend on the whole table.
    """
    columns = {_NUMBER: pa.array(table.row_numbers)}
    parts = ((VALUE, table.frame), (_ERROR, table.withheld_errors), (_NEIGHBOURS, neighbours))
    for prefix, frame in parts:
        columns |= {f"{prefix}{name}": _column(frame[name]) for name in frame}
    about = {
        "mission": table.dataset.name,
        "ignored_columns": list(table.ignored_columns),
        "withheld_columns": list(table.withheld_columns),
    }
    return pa.table(columns, metadata={_ABOUT: json.dumps(about)})


def stored_rows(
    path: Path, numbers: Sequence[int], names: Sequence[str], hosts: Sequence[str]
) -> tuple[Table, pd.DataFrame]:
    """Return rows by their numbers, with their features that depend on the whole table.

    Parameters
    ----------
    path
        A file of what `as_stored` returned.
    numbers
        From 1, in the order in which the rows are returned.
    names, hosts
        What they are called: a star may have its name from another row of the table.
    """
    file = pq.ParquetFile(path)
    about = json.loads(file.schema_arrow.metadata[_ABOUT])
    asked = np.asarray(numbers, dtype=np.int64) - 1
    sizes = [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)]
    starts = np.cumsum([0, *sizes])
    group = np.searchsorted(starts, asked, side="right") - 1
    read, order = [], []
    for place in np.unique(group).tolist():
        here = np.flatnonzero(group == place)
        read.append(file.read_row_group(place).take(pa.array(asked[here] - starts[place])))
        order.append(here)
    back = np.argsort(np.concatenate(order))
    rows = pa.concat_tables(read).take(pa.array(back)).to_pandas()

    def part(prefix: str) -> pd.DataFrame:
        named = [name for name in rows if name.startswith(prefix)]
        found: pd.DataFrame = rows[named]
        return found.set_axis([name.removeprefix(prefix) for name in named], axis=1)

    table = Table(
        dataset=DATASETS[about["mission"]],
        frame=part(VALUE),
        row_numbers=rows[_NUMBER].to_numpy(),
        withheld_errors=part(_ERROR),
        ignored_columns=tuple(about["ignored_columns"]),
        withheld_columns=tuple(about["withheld_columns"]),
    )
    # What the whole table worked out takes the place of what these rows alone would.
    vars(table)["names"] = pd.Series(list(names), dtype="str", name="name")
    vars(table)["hosts"] = pd.Series(list(hosts), dtype="str", name="host")
    return table, part(_NEIGHBOURS)


def _column(values: pd.Series[Any]) -> pa.Array:
    if pd.api.types.is_float_dtype(values):
        return pa.array(values.to_numpy(dtype=np.float64))
    found = pa.array(values, pa.string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
