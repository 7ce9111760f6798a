"""Predictions as files to download: for spreadsheets, for pandas, for a paper's table.

Rows are read and written a few hundred at a time, so that a large result needs no more memory than
a small one. What takes astropy to write is written from the Parquet file, in a process apart; see
`sessions_app.selectors.astronomy_formats`.
"""

from __future__ import annotations

import csv
import io
import json
from enum import StrEnum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.prediction.table_formats.described import described_schema
from sessions_app.files.results import objects_of
from sessions_app.selectors.export_columns import export_columns
from sessions_app.selectors.positions import positions_of
from sessions_app.selectors.provenance import provenance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlcore.prediction.stored import ObjectPrediction
    from mlcore.prediction.table_formats.described import Fact
    from sessions_app.models import Session
    from sessions_app.selectors.export_columns import ExportColumn
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = ["CONTENT_TYPES", "STREAMED", "ExportFormat", "exported", "file_name"]

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of something to compute, or of another cell."""


class ExportFormat(StrEnum):
    """Formats in which predictions are exported."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"
    VOTABLE = "votable"
    ECSV = "ecsv"
    FITS = "fits"


CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
    ExportFormat.JSON: "application/json",
    ExportFormat.VOTABLE: "application/x-votable+xml",
    ExportFormat.ECSV: "application/x-ecsv",
    ExportFormat.FITS: "application/fits",
}
_ENDINGS = {ExportFormat.VOTABLE: "vot"}


def exported(
    session: Session,
    kind: ExportFormat,
    *,
    at: ExpectedRate | None = None,
    rows: Sequence[ObjectPrediction] | None = None,
    header: bool = False,
) -> Iterator[bytes]:
    """Yield a completed session's predictions, or some of them, as the parts of a file.

    Parameters
    ----------
    session
        A completed session.
    kind
        One of those that are `STREAMED`. In CSV, words that a spreadsheet would take for a formula
        begin with an apostrophe; otherwise each column has its type, and words are as they are.
    at
        A rate of planets, at which labels and probabilities are given too.
    rows
        Some of the session's objects; None: all.
    header
        Whether a CSV file begins with comments that say where it is from. Other formats always say
        so.
    """
    batches = objects_of(session).batches() if rows is None else iter([list(rows)])
    columns = export_columns(session, at=at, positions=positions_of(session))
    facts = provenance_of(session, at) if header or kind is not ExportFormat.CSV else []
    return STREAMED[kind](columns, facts, batches)


def file_name(session: Session, kind: ExportFormat) -> str:
    """Return the download's name: nothing in it is a user's."""
    ending = _ENDINGS.get(kind, str(kind))
    return f"exoplanet-{session.mission}-{str(session.pk)[:8]}-predictions.{ending}"


def _as_csv(
    columns: list[ExportColumn],
    facts: Sequence[Fact],
    batches: Iterator[list[ObjectPrediction]],
) -> Iterator[bytes]:
    # A writer of rows returns what the file's `write` does, which here is the row's own text.
    writer = csv.writer(SimpleNamespace(write=str))
    comments = [f"# {fact.name}: {' '.join(fact.value.split())}\r\n" for fact in facts]
    names = writer.writerow([column.name for column in columns])
    yield f"{''.join(comments)}{names}".encode()
    for batch in batches:
        rows = ([_cell(column.value(row)) for column in columns] for row in batch)
        yield "".join(map(writer.writerow, rows)).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _as_json(
    columns: list[ExportColumn],
    facts: Sequence[Fact],
    batches: Iterator[list[ObjectPrediction]],
) -> Iterator[bytes]:
    about = {
        "provenance": {fact.name: fact.value for fact in facts},
        "columns": [
            {
                "name": column.name,
                "unit": column.unit,
                "ucd": column.ucd,
                "description": column.description,
            }
            for column in columns
        ],
    }
    yield f'{json.dumps(about)[:-1]}, "data": ['.encode()
    divider = ""
    for batch in batches:
        cells = ([column.value(row) for column in columns] for row in batch)
        rows = [json.dumps(values, allow_nan=False) for values in cells]
        yield (divider + ",\n".join(rows)).encode()
        divider = ",\n" if rows else divider
    yield b"]}\n"


def _as_parquet(
    columns: list[ExportColumn],
    facts: Sequence[Fact],
    batches: Iterator[list[ObjectPrediction]],
) -> Iterator[bytes]:
    schema = described_schema(columns, facts)
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema) as writer:
        for batch in batches:
            values = [[column.value(row) for row in batch] for column in columns]
            arrays = [
                pa.array(column, type=kind)
                for column, kind in zip(values, schema.types, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Holds what was written since it was last taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, content: Any) -> int:
        """Take a part."""
        self._parts.append(bytes(content))
        return len(content)

    def taken(self) -> bytes:
        """Return what there is, and forget it."""
        content = b"".join(self._parts)
        self._parts.clear()
        return content


STREAMED: dict[ExportFormat, Callable[..., Iterator[bytes]]] = {
    ExportFormat.CSV: _as_csv,
    ExportFormat.PARQUET: _as_parquet,
    ExportFormat.JSON: _as_json,
}
"""What writes each of the formats that need no library but those at hand."""
