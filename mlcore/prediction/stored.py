"""What a job leaves of each object in a Parquet file, each field declared once.

Here and not beside the predictions: whoever reads the file loads none of the libraries that
computed them. The file is read by the row: a page of a million rows costs what the page costs. How
the fields lie in the file is told in `mlcore.prediction.file_layout`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.prediction.file_layout import about_file, fields_of_rows, flat_columns, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = [
    "EXPLAINED_AT_ONCE",
    "FIELDS",
    "ObjectPrediction",
    "StoredField",
    "StoredPredictions",
    "prediction_rows",
]

EXPLAINED_AT_ONCE = 10_000
"""Up to so many rows of a table are explained when they are predicted, with draws, reasons and
neighbours; of a larger one the rows that somebody looks at are."""
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredField:
    """A field of each object's row."""

    name: str
    type: pa.DataType
    meaning: str
    given_as: str = ""
    """What it is called in answers and downloads, where that is not its name."""


def _kept(kind: pa.DataType, meaning: str, *, given_as: str = "") -> dict[str, Any]:
    """Return a field's metadata: the fields of a `StoredField` but its name."""
    return {"type": kind, "meaning": meaning, "given_as": given_as}


_WORD, _NUMBER = pa.string(), pa.float64()


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectPrediction:
    """What a model says of one object, and why.

    Each field is declared here and nowhere else: the API's objects and the exported tables follow
    from it. In a file of more rows than `EXPLAINED_AT_ONCE` the fields that explain are null, see
    `mlcore.jobs.explain_objects`.
    """

    number: int = field(metadata={"meaning": "Position among the session's rows, from 1."})
    name: str = field(metadata=_kept(_WORD, "Of the object."))
    host: str = field(metadata=_kept(_WORD, "Its host star."))
    label: str = field(
        metadata=_kept(_WORD, "The most probable disposition.", given_as="prediction")
    )
    actual: str | None = field(
        metadata=_kept(
            _WORD, "The true disposition; null where it is not known.", given_as="disposition"
        )
    )
    probabilities: list[float] = field(
        metadata=_kept(pa.list_(_NUMBER), "Calibrated, of each disposition in canonical order.")
    )
    temperature: float | None = field(
        metadata=_kept(
            _NUMBER, "Effective temperature of the host star [K]; null where it is not known."
        )
    )
    values: list[float | None] | None = field(
        metadata=_kept(
            pa.list_(_NUMBER),
            "Of the model's columns, in their declared units; null where missing. Null as a whole"
            " until the object is looked at, where a table is large.",
        )
    )
    contributions: list[float] | None = field(
        metadata=_kept(
            pa.list_(_NUMBER),
            "Of the same columns to the explained output; null as a whole as `values`.",
        )
    )
    base: float | None = field(
        metadata=_kept(
            _NUMBER,
            "The explained output of the label for the training median. What kind of number it is,"
            " always one before calibration, is the session's `model.explained_output`. Null as"
            " `values`.",
        )
    )
    output: float | None = field(
        metadata=_kept(
            _NUMBER,
            "The explained output of the label for this object, which is `base` plus all"
            " `contributions`; the calibrated value beside it is the label's in `probabilities`."
            " Null as `values`.",
        )
    )
    reasons: list[str] | None = field(
        metadata=_kept(
            pa.list_(_WORD),
            "What spoke for and against the label, in sentences; null as `values`.",
        )
    )
    follow_up_rank: int | None = field(
        metadata=_kept(
            pa.int64(),
            "Place among the objects to follow up, from 1 for the likeliest planet; null: not"
            " listed.",
        )
    )
    judgement: dict[str, Any] | None = field(
        metadata=_kept(
            _WORD,
            "Conformal set, novelty (`domain`), score interval, similar objects, and the physical"
            " checks. Where a table is large it lacks what is worked out when the object is looked"
            " at: `score_interval`, `analogues`, the values of the `checks`, and sentences.",
        )
    )
    verdict: str | None = field(
        metadata=_kept(
            _WORD,
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


class StoredPredictions:
    """The predictions in a file that a job wrote, read as far as they are asked for.

    Parameters
    ----------
    path
        The file, of this version or an earlier one.
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

    @cached_property
    def about(self) -> dict[str, Any]:
        """What holds for all rows, as `mlcore.prediction.predict.about_predictions` told it."""
        return about_file(self._file.schema_arrow)

    @property
    def explained(self) -> bool:
        """Whether reasons and what else is asked of single objects are in the file."""
        return "reasons" in self._file.schema_arrow.names

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Return whole columns, for whoever looks for rows or puts them in order.

        Parameters
        ----------
        names
            Of flat columns: ``number``, ``name``, ``host``, ``label``, ``actual``, ``verdict``,
            ``follow_up_rank``, ``temperature``, ``answer`` and ``outside`` (null in the files of an
            earlier version), and ``probability_`` with each disposition; or any other of the
            file's.
        """
        read = self._file.read(columns=list(sources_of(names, self._file.schema_arrow)))
        return flat_columns(read, names, len(self))

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
            found.update(zip(asked, self._objects(rows, asked), strict=True))
        return [found[number] for number in numbers]

    def batches(self, rows: int) -> Iterator[list[ObjectPrediction]]:
        """Yield all rows in their order, so many at a time."""
        first = 1
        for batch in self._file.iter_batches(batch_size=rows):
            numbers = range(first, first + len(batch))
            yield list(self._objects(pa.Table.from_batches([batch]), numbers))
            first += len(batch)

    def _objects(self, rows: pa.Table, numbers: Sequence[int]) -> Iterator[ObjectPrediction]:
        for number, row in zip(numbers, fields_of_rows(rows, self.about), strict=True):
            known: dict[str, Any] = {one.name: row.get(one.name) for one in FIELDS}
            yield ObjectPrediction(number=number, **known)


def prediction_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file of predictions: ``number`` and each of `FIELDS`."""
    names = [one.name for one in fields(ObjectPrediction)]
    for batch in StoredPredictions(path).batches(_ROWS_AT_ONCE):
        for row in batch:
            yield {name: getattr(row, name) for name in names}
