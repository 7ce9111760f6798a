"""A table that says of itself what its columns are and where it is from: the schema of a file.

What each column means, in which unit, and the provenance stand in a Parquet file's metadata, from
which every other format is written.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DescribedColumn", "Fact", "columns_in", "described_schema", "provenance_in"]

_PROVENANCE = b"exoplanet.provenance"
_ABOUT = ("unit", "ucd", "description")
_TYPES: dict[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}
_KINDS = {kind: python for python, kind in _TYPES.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class DescribedColumn:
    """A column with what it is."""

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    unit: str = ""
    """As `mlcore.datasets.units.parse_unit` reads it; empty without one."""
    ucd: str = ""
    """What it is in the words of the Virtual Observatory (UCD1+); empty where it has none."""
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """Something that is to be known of a table."""

    name: str
    keyword: str
    """Its name where a format allows eight capitals and digits."""
    value: str


def described_schema(columns: Sequence[DescribedColumn], provenance: Sequence[Fact]) -> pa.Schema:
    """Return the schema of a Parquet file with what its columns are and where it is from."""
    return pa.schema(
        [
            pa.field(
                column.name,
                _TYPES[column.kind],
                metadata={name: value for name in _ABOUT if (value := getattr(column, name))},
            )
            for column in columns
        ],
        metadata={_PROVENANCE: json.dumps([asdict(fact) for fact in provenance])},
    )


def columns_in(schema: pa.Schema) -> list[DescribedColumn]:
    """Return the columns of a file that has such a schema."""
    return [
        DescribedColumn(
            name=field.name,
            kind=_KINDS[field.type],
            **{name: (field.metadata or {}).get(name.encode(), b"").decode() for name in _ABOUT},
        )
        for field in schema
    ]


def provenance_in(schema: pa.Schema) -> list[Fact]:
    """Return where a file is from that has such a schema."""
    kept = (schema.metadata or {}).get(_PROVENANCE, b"[]")
    return [Fact(**fact) for fact in json.loads(kept)]
