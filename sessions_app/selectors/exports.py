"""Predictions as files to download: for spreadsheets, for pandas, for a paper's table.

The columns are the model's fields, some of which stand for several; each format writes them in its
own way. Rows are read and written a few hundred at a time, so that a large result needs no more
memory than a small one.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.datasets import CLASSES
from mlcore.prediction.stored import ObjectPrediction
from sessions_app.files.results import objects_of
from sessions_app.selectors.planet_rate import prior_corrected_prediction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = ["CONTENT_TYPES", "ExportFormat", "exported", "file_name"]

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of something to compute, or of another cell."""


class ExportFormat(StrEnum):
    """Formats in which predictions are exported."""

    CSV = "csv"
    PARQUET = "parquet"


CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Column:
    """A column of an export."""

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    value: Callable[[ObjectPrediction], Any]


def exported(
    session: Session,
    kind: ExportFormat,
    *,
    at: ExpectedRate | None = None,
    rows: Sequence[ObjectPrediction] | None = None,
) -> Iterator[bytes]:
    """Yield a completed session's predictions, or some of them, as the parts of a file.

    In CSV, words that a spreadsheet would take for a formula begin with an apostrophe; in Parquet
    each column has its type, and words are as they are. At a rate of planets labels and
    probabilities are given too.
    """
    batches = objects_of(session).batches() if rows is None else iter([list(rows)])
    return _WRITERS[kind](_columns(session, at), batches)


def file_name(session: Session, kind: ExportFormat) -> str:
    """Return the download's name: nothing in it is a user's."""
    return f"exoplanet-{session.mission}-{str(session.pk)[:8]}-predictions.{kind}"


_FIRST = (
    *("number", "name", "host", "label", "actual", "probabilities", "follow_up_rank", "judgement"),
    *("temperature", "reasons", "base", "output"),
)
_LAST = ("values", "contributions")
_JUDGED_TOO = ("verdict",)
"""Stands in the judgement's columns."""
_KINDS: dict[pa.DataType, type] = {
    pa.string(): str,
    pa.int64(): int,
    pa.float64(): float,
    pa.bool_(): bool,
}


def _columns(session: Session, at: ExpectedRate | None) -> list[_Column]:
    declared = {one.name: one.metadata.get("type", pa.int64()) for one in fields(ObjectPrediction)}
    model_columns = list((session.model or {}).get("columns", ()))
    mark = session.mark
    several = {
        "probabilities": [
            *_places("probabilities", "probability", CLASSES),
            *([] if at is None else _at_planet_rate(at)),
            _Column(name="mark", kind=str, value=lambda _row: mark),
        ],
        "judgement": _JUDGEMENT,
        "reasons": [
            _Column(name="reasons", kind=str, value=lambda row: "; ".join(row.reasons or ()))
        ],
        "values": _places("values", "value", model_columns),
        "contributions": _places("contributions", "contribution", model_columns),
    }
    between = [name for name in declared if name not in (*_FIRST, *_LAST, *_JUDGED_TOO)]
    return [
        column
        for name in (*_FIRST, *between, *_LAST)
        for column in (several[name] if name in several else [_of_field(name, declared[name])])
    ]


def _of_field(name: str, kind: pa.DataType) -> _Column:
    return _Column(name=name, kind=_KINDS[kind], value=attrgetter(name))


def _places(field: str, prefix: str, names: Sequence[str]) -> list[_Column]:
    def nth(n: int) -> Callable[[ObjectPrediction], Any]:
        return lambda row: None if (values := getattr(row, field)) is None else values[n]

    return [
        _Column(name=f"{prefix}_{name}", kind=float, value=nth(n)) for n, name in enumerate(names)
    ]


def _at_planet_rate(at: ExpectedRate) -> list[_Column]:
    def corrected(row: ObjectPrediction) -> dict[str, Any]:
        # Asked for each of an object's columns, one after the other.
        if kept.get("row") is not row:
            kept.update(row=row, of=prior_corrected_prediction(row, at))
        of: dict[str, Any] = kept["of"]
        return of

    kept: dict[str, Any] = {}

    def of(label: str) -> Callable[[ObjectPrediction], float]:
        # A class that the model does not tell apart has no probability at any rate.
        return lambda row: corrected(row)["probabilities"].get(label, 0.0)

    return [
        _Column(name="planet_rate", kind=float, value=lambda _row: at.rate),
        _Column(name="label_at_planet_rate", kind=str, value=lambda row: corrected(row)["label"]),
        *(
            _Column(name=f"probability_{label}_at_planet_rate", kind=float, value=of(str(label)))
            for label in CLASSES
        ),
    ]


def _judged(*path: str) -> Callable[[ObjectPrediction], Any]:
    """Return what reads one value out of a row's judgement, None where it has none."""

    def value(row: ObjectPrediction) -> Any:
        value: Any = row.judgement
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    return value


def _joined(*path: str, key: str = "") -> Callable[[ObjectPrediction], Any]:
    read = _judged(*path)

    def value(row: ObjectPrediction) -> str | None:
        entries = read(row)
        if not isinstance(entries, list):
            return None
        # What is said of a check is worked out when the object is looked at; until then its name.
        return "; ".join(
            str(entry.get(key, entry.get("check")) if key else entry) for entry in entries
        )

    return value


_JUDGEMENT = (
    _Column(name="verdict", kind=str, value=_judged("verdict")),
    _Column(name="conformal_answer", kind=str, value=_judged("conformal", "answer")),
    _Column(name="conformal_set", kind=str, value=_joined("conformal", "possible")),
    _Column(name="conformal_coverage", kind=float, value=_judged("conformal", "coverage")),
    _Column(name="outside_domain", kind=bool, value=_judged("domain", "outside")),
    _Column(name="outside_in_columns", kind=str, value=_joined("domain", "columns")),
    *(
        _Column(
            name=f"probability_{label}_{edge}",
            kind=float,
            value=_judged("score_interval", str(label), edge),
        )
        for label in CLASSES
        for edge in ("low", "high")
    ),
    _Column(name="failed_checks", kind=str, value=_joined("failed_checks", key="sentence")),
    _Column(name="analogues", kind=str, value=_joined("analogues", key="name")),
)


def _as_csv(columns: list[_Column], batches: Iterator[list[ObjectPrediction]]) -> Iterator[bytes]:
    # A writer of rows returns what the file's `write` does, which here is the row's own text.
    writer = csv.writer(SimpleNamespace(write=str))
    yield writer.writerow([column.name for column in columns]).encode()
    for batch in batches:
        rows = ([_cell(column.value(row)) for column in columns] for row in batch)
        yield "".join(map(writer.writerow, rows)).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _as_parquet(
    columns: list[_Column], batches: Iterator[list[ObjectPrediction]]
) -> Iterator[bytes]:
    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(column.name, types[column.kind]) for column in columns])
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


_WRITERS = {ExportFormat.CSV: _as_csv, ExportFormat.PARQUET: _as_parquet}
