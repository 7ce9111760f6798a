"""Snapshots of a few rows, written as loading a table writes them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.datasets import DATASETS
from sessions_app.files import storage
from sessions_app.models import DatasetSnapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def kept_snapshot(
    columns: Mapping[str, Sequence[Any]], *, mission: str = "kepler", **fields: Any
) -> DatasetSnapshot:
    """Keep a table of these columns as a snapshot."""
    label = DATASETS[mission].label
    with storage.unfinished_file() as path:
        pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        name = storage.keep_file(path, f"datasets/{mission}-{sha256}.parquet")
    words = [DATASETS[mission].labels.get(word) for word in columns[label]]
    return DatasetSnapshot.objects.create(
        **{
            "mission": mission,
            "source": "file",
            "source_description": "a file of a few rows",
            "sha256": sha256,
            "file": name,
            "file_sha256": sha256,
            "rows": len(columns[label]),
            "test_rows": 0,
            "columns": list(columns),
            "label_counts": {str(word): words.count(word) for word in set(words) if word},
        }
        | fields
    )


def koi_snapshot(
    name: str, *, kepid: int, period: float, epoch: float, **fields: Any
) -> DatasetSnapshot:
    """Keep a current table of one KOI, a candidate, with its epoch [BKJD]."""
    columns = {
        "kepoi_name": [name],
        "kepid": [str(kepid)],
        "koi_disposition": ["CANDIDATE"],
        "koi_period": [period],
        "koi_time0bk": [epoch],
        "in_test_split": [False],
    }
    return kept_snapshot(columns, is_current=True, **fields)
