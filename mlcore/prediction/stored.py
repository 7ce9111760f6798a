"""What a job leaves of each object in a Parquet file, each field declared once.

Here and not beside the predictions: whoever reads the file loads none of the libraries that
computed them. The file is read by the row: a page of a million rows costs what the page costs.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "FIELDS",
    "ObjectPrediction",
    "StoredField",
    "StoredPredictions",
    "prediction_rows",
    "rewrite_judgements",
    "write_objects",
    "write_predictions",
]

ROWS_IN_A_GROUP = 2_500
"""Rows that a file keeps together, and that are read to get at one of them."""
_ROWS_AT_ONCE = 1_000

_WORD, _NUMBER = pa.string(), pa.float64()
_ENCODER = json.JSONEncoder(allow_nan=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredField:
    """A field of each object's row."""

    name: str
    type: pa.DataType
    values: Callable[[Any], Any]
    """Return the field of all rows of a `mlcore.prediction.predict.Predictions`, in their order."""
    meaning: str
    as_json: bool
    """Whether each value has an ``as_json``, which is what is kept."""


def _kept(
    kind: pa.DataType,
    values: str | Callable[[Any], Any],
    meaning: str,
    *,
    as_json: bool = False,
) -> dict[str, Any]:
    """Return a field's metadata: the fields of a `StoredField` but its name."""
    taken = attrgetter(values) if isinstance(values, str) else values
    return {"type": kind, "values": taken, "meaning": meaning, "as_json": as_json}


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectPrediction:
    """What a model says of one object, and why.

    Each field is declared here and nowhere else: the file's columns, the API's objects and the
    exported tables follow from it.
    """

    number: int = field(metadata={"meaning": "Position among the session's rows, from 1."})
    name: str = field(metadata=_kept(_WORD, "names", "Of the object."))
    host: str = field(metadata=_kept(_WORD, "hosts", "Its host star."))
    label: str = field(metadata=_kept(_WORD, "labels", "The most probable disposition."))
    actual: str | None = field(
        metadata=_kept(_WORD, "actual", "The true disposition; null where it is not known.")
    )
    probabilities: list[float] = field(
        metadata=_kept(
            pa.list_(_NUMBER),
            "probabilities",
            "Calibrated, of each disposition in canonical order.",
        )
    )
    temperature: float | None = field(
        metadata=_kept(
            _NUMBER,
            "temperatures",
            "Effective temperature of the host star [K]; null where it is not known.",
        )
    )
    values: list[float | None] = field(
        metadata=_kept(
            pa.list_(_NUMBER),
            "values",
            "Of the model's columns, in their declared units; null where missing.",
        )
    )
    contributions: list[float] = field(
        metadata=_kept(
            pa.list_(_NUMBER),
            "explanation.contributions",
            "Of the same columns to the explained output.",
        )
    )
    base: float = field(
        metadata=_kept(
            _NUMBER,
            "explanation.base",
            "The explained output of the label for the training median. What kind of number it is,"
            " always one before calibration, is the session's `model.explained_output`.",
        )
    )
    output: float = field(
        metadata=_kept(
            _NUMBER,
            "explanation.output",
            "The explained output of the label for this object, which is `base` plus all"
            " `contributions`; the calibrated value beside it is the label's in `probabilities`.",
        )
    )
    reasons: list[str] = field(
        metadata=_kept(
            pa.list_(_WORD), "reasons", "What spoke for and against the label, in sentences."
        )
    )
    follow_up_rank: int | None = field(
        metadata=_kept(
            pa.int64(),
            "ranks",
            "Place among the objects to follow up, from 1 for the likeliest planet; null: not"
            " listed.",
        )
    )
    judgement: dict[str, Any] | None = field(
        metadata=_kept(
            _WORD,
            "assessments",
            "Conformal set, novelty (`domain`), score interval, similar objects, and the physical"
            " checks.",
            as_json=True,
        )
    )
    verdict: str | None = field(
        metadata=_kept(
            _WORD,
            lambda of: [str(one.verdict) for one in of.assessments],
            "What the model can say of the object: where planets are told from false positives"
            " likely the one or the other, of the three dispositions what the catalogue would call"
            " it, or undecided. Null for what was predicted before verdicts were kept.",
        )
    )


FIELDS = tuple(
    StoredField(name=one.name, **one.metadata)
    for one in fields(ObjectPrediction)
    if "type" in one.metadata
)
"""Every field but ``number``, which is the row's position in the file, from 1."""


def write_predictions(predictions: Any, path: Path) -> None:
    """Write every field of `mlcore.prediction.predict.Predictions` to a Parquet file."""
    columns = {field.name: _column(field, predictions) for field in FIELDS}
    pq.write_table(pa.table(columns), path, compression="zstd", row_group_size=ROWS_IN_A_GROUP)


def write_objects(objects: Sequence[ObjectPrediction], path: Path) -> None:
    """Write objects, numbered from 1, to a file as `write_predictions` does."""
    columns = {
        field.name: pa.array(
            [
                _ENCODER.encode(value) if field.as_json and value is not None else value
                for value in (getattr(one, field.name) for one in objects)
            ],
            field.type,
        )
        for field in FIELDS
    }
    pq.write_table(pa.table(columns), path, compression="zstd", row_group_size=ROWS_IN_A_GROUP)


class StoredPredictions:
    """The predictions in a file that `write_predictions` wrote, read as far as they are asked for.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self._path)

    @cached_property
    def _starts(self) -> list[int]:
        """Position of the first row of each group, and of the end."""
        about = self._file.metadata
        sizes = (about.row_group(place).num_rows for place in range(about.num_row_groups))
        return list(accumulate(sizes, initial=0))

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Return whole columns, for whoever looks for rows or puts them in order."""
        return self._file.read(columns=list(names))

    def take(self, numbers: Sequence[int]) -> list[ObjectPrediction]:
        """Return rows by their numbers, in the order asked for.

        Parameters
        ----------
        numbers
            Each from 1 to the number of rows.

        Raises
        ------
        IndexError
            When no row has one of the numbers.
        """
        by_group: dict[int, list[int]] = {}
        for number in numbers:
            if not 1 <= number <= len(self):
                raise IndexError(f"no row has the number {number}")
            by_group.setdefault(bisect_right(self._starts, number - 1) - 1, []).append(number)
        found: dict[int, ObjectPrediction] = {}
        for group, asked in by_group.items():
            first = self._starts[group] + 1
            rows = self._file.read_row_group(group).take([number - first for number in asked])
            found.update(zip(asked, _objects(rows.to_pylist(), asked), strict=True))
        return [found[number] for number in numbers]

    def batches(self, rows: int) -> Iterator[list[ObjectPrediction]]:
        """Yield all rows in their order, so many at a time."""
        first = 1
        for batch in self._file.iter_batches(batch_size=rows):
            objects = _objects(batch.to_pylist(), range(first, first + len(batch)))
            yield list(objects)
            first += len(batch)


def prediction_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file that `write_predictions` wrote: ``number`` and each of `FIELDS`."""
    names = [one.name for one in fields(ObjectPrediction)]
    for batch in StoredPredictions(path).batches(_ROWS_AT_ONCE):
        for row in batch:
            yield {name: getattr(row, name) for name in names}


def rewrite_judgements(path: Path, to: Path, changes: Iterable[Mapping[str, Any]]) -> None:
    """Write a file anew with changes of each row's judgement, key by key.

    Parameters
    ----------
    path
        A file that `write_predictions` wrote.
    to
        The new file.
    changes
        For each row, in order.
    """
    before = pq.ParquetFile(path)
    change = iter(changes)
    with pq.ParquetWriter(to, before.schema_arrow, compression="zstd") as writer:
        for batch in before.iter_batches(batch_size=ROWS_IN_A_GROUP):
            place = batch.schema.get_field_index("judgement")
            judgements = [
                _ENCODER.encode({**json.loads(judgement or "{}"), **next(change)})
                for judgement in batch.column(place).to_pylist()
            ]
            writer.write_batch(batch.set_column(place, "judgement", pa.array(judgements, _WORD)))


def _objects(rows: Sequence[dict[str, Any]], numbers: Sequence[int]) -> Iterator[ObjectPrediction]:
    from_json = [field.name for field in FIELDS if field.as_json]
    for number, row in zip(numbers, rows, strict=True):
        for name in from_json:
            row[name] = None if row[name] is None else json.loads(row[name])
        yield ObjectPrediction(number=number, **row)


def _column(field: StoredField, predictions: Any) -> pa.Array:
    values = field.values(predictions)
    if field.as_json:
        values = [_ENCODER.encode(value.as_json()) for value in values]
    if not isinstance(values, np.ndarray):
        return pa.array(values, field.type)
    # NaN is a missing value.
    flat = pa.array(np.ascontiguousarray(values).ravel(), pa.float64(), from_pandas=True)
    if values.ndim == 1:
        return flat
    return pa.ListArray.from_arrays(
        np.arange(0, values.size + 1, values.shape[1], dtype=np.int32), flat
    )
