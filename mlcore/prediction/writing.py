"""Predictions written to a file: flat columns of every row, and what explains where it is there."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.calibration.answers import ABSTAIN
from mlcore.datasets.spec import CLASSES
from mlcore.prediction.file_layout import ABOUT, P_VALUE, PROBABILITIES
from mlcore.prediction.stored import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.prediction.scoring import Scored
    from mlcore.prediction.stored import ObjectPrediction

__all__ = [
    "ROWS_IN_A_GROUP",
    "ScoredRows",
    "rewrite_judgements",
    "write_objects",
    "write_predictions",
    "write_scored",
    "writer_to",
]

ROWS_IN_A_GROUP = 2_500
"""Rows that a file keeps together, and that are read to get at one of them."""
_ROWS_A_CALL = 25_000
_JUDGEMENT = "judgement"
_ENCODER = json.JSONEncoder(allow_nan=False)
_QUICKLY: dict[str, Any] = {"compression": "lz4"}
"""For a few values of many rows: half of the time for a quarter more room."""
_SMALL: dict[str, Any] = {"compression": "zstd", "compression_level": 1}
"""For words of few rows; a higher level takes much longer and gains little."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredRows:
    """What is said of rows, with what they are called; all of shape ``(n,)``."""

    names: Any
    """Words that pyarrow takes; likewise `hosts` and `actual`."""
    hosts: Any
    actual: Any
    temperatures: NDArray[np.float64]
    scored: Scored
    ranks: NDArray[np.int64]
    """Place in the follow-up list, 0 for rows that are not on it."""

    def __len__(self) -> int:
        return len(self.ranks)


def write_predictions(predictions: Any, path: Path) -> None:
    """Write all that is known of explained rows, `mlcore.prediction.predict.Predictions`."""
    explanation = predictions.explanation
    rows = ScoredRows(
        names=predictions.names,
        hosts=predictions.hosts,
        actual=predictions.actual,
        temperatures=predictions.temperatures,
        scored=predictions.scored,
        ranks=np.array([rank or 0 for rank in predictions.ranks], dtype=np.int64),
    )
    explained = {
        "values": _lists(predictions.values),
        "contributions": _lists(explanation.contributions),
        "base": pa.array(explanation.base, pa.float64()),
        "output": pa.array(explanation.output, pa.float64()),
        "reasons": pa.array(predictions.reasons, pa.list_(pa.string())),
        "judgement": pa.array(
            [_ENCODER.encode(one.as_json()) for one in predictions.assessments], pa.string()
        ),
    }
    write_scored(rows, predictions.about, path, explained)


def write_scored(
    rows: ScoredRows,
    about: Mapping[str, Any],
    path: Path,
    explained: Mapping[str, pa.Array] | None = None,
) -> None:
    """Write what is known of rows, a part at a time.

    Parameters
    ----------
    rows
        In the table's order.
    about
        What holds for all of them, as JSON values.
    path
        The file.
    explained
        Further columns of the same rows.
    """
    ends = np.concatenate([[0], np.cumsum(rows.scored.outside.counts)])
    with writer_to(path, small=explained is not None) as write:
        for begin in range(0, len(rows), _ROWS_A_CALL):
            end = min(begin + _ROWS_A_CALL, len(rows))
            columns = _flat(rows, about, begin, end, ends)
            columns |= {
                name: of.slice(begin, end - begin) for name, of in (explained or {}).items()
            }
            write(
                pa.table(columns).replace_schema_metadata(
                    {ABOUT: json.dumps(about, allow_nan=False)}
                )
            )


def write_objects(objects: Sequence[ObjectPrediction], path: Path) -> None:
    """Write objects, numbered from 1, in the first layout: each field as it is."""
    columns = {
        field.name: pa.array(
            [
                _ENCODER.encode(value) if field.name == _JUDGEMENT and value is not None else value
                for value in (getattr(one, field.name) for one in objects)
            ],
            field.type,
        )
        for field in FIELDS
    }
    pq.write_table(pa.table(columns), path, row_group_size=ROWS_IN_A_GROUP)


def rewrite_judgements(path: Path, to: Path, changes: Iterable[Mapping[str, Any]]) -> None:
    """Write a file of explained rows anew with changes of each one's judgement, key by key.

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
    with writer_to(to, small=True) as write:
        for batch in before.iter_batches(batch_size=ROWS_IN_A_GROUP):
            place = batch.schema.get_field_index(_JUDGEMENT)
            judgements = [
                _ENCODER.encode({**json.loads(judgement or "{}"), **next(change)})
                for judgement in batch.column(place).to_pylist()
            ]
            changed = batch.set_column(place, _JUDGEMENT, pa.array(judgements, pa.string()))
            write(pa.Table.from_batches([changed]))


@contextmanager
def writer_to(path: Path, *, small: bool = False) -> Iterator[Any]:
    """Provide what writes tables of one schema to a file, one after the other.

    Parameters
    ----------
    path
        The file: it is there when everything is written.
    small
        Whether the file is to be small rather than quickly written.
    """
    writer: pq.ParquetWriter | None = None

    def write(table: pa.Table) -> None:
        nonlocal writer
        if writer is None:
            writer = pq.ParquetWriter(
                path,
                table.schema,
                # Names are different ones, and nobody asks for the ends of a group's values.
                use_dictionary=[
                    field.name for field in table.schema if pa.types.is_dictionary(field.type)
                ],
                write_statistics=False,
                **(_SMALL if small else _QUICKLY),
            )
        writer.write_table(table, row_group_size=ROWS_IN_A_GROUP)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


def _flat(
    rows: ScoredRows, about: Mapping[str, Any], begin: int, end: int, ends: NDArray[np.int64]
) -> dict[str, pa.Array]:
    """Return the flat columns of a part of the rows."""
    here, scored = slice(begin, end), rows.scored
    probabilities = scored.probabilities[here]
    columns = {
        "name": _words(rows.names[here]),
        "host": _words(rows.hosts[here]),
        "label": _coded(probabilities.argmax(axis=1), [str(kind) for kind in CLASSES]),
        "actual": _words(rows.actual[here]).dictionary_encode(),
        **{name: pa.array(probabilities[:, place]) for place, name in enumerate(PROBABILITIES)},
        "temperature": pa.array(rows.temperatures[here], pa.float64(), from_pandas=True),
        "follow_up_rank": pa.array(rows.ranks[here], mask=rows.ranks[here] == 0),
        "verdict": _coded(scored.verdicts[here], about["verdicts"]),
        "outside": pa.array(scored.outside.outside[here]),
        "outside_columns": pa.ListArray.from_arrays(
            pa.array((ends[begin : end + 1] - ends[begin]).astype(np.int32)),
            pa.array(scored.outside.places[ends[begin] : ends[end]].astype(np.int16)),
        ),
        "failed_checks": pa.array(scored.failed[here]),
        "unchecked": pa.array(scored.unchecked[here]),
    }
    if scored.p_values is not None and scored.sets is not None:
        classes = about["classes"]
        for place, kind in enumerate(classes):
            columns[f"{P_VALUE}{kind}"] = pa.array(
                np.ascontiguousarray(scored.p_values[here, place])
            )
        held = scored.sets[here]
        columns["conformal_set"] = pa.array((held @ (1 << np.arange(len(classes)))).astype(np.int8))
        alone = np.where(held.sum(axis=1) == 1, held.argmax(axis=1), len(classes))
        columns["answer"] = _coded(alone, [*classes, ABSTAIN])
    return columns


def _words(words: Any) -> pa.Array:
    found = pa.array(words, pa.string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _coded(codes: NDArray[Any], words: Sequence[str]) -> pa.Array:
    """Return words that numbers stand for."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(words))


def _lists(values: NDArray[np.float64]) -> pa.Array:
    # NaN is a missing value.
    flat = pa.array(np.ascontiguousarray(values).ravel(), pa.float64(), from_pandas=True)
    return pa.ListArray.from_arrays(
        np.arange(0, values.size + 1, values.shape[1], dtype=np.int32), flat
    )
