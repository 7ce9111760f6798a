"""How predictions lie in a Parquet file, and how a row's fields are put together from it.

What is said of every row lies in flat columns, so that a million rows are put in order by one of
them; what explains single rows, where it is there, in lists and as JSON. In files of the first
layout probabilities were a list and the judgement was JSON throughout.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mlcore.prediction.judgement import judgement_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "ABOUT",
    "PROBABILITIES",
    "P_VALUE",
    "VALUE",
    "about_file",
    "fields_of_rows",
    "flat_columns",
    "sources_of",
]

ABOUT = b"mlcore.predictions"
"""Key of the file's metadata that says what holds for all rows."""
PROBABILITIES = ("probability_candidate", "probability_false_positive", "probability_confirmed")
"""The columns of the probabilities, in the order of `CLASSES`, which would load what computes."""
P_VALUE = "p_value_"
"""What the column of a class's conformal p-values is called before the class."""
VALUE = "value:"
"""What comes before a column of the mission in a file of rows that are kept beside predictions."""
_NUMBER, _LISTED = "number", "probabilities"
_LATER = {"answer": pa.string(), "outside": pa.bool_()}
"""Flat columns that files of the first layout lack."""


def about_file(schema: pa.Schema) -> dict[str, Any]:
    """Return what a file says of all its rows; nothing for one of the first layout."""
    found = (schema.metadata or {}).get(ABOUT)
    return {} if found is None else dict(json.loads(found))


def sources_of(names: Sequence[str], schema: pa.Schema) -> tuple[str, ...]:
    """Return the file's columns that flat columns are read from."""
    sources = dict.fromkeys(name for name in names if name in schema.names)
    if any(name in PROBABILITIES for name in names) and _LISTED in schema.names:
        sources[_LISTED] = None
    return tuple(sources)


def flat_columns(read: pa.Table, names: Sequence[str], rows: int) -> pa.Table:
    """Return flat columns from what `sources_of` named.

    Parameters
    ----------
    read
        Those columns of the file.
    names
        What was asked for.
    rows
        How many rows the file has.

    Raises
    ------
    KeyError
        When the file has no such column.
    """
    flat = {}
    for name in names:
        if name == _NUMBER:
            flat[name] = pa.array(range(1, rows + 1), pa.int64())
        elif name in read.column_names:
            flat[name] = read[name]
        elif name in PROBABILITIES and _LISTED in read.column_names:
            place = PROBABILITIES.index(name)
            flat[name] = pa.chunked_array(
                [
                    chunk.flatten().take(
                        pa.array(
                            range(place, len(chunk) * len(PROBABILITIES), len(PROBABILITIES)),
                            pa.int64(),
                        )
                    )
                    for chunk in read[_LISTED].chunks
                ],
                pa.float64(),
            )
        elif name in _LATER:
            flat[name] = pa.nulls(rows, _LATER[name])
        else:
            raise KeyError(f"the file has no column {name}")
    return pa.table(flat)


def fields_of_rows(rows: pa.Table, about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the fields of rows, by the names of `mlcore.prediction.stored.FIELDS`.

    Parameters
    ----------
    rows
        With all columns of the file.
    about
        What `about_file` returned.
    """
    for row in rows.to_pylist():
        if _LISTED not in row:
            row[_LISTED] = [row[name] for name in PROBABILITIES]
        written = row.get("judgement")
        row["judgement"] = judgement_of(row, about) if written is None else json.loads(written)
        yield row
