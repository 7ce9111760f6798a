"""ECSV: text that a spreadsheet reads, under comments by which astropy knows types and units."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy import units
from astropy.table import Column, Table

from mlcore.datasets.units import parse_unit
from mlcore.prediction.table_formats.described import columns_in, provenance_in

if TYPE_CHECKING:
    from gzip import GzipFile

    import pyarrow.parquet as pq

    from mlcore.prediction.table_formats.described import DescribedColumn

__all__ = ["write"]

_ROWS = 1000


def write(source: pq.ParquetFile, file: GzipFile) -> None:
    """Write a described Parquet file as ECSV, some rows at a time.

    A line break within a word becomes a blank: readers take the file line by line.
    """
    columns = columns_in(source.schema_arrow)
    meta = {fact.name: fact.value for fact in provenance_in(source.schema_arrow)}
    empty = Table([_empty(column) for column in columns], meta=meta)
    header = io.StringIO()
    empty.write(header, format="ascii.ecsv", delimiter=",")
    file.write(header.getvalue().encode())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for batch in source.iter_batches(batch_size=_ROWS):
        cells = [[_cell(value) for value in values.to_pylist()] for values in batch.columns]
        writer.writerows(zip(*cells, strict=True))
        file.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()


def _empty(column: DescribedColumn) -> Column:
    return Column(
        np.zeros(0, dtype=column.kind),
        name=column.name,
        unit=_unit(column.unit) if column.unit else None,
        description=column.description or None,
        meta={"ucd": column.ucd} if column.ucd else None,
    )


def _unit(text: str) -> units.UnitBase:
    """Return a unit that every astropy knows: parts per million are none of its own names."""
    try:
        return units.Unit(text)
    except ValueError:
        return units.Unit(parse_unit(text).decompose())


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.splitlines())
    return "" if value is None else value
