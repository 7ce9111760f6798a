"""VOTable 1.3: what TOPCAT, Aladin and astropy read, with units as the CDS writes them.

The version before 1.4 is the one whose units know Earth's and Jupiter's radii.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from astropy.io.votable.tree import Field, Info, Resource, TableElement, VOTableFile

from mlcore.datasets.units import parse_unit
from mlcore.prediction.table_formats.described import columns_in, provenance_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from gzip import GzipFile

    import pyarrow.parquet as pq

    from mlcore.prediction.table_formats.described import DescribedColumn

__all__ = ["write"]

_ROWS = 1000
_END = b"  </TABLE>"
_TYPES: dict[type, dict[str, str]] = {
    str: {"datatype": "unicodeChar", "arraysize": "*"},
    int: {"datatype": "long"},
    float: {"datatype": "double"},
    bool: {"datatype": "boolean"},
}
_CDS = {
    "R_earth": "Rgeo",
    "M_earth": "geoMass",
    "R_jup": "Rjup",
    "M_jup": "jovMass",
    "R_sun": "solRad",
    "dex": "[-]",
}
"""What astropy reads as the same unit, but does not write so."""
_SAFE = {ord(char): "\N{REPLACEMENT CHARACTER}" for char in map(chr, range(32))} | {
    ord(char): char for char in "\t\n"
}
"""What XML cannot hold is said to be something else that was there."""


def write(source: pq.ParquetFile, file: GzipFile) -> None:
    """Write a described Parquet file as a VOTable, some rows at a time."""
    columns = columns_in(source.schema_arrow)
    before, after = _frame(columns, source)
    file.write(before)
    file.write(b"   <DATA><TABLEDATA>\n")
    for batch in source.iter_batches(batch_size=_ROWS):
        cells = [
            list(_cells(values.to_pylist(), column.kind))
            for values, column in zip(batch.columns, columns, strict=True)
        ]
        rows = (f"<TR>{''.join(row)}</TR>\n" for row in zip(*cells, strict=True))
        file.write("".join(rows).encode())
    file.write(b"   </TABLEDATA></DATA>\n")
    file.write(after)


def _frame(columns: list[DescribedColumn], source: pq.ParquetFile) -> tuple[bytes, bytes]:
    """Return what stands before and after the rows."""
    document = VOTableFile(version="1.3")
    resource = Resource()
    document.resources.append(resource)
    for fact in provenance_in(source.schema_arrow):
        resource.infos.append(Info(name=fact.name, value=fact.value.translate(_SAFE)))
    table = TableElement(document, name="predictions")
    resource.tables.append(table)
    for number, column in enumerate(columns, start=1):
        unit = {"unit": _unit(column.unit)} if column.unit else {}
        ucd = {"ucd": column.ucd} if column.ucd else {}
        # By which readers may call it.
        word = column.name if column.name.isidentifier() else f"column_{number}"
        field = Field(document, ID=word, name=column.name, **_TYPES[column.kind], **unit, **ucd)
        field.description = column.description or None
        table.fields.append(field)
    written = io.BytesIO()
    document.to_xml(written)
    before, end, after = written.getvalue().partition(_END)
    return before, end + after


def _unit(text: str) -> str:
    return _CDS.get(text) or str(parse_unit(text).to_string("cds"))


def _cells(values: list[Any], kind: type) -> Iterator[str]:
    for value in values:
        if value is None:
            yield "<TD/>"
        elif kind is str:
            yield f"<TD>{escape(value.translate(_SAFE))}</TD>"
        elif kind is bool:
            yield f"<TD>{'true' if value else 'false'}</TD>"
        else:
            yield f"<TD>{value!r}</TD>"
