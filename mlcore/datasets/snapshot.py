"""A mission's table as it was on one day, in a file that never changes, with its test split.

The split is part of the file: whatever version of whatever library reads it later, the same rows
are the test rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.datasets.table import read_table
from mlcore.splitting import split_by_star

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table

__all__ = ["read_snapshot", "write_snapshot"]

_TESTED = "in_test_split"


def write_snapshot(table: Table, path: Path) -> NDArray[np.bool_]:
    """Write a table with its fixed test split as Parquet.

    Rows without a label belong to neither side: they are neither trained on nor tested.

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
    labels = table.labels
    if labels is None:
        msg = "a snapshot needs labels"
        raise ValueError(msg)
    labelled = labels.notna().to_numpy()
    tested = np.zeros(len(table), dtype=bool)
    tested[labelled] = split_by_star(table.hosts[labelled], labels[labelled])
    frame = table.frame.assign(**{_TESTED: tested})
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, compression="zstd")
    return tested


def read_snapshot(path: Path, dataset: Dataset) -> tuple[Table, Table]:
    """Read the training and the test rows of a snapshot.

    Parameters
    ----------
    path
        A file that `write_snapshot` wrote.
    dataset
        Its mission.

    Returns
    -------
    training, testing : Table
        Labelled rows; no host star is in both.
    """
    table = read_table(path, dataset, require_labels=True)
    labels = table.labels
    if labels is None:
        msg = "a snapshot has labels"
        raise ValueError(msg)
    tested = pq.read_table(path, columns=[_TESTED]).column(_TESTED).to_numpy()
    labelled = labels.notna().to_numpy()
    return table.take(labelled & ~tested), table.take(tested)
