"""What a job leaves of each object in a Parquet file, each field declared once.

Here and not beside the predictions: whoever reads the file loads none of the libraries that
computed them.
"""

from __future__ import annotations

import json
from dataclasses import KW_ONLY, dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["FIELDS", "StoredField", "prediction_rows", "write_predictions"]


@dataclass(frozen=True, slots=True)
class StoredField:
    """A field of each object's row."""

    name: str
    """As in the file, and in the database's row of the same object."""
    type: pa.DataType
    values: Callable[[Any], Any]
    """Return the field of all rows of a `mlcore.prediction.predict.Predictions`, in their order."""
    meaning: str
    _: KW_ONLY
    as_json: bool = False
    """Whether each value has an ``as_json``, which is what is kept."""


_WORD, _NUMBER = pa.string(), pa.float64()
_ENCODER = json.JSONEncoder(allow_nan=False)

FIELDS = (
    StoredField("name", _WORD, attrgetter("names"), "of the object"),
    StoredField("host", _WORD, attrgetter("hosts"), "its host star"),
    StoredField("label", _WORD, attrgetter("labels"), "the most probable `Disposition`"),
    StoredField("actual", _WORD, attrgetter("actual"), "the true one, None where it is not known"),
    StoredField(
        "probabilities", pa.list_(_NUMBER), attrgetter("probabilities"), "in the order of `CLASSES`"
    ),
    StoredField(
        "temperature",
        _NUMBER,
        attrgetter("temperatures"),
        "effective temperature of the host star [K], None where it is not known",
    ),
    StoredField(
        "values",
        pa.list_(_NUMBER),
        attrgetter("values"),
        "of the model's columns, in their declared units, None where missing",
    ),
    StoredField(
        "contributions",
        pa.list_(_NUMBER),
        attrgetter("explanation.contributions"),
        "of the same columns to the explained output",
    ),
    StoredField(
        "base", _NUMBER, attrgetter("explanation.base"), "the output for the training median"
    ),
    StoredField(
        "output",
        _NUMBER,
        attrgetter("explanation.output"),
        "the output for this object: base plus all contributions",
    ),
    StoredField("reasons", pa.list_(_WORD), attrgetter("reasons"), "sentences"),
    StoredField(
        "follow_up_rank",
        pa.int64(),
        attrgetter("ranks"),
        "place among the objects to follow up, from 1 for the likeliest planet; None: not listed",
    ),
    StoredField(
        "judgement",
        _WORD,
        attrgetter("assessments"),
        "see `mlcore.prediction.assessment.Assessment.as_json`",
        as_json=True,
    ),
)
"""Every field but ``number``, which is the row's position in the table, from 1."""


def write_predictions(predictions: Any, path: Path) -> None:
    """Write every field of `mlcore.prediction.predict.Predictions` to a Parquet file."""
    columns = {field.name: _column(field, predictions) for field in FIELDS}
    pq.write_table(pa.table(columns), path, compression="zstd")


def prediction_rows(path: Path, *, as_text: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file that `write_predictions` wrote: ``number`` and each of `FIELDS`.

    Parameters
    ----------
    path
        The file.
    as_text
        Whether what is kept as JSON stays its text, for whoever only passes it on.
    """
    kept_as_json = [] if as_text else [field.name for field in FIELDS if field.as_json]
    rows = (row for batch in pq.ParquetFile(path).iter_batches() for row in batch.to_pylist())
    for number, row in enumerate(rows, start=1):
        yield {"number": number, **row, **{name: json.loads(row[name]) for name in kept_as_json}}


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
