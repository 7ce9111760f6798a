"""A mission's table as it was on one day, in a file that never changes, with its test split.

The split is part of the file: whatever version of whatever library reads it later, the same rows
are the test rows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.computed import NOTHING_KEPT, Computed
from mlcore.datasets.checking import read_table
from mlcore.datasets.reading import Reading
from mlcore.datasets.spec import IN_TEST_SPLIT
from mlcore.datasets.splits import split_by_star
from mlcore.datasets.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset

__all__ = ["fixed_test_rows", "read_snapshot", "read_whole_snapshot", "write_snapshot"]

_ROW = "row_number"
_SAID = b"said of the rows"
_WORDS = ("ignored_columns", "withheld_columns", "missing_columns", "warnings")
"""Fields of a `Table` that hold words."""


def fixed_test_rows(table: Table) -> NDArray[np.bool_]:
    """Return which rows of a table with labels are its test rows, shape ``(n,)``.

    Rows without a label are none: they are neither trained on nor tested.
    """
    labels = table.labels
    if labels is None:
        raise ValueError("a snapshot needs labels")
    labelled = labels.notna().to_numpy()
    tested = np.zeros(len(table), dtype=bool)
    tested[labelled] = split_by_star(table.hosts[labelled], labels[labelled])
    return tested


def write_snapshot(table: Table, path: Path) -> NDArray[np.bool_]:
    """Write a table with its fixed test split as Parquet; see `fixed_test_rows`.

    Parameters
    ----------
    table
        A mission's table with labels.
    path
        Where to write; an existing file is replaced.

    Returns
    -------
    ndarray of bool, shape ``(n,)``
        True for a test row.
    """
    tested = fixed_test_rows(table)
    # The withheld uncertainties stay in the file, where reading it withholds them again.
    split = pd.Series(tested, index=table.frame.index, name=IN_TEST_SPLIT)
    frame = pd.concat([table.frame, table.withheld_errors, split], axis=1)
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")
    return tested


def read_snapshot(
    path: Path, dataset: Dataset, *, computed: Computed = NOTHING_KEPT
) -> tuple[Table, Table]:
    """Read the training and the test rows of a snapshot.

    Parameters
    ----------
    path
        A file that `write_snapshot` wrote.
    dataset
        Its mission.
    computed
        Where its rows may be kept as they were read and checked.

    Returns
    -------
    training, testing : Table
        Labelled rows; no host star is in both.
    """
    table, tested = read_whole_snapshot(path, dataset, computed=computed)
    labels = table.labels
    if labels is None:
        raise ValueError("a snapshot has labels")
    return table.take(labels.notna().to_numpy() & ~tested), table.take(tested)


def read_whole_snapshot(
    path: Path, dataset: Dataset, *, computed: Computed = NOTHING_KEPT
) -> tuple[Table, NDArray[np.bool_]]:
    """Read all rows of a snapshot, those without a label too, and which are its test rows.

    Parameters
    ----------
    path, dataset, computed
        As in `read_snapshot`.

    Returns
    -------
    table : Table
    tested : ndarray of bool, shape ``(n,)``
    """
    checked = computed.columns(
        "checked rows", [dataset, path.read_bytes()], lambda: _checked(path, dataset)
    )
    said = json.loads(checked.schema.metadata[_SAID])
    rows = checked.to_pandas()
    table = Table(
        dataset=dataset,
        frame=rows[said["kept"]],
        withheld_errors=rows[said["withheld_errors"]]
        if said["withheld_errors"]
        else pd.DataFrame(),
        row_numbers=rows[_ROW].to_numpy(),
        reading=Reading.from_json(said["reading"]),
        **{name: tuple(said[name]) for name in _WORDS},
    )
    return table, rows[IN_TEST_SPLIT].to_numpy(dtype=bool)


def _checked(path: Path, dataset: Dataset) -> pa.Table:
    """Return a snapshot's rows as they are read and checked, with what is said of them."""
    table = read_table(path, dataset, require_labels=True)
    tested = pq.read_table(path, columns=[IN_TEST_SPLIT]).column(IN_TEST_SPLIT)
    added = pd.DataFrame(
        {_ROW: table.row_numbers, IN_TEST_SPLIT: tested.to_numpy()}, index=table.frame.index
    )
    rows = pa.Table.from_pandas(
        pd.concat([table.frame, table.withheld_errors, added], axis=1), preserve_index=False
    )
    said = {
        "kept": list(table.frame),
        "withheld_errors": list(table.withheld_errors),
        "reading": table.reading.as_json(),
        **{name: getattr(table, name) for name in _WORDS},
    }
    return rows.replace_schema_metadata(rows.schema.metadata | {_SAID: json.dumps(said)})
