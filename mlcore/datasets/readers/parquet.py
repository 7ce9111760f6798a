"""Parquet files, which state much before anything of them is unpacked."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlcore.datasets.readers.dates import DATED_KEY
from mlcore.datasets.readers.ecsv import stated_columns
from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mlcore.datasets.readers.packing import Content

__all__ = ["opened", "opened_file"]

_CELLS_AT_ONCE = 1 << 18
_ASTROPYS_HEADER = b"table_meta_yaml"


@contextmanager
def opened(content: Content) -> Iterator[Opened]:
    """Open a Parquet file whose claims are within the limits as a table.

    Raises
    ------
    NotATableError, DataError
        As `opened_file`.
    """
    with opened_file(content) as file:
        schema = file.schema_arrow
        yield Opened(
            headings=_headings(schema), pieces=partial(_pieces, file), dated=_dated(schema)
        )


@contextmanager
def opened_file(content: Content) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file whose claims are within the limits.

    Raises
    ------
    NotATableError
        When it is damaged, now or while it is read, or unpacks to more than `LIMITS` allows.
    DataError
        When it has too many rows or columns.
    """
    try:
        with content.file() as stored:
            metadata = _metadata(stored)
            schema = metadata.schema.to_arrow_schema()
            check_size(rows=metadata.num_rows, columns=len(schema.names))
            sizes = (metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
            if sum(sizes) > LIMITS.unpacked_bytes:
                limit = LIMITS.unpacked_bytes / 10**6
                raise NotATableError(f"The Parquet file unpacks to more than {limit:g} MB.")
            # A word that is stored once and meant a million times is to stay one word in memory.
            words = [field.name for field in schema if _is_text(field.type)]
            with pq.ParquetFile(stored, metadata=metadata, read_dictionary=words) as file:
                yield file
    # Damage shows as any of these; what is not text in a column of text as a ValueError.
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise NotATableError(f"The Parquet file is damaged; {EXPECTED}.") from error


def _metadata(stored: BinaryIO) -> Any:
    # What is known of every column and row group, for which several times as much is taken.
    stored.seek(max(0, stored.seek(0, 2) - 8))
    footer = int.from_bytes(stored.read(4), "little")
    if footer > LIMITS.part_bytes:
        raise NotATableError(
            f"The Parquet file describes itself in more than {LIMITS.part_bytes / 10**6:g} MB."
        )
    stored.seek(0)
    return pq.read_metadata(stored)


def _headings(schema: Any) -> list[Heading]:
    """Return the columns' names, with units where a column or astropy's own header states them."""
    stated = (schema.metadata or {}).get(_ASTROPYS_HEADER, b"").decode(errors="replace")
    columns = stated_columns(stated.splitlines()) if stated else []
    units = {column.get("name"): column.get("unit") for column in columns}
    return [
        Heading(
            name=field.name,
            unit=(field.metadata or {}).get(b"unit", b"").decode(errors="replace")
            or str(units.get(field.name) or ""),
        )
        for field in schema
    ]


def _dated(schema: Any) -> date | None:
    stated = (schema.metadata or {}).get(DATED_KEY, b"").decode(errors="replace")
    return date.fromisoformat(stated) if re.fullmatch(r"\d{4}-\d\d-\d\d", stated) else None


def _pieces(file: Any, kept: Sequence[int], words: Collection[int]) -> Iterator[pd.DataFrame]:  # noqa: ARG001
    schema = file.schema_arrow
    for place in kept:
        field = schema.field(place)
        if not _is_simple(field.type):
            raise DataError(
                f"Column {field.name.strip().lower()} of the Parquet file has values of the type"
                f" {str(field.type).split('<')[0].split('[')[0]}; allowed are numbers and words."
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
