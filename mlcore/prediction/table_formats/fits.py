"""FITS: a binary table, with where it is from in its header.

Its words are ASCII, as the standard has it: what is not is written as Python escapes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.io import fits

from mlcore.datasets.units import parse_unit
from mlcore.prediction.table_formats.described import columns_in, provenance_in

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow.parquet as pq
    from astropy.units import UnitBase

    from mlcore.prediction.table_formats.described import DescribedColumn

__all__ = ["write"]

_ROWS = 1000
_NO_NUMBER = -(2**63)
"""Stands where a whole number is missing."""
_UNKNOWN = 0
"""Neither true nor false, which FITS writes as letters."""


def write(source: pq.ParquetFile, path: Path) -> None:
    """Write a described Parquet file as a binary table, some rows at a time."""
    columns = columns_in(source.schema_arrow)
    widths = _widths(source, columns)
    layout = np.dtype(
        [
            (f"c{number}", _DTYPES.get(column.kind) or f"S{width}")
            for number, (column, width) in enumerate(zip(columns, widths, strict=True))
        ]
    )
    stream = fits.StreamingHDU(path, _header(source, columns, widths))
    try:
        for batch in source.iter_batches(batch_size=_ROWS):
            rows = np.zeros(len(batch), dtype=layout)
            for place, (values, column) in enumerate(zip(batch.columns, columns, strict=True)):
                rows[f"c{place}"] = _cells(values, column.kind)
            if len(rows):
                stream.write(rows.view(np.uint8))
    finally:
        stream.close()


_DTYPES: dict[type, str] = {int: ">i8", float: ">f8", bool: "u1"}
_FORMATS: dict[type, str] = {int: "K", float: "D", bool: "L"}


def _header(
    source: pq.ParquetFile, columns: list[DescribedColumn], widths: list[int]
) -> fits.Header:
    declared = [
        fits.Column(
            name=column.name,
            format=_FORMATS.get(column.kind) or f"{width}A",
            unit=_unit(column.unit) if column.unit else None,
            null=_NO_NUMBER if column.kind is int else None,
        )
        for column, width in zip(columns, widths, strict=True)
    ]
    header = fits.BinTableHDU.from_columns(declared, nrows=0, name="PREDICTIONS").header
    header["NAXIS2"] = source.metadata.num_rows
    for number, column in enumerate(columns, start=1):
        if column.ucd:
            header[f"TUCD{number}"] = column.ucd
        if column.description:
            header[f"TCOMM{number}"] = _ascii(column.description)
    for fact in provenance_in(source.schema_arrow):
        header[fact.keyword] = _ascii(fact.value)
    return header


def _widths(source: pq.ParquetFile, columns: list[DescribedColumn]) -> list[int]:
    """Return how many letters each column of words needs, at least one."""
    widths = [1] * len(columns)
    words = [place for place, column in enumerate(columns) if column.kind is str]
    names = [columns[place].name for place in words]
    for batch in source.iter_batches(batch_size=_ROWS, columns=names):
        for place, values in zip(words, batch.columns, strict=True):
            longest = max((len(_ascii(word)) for word in values.to_pylist() if word), default=0)
            widths[place] = max(widths[place], longest)
    return widths


def _cells(values: pa.Array, kind: type) -> Any:
    if kind is str:
        return [_ascii(word or "").encode() for word in values.to_pylist()]
    if kind is bool:
        letters = {None: _UNKNOWN, True: ord("T"), False: ord("F")}
        return [letters[value] for value in values.to_pylist()]
    missing = _NO_NUMBER if kind is int else np.nan
    return pc.fill_null(values, pa.scalar(missing, values.type)).to_numpy(zero_copy_only=False)


def _ascii(text: str) -> str:
    """Return a text in what a FITS file can hold: ASCII that can be printed."""
    printed = "".join(char if char.isprintable() else " " for char in text)
    return printed.encode("ascii", "backslashreplace").decode()


def _unit(text: str) -> str:
    unit: UnitBase = parse_unit(text)
    try:
        return str(unit.to_string("fits"))
    except ValueError:
        # The standard has no radius of the Earth; astropy's own name for it is read by astropy.
        return text
