"""Files of records of stars and signals, of which one is read without the others.

A few records lie in a row group, so that one of a thousand stars costs little more than one.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import fields
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.lightcurves.records import row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["SIGNALS", "STARS", "RecordFile", "RecordWriter"]

STARS, SIGNALS = "stars.parquet", "signals.parquet"
"""Names of the two files in the folder of a session's results."""

_Record = TypeVar("_Record")
_TOGETHER = 16
"""Records in a row group. What is said of each group is held until the file is complete."""

_TYPES: dict[Any, pa.DataType] = {
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    bool: pa.bool_(),
    float | None: pa.float64(),
    list[str]: pa.list_(pa.string()),
    list[int]: pa.list_(pa.int64()),
    list[bool]: pa.list_(pa.bool_()),
    # What is drawn is drawn with five digits at most, but times have nine.
    list[float]: pa.list_(pa.float64()),
}


def _schema(record: type[Any]) -> pa.Schema:
    hints = get_type_hints(record)
    return pa.schema([(one.name, _TYPES[hints[one.name]]) for one in fields(record)])


class RecordWriter(Generic[_Record]):
    """Writes records one after the other; used as a context.

    Parameters
    ----------
    path
        Where to write; an existing file is replaced.
    record
        Of which kind they are.
    """

    def __init__(self, path: Path, record: type[_Record]) -> None:
        self._schema = _schema(record)
        # Of numbers that hardly ever come twice, and of which nobody looks for one.
        self._writer = pq.ParquetWriter(
            path, self._schema, compression="zstd", use_dictionary=False, write_statistics=False
        )
        self._waiting: list[dict[str, Any]] = []

    def __enter__(self) -> RecordWriter[_Record]:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def write(self, records: Iterable[_Record]) -> None:
        """Write records; the last ones are in the file when the context ends."""
        for record in records:
            self._waiting.append(row_of(record))
            if len(self._waiting) == _TOGETHER:
                self._flush()

    def _flush(self) -> None:
        if self._waiting:
            table = pa.Table.from_pylist(self._waiting, schema=self._schema)
            self._writer.write_table(table)
            self._waiting = []


class RecordFile(Generic[_Record]):
    """Reads records by their place.

    Parameters
    ----------
    path
        A file that `RecordWriter` wrote.
    record
        Of which kind they are.
    """

    def __init__(self, path: Path, record: type[_Record]) -> None:
        self._path, self._record = path, record
        self._metadata = pq.read_metadata(path)

    def __len__(self) -> int:
        return int(self._metadata.num_rows)

    def numbered(self, number: int) -> _Record | None:
        """Return the record of a number from 1, None where there is none."""
        return next(self.taken([number])) if 1 <= number <= len(self) else None

    def taken(self, numbers: Iterable[int]) -> Iterator[_Record]:
        """Yield the records of these numbers, all of which there are, in this order.

        Of neighbours the file is read once for all that lie in a row group.
        """
        groups = range(self._metadata.num_row_groups)
        begins = [0, *accumulate(self._metadata.row_group(one).num_rows for one in groups)]
        with pq.ParquetFile(self._path, metadata=self._metadata) as file:
            held, there = None, -1
            for number in numbers:
                group = bisect_right(begins, number - 1) - 1
                if held is None or group != there:
                    held, there = file.read_row_group(group), group
                (row,) = held.slice(number - 1 - begins[group], 1).to_pylist()
                yield self._record(**row)

    def without_lists(self) -> Iterator[_Record]:
        """Yield all records with nothing in their lists, which are long; words are kept."""
        drawn = (pa.list_(pa.float64()), pa.list_(pa.bool_()))
        long = {one.name for one in _schema(self._record) if one.type in drawn}
        with pq.ParquetFile(self._path, metadata=self._metadata) as file:
            names = [name for name in file.schema_arrow.names if name not in long]
            for batch in file.iter_batches(columns=names):
                for row in batch.to_pylist():
                    yield self._record(**row)
