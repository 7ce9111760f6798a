"""Parquet files, which state much before anything of them is unpacked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["opened", "pieces"]

_CELLS_AT_ONCE = 1 << 17


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a Parquet file whose claims are within the limits.

    Raises
    ------
    NotATableError
        When it is damaged, now or while it is read, or unpacks to more than `LIMITS` allows.
    DataError
        When it has too many rows or columns.
    """
    with path.open("rb") as file:
        # What is known of every column and row group, for which several times as much is taken.
        file.seek(max(0, path.stat().st_size - 8))
        footer = int.from_bytes(file.read(4), "little")
    if footer > LIMITS.part_bytes:
        raise NotATableError(
            f"The Parquet file describes itself in more than {LIMITS.part_bytes / 10**6:g} MB."
        )
    try:
        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
        check_size(rows=metadata.num_rows, columns=len(schema.names))
        sizes = (metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
        if sum(sizes) > LIMITS.unpacked_bytes:
            limit = LIMITS.unpacked_bytes / 10**6
            raise NotATableError(f"The Parquet file unpacks to more than {limit:g} MB.")
        # A word that is stored once and meant a million times is to stay one word in memory.
        words = [field.name for field in schema if _is_text(field.type)]
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=words) as file:
            yield file
    # Damage shows as any of these; what is not text in a column of text as a ValueError.
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise NotATableError(f"The Parquet file is damaged; {EXPECTED}.") from error


def pieces(file: Any, names: Sequence[str], kept: Sequence[int]) -> Iterator[pd.DataFrame]:
    """Yield the rows of an opened file.

    Raises
    ------
    DataError
        When a column has neither numbers nor words, or too long ones.
    """
    schema = file.schema_arrow
    for place in kept:
        kind = schema.field(place).type
        if not _is_simple(kind):
            raise DataError(
                f"Column {names[place]} of the Parquet file has values of the type"
                f" {str(kind).split('<')[0].split('[')[0]}; allowed are numbers and words."
            )
    columns = [schema.names[place] for place in kept]
    rows = max(1, _CELLS_AT_ONCE // max(1, len(columns)))
    for batch in file.iter_batches(batch_size=rows, columns=columns, use_threads=False):
        arrays = {str(n): _words(column, columns[n]) for n, column in enumerate(batch.columns)}
        yield (
            pa.table(arrays).to_pandas(ignore_metadata=True)
            if arrays
            else pd.DataFrame(index=pd.RangeIndex(batch.num_rows))
        )


def _words(column: Any, name: str) -> Any:
    packed = pa.types.is_dictionary(column.type)
    words = column.dictionary if packed else column
    if not _is_text(words.type):
        return column
    # Before each row gets a word of its own; a character has four bytes at most.
    if (pc.max(pc.binary_length(words)).as_py() or 0) > 4 * LIMITS.cell_characters:
        raise DataError(
            f"Column {name} has a word of more than the {LIMITS.cell_characters:,} characters that"
            " it may have."
        )
    # By way of bytes, because only this way looks whether they are text. Some writers do not say
    # that they are, and of some the file says so that are not.
    words = words.cast(pa.large_binary()).cast(pa.large_string())
    return words.take(column.indices) if packed else words


def _is_text(kind: Any) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string)
    return any(is_it(kind) for is_it in (*kinds, pa.types.is_binary, pa.types.is_large_binary))


def _is_simple(kind: Any) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(
        is_it(kind)
        for is_it in (
            *(pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal),
            *(pa.types.is_boolean, pa.types.is_null, _is_text),
            *(pa.types.is_date, pa.types.is_timestamp, pa.types.is_time),
        )
    )
