"""What is kept of each star and each signal of a session, for pages and plots.

Here and not beside what computes it: whoever reads the files loads none of the libraries that made
them. A record lies in a row group of its own, so that one of a thousand stars costs as much as one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["SIGNALS", "STARS", "RecordFile", "RecordWriter", "SignalRecord", "StarRecord"]

STARS, SIGNALS = "stars.parquet", "signals.parquet"
"""Names of the two files in the folder of a session's results."""

_Record = TypeVar("_Record")


@dataclass(frozen=True, kw_only=True, slots=True)
class StarRecord:
    """A star, what was understood of its light curve, and the curve as it is drawn."""

    number: int
    """Among the session's stars, from 1."""
    name: str
    file: str
    """What its file was called, or its files."""
    refusal: str = ""
    """Why its curve could not be used, as a sentence; empty where it could."""
    notes: list[str] = field(default_factory=list)
    """What was understood of its files, left out or taken for granted, as sentences."""
    mission: str = ""
    points: int = 0
    """Of the curve as it was read."""
    span: float = 0.0
    """Time from the first to the last of them [d]."""
    cadence: float = 0.0
    """Usual spacing of them [d]."""
    time_name: str = "time"
    """How its times are called, such as BTJD."""
    time_zero: float = 0.0
    """Julian date from which they count, 0 where that is unknown."""
    scatter: float = 0.0
    """Of a point without the trend, relative flux."""
    averaged: float = 0.0
    """Over how long the drawn points are averages [d]; 0: they are the curve's own."""
    time: list[float] = field(default_factory=list)
    """Of the drawn points [d]."""
    flux: list[float] = field(default_factory=list)
    """Relative to each stretch's median."""
    trend: list[float] = field(default_factory=list)
    """What was divided out."""
    kept: list[bool] = field(default_factory=list)
    """Whether the search used the point."""
    periods: list[float] = field(default_factory=list)
    """Of the first search [d], ascending; empty where an ephemeris was given."""
    strengths: list[float] = field(default_factory=list)
    """Of the strongest signal at each of them, correlated noise considered."""
    limit: float = 0.0
    """Strength from which a signal is told of."""
    numbers: list[int] = field(default_factory=list)
    """Of its signals, among the session's objects."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalRecord:
    """A signal's folds as they are drawn; its measured values are the object's own.

    Phases near the transit are in hours, over the whole orbit in periods; fluxes are relative,
    less the level out of transit. Lists of one prefix are of one length.
    """

    number: int
    """Among the session's objects, from 1."""
    star: int
    """Number of its star."""
    of_star: int
    """Its number among the star's signals, from 1."""
    given: bool
    """Whether its ephemeris was given, and not found."""
    detected: bool
    """Whether it is stronger than the limit; else it is the star's strongest peak all the same."""
    period: float
    """[d]."""
    epoch: float
    """In the curve's own times [d]."""
    duration: float
    """[h]."""
    depth: float
    """[ppm]."""
    strength: float
    false_alarm: float | None = None
    shorter: list[float] = field(default_factory=list)
    """Shorter periods that fit as well [d]."""
    periods: list[float] = field(default_factory=list)
    """Of the search that found it [d], stronger signals hidden."""
    strengths: list[float] = field(default_factory=list)
    points_phase: list[float] = field(default_factory=list)
    """Single points near the transit; of many, some."""
    points_flux: list[float] = field(default_factory=list)
    near_phase: list[float] = field(default_factory=list)
    near_flux: list[float] = field(default_factory=list)
    near_error: list[float] = field(default_factory=list)
    near_model: list[float] = field(default_factory=list)
    """The trapezoid that fits best, at the same phases."""
    whole_phase: list[float] = field(default_factory=list)
    whole_flux: list[float] = field(default_factory=list)
    whole_error: list[float] = field(default_factory=list)
    odd_phase: list[float] = field(default_factory=list)
    odd_flux: list[float] = field(default_factory=list)
    odd_error: list[float] = field(default_factory=list)
    even_phase: list[float] = field(default_factory=list)
    even_flux: list[float] = field(default_factory=list)
    even_error: list[float] = field(default_factory=list)
    secondary_at: float | None = None
    """Phase of the strongest other event [periods]."""
    secondary_phase: list[float] = field(default_factory=list)
    """Hours from it."""
    secondary_flux: list[float] = field(default_factory=list)
    secondary_error: list[float] = field(default_factory=list)
    transit_number: list[int] = field(default_factory=list)
    """Of each transit with points, 0 at the epoch."""
    transit_time: list[float] = field(default_factory=list)
    """Mid-time [d]."""
    transit_depth: list[float] = field(default_factory=list)
    """Relative flux."""
    transit_error: list[float] = field(default_factory=list)
    each_number: list[int] = field(default_factory=list)
    """Number of the transit of each point below: of many transits, some."""
    each_phase: list[float] = field(default_factory=list)
    each_flux: list[float] = field(default_factory=list)
    centroid_phase: list[float] = field(default_factory=list)
    """Empty where the file has no centroids."""
    centroid_column: list[float] = field(default_factory=list)
    """Against the centroid beside the transit [millipixel]."""
    centroid_row: list[float] = field(default_factory=list)


_TYPES: dict[Any, pa.DataType] = {
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    bool: pa.bool_(),
    float | None: pa.float64(),
    list[str]: pa.list_(pa.string()),
    list[int]: pa.list_(pa.int64()),
    list[bool]: pa.list_(pa.bool_()),
    # What is drawn is drawn with five digits at most, but times have nine.
    list[float]: pa.list_(pa.float64()),
}


def _schema(record: type[Any]) -> pa.Schema:
    hints = get_type_hints(record)
    return pa.schema([(one.name, _TYPES[hints[one.name]]) for one in fields(record)])


class RecordWriter(Generic[_Record]):
    """Writes records one after the other; used as a context.

    Parameters
    ----------
    path
        Where to write; an existing file is replaced.
    record
        Of which kind they are.
    """

    def __init__(self, path: Path, record: type[_Record]) -> None:
        self._schema = _schema(record)
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")

    def __enter__(self) -> RecordWriter[_Record]:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write(self, records: Iterable[_Record]) -> None:
        """Write records, each in a row group of its own."""
        for record in records:
            row = asdict(record)  # type: ignore[call-overload]
            self._writer.write_table(pa.Table.from_pylist([row], schema=self._schema))


class RecordFile(Generic[_Record]):
    """Reads records by their place.

    Parameters
    ----------
    path
        A file that `RecordWriter` wrote.
    record
        Of which kind they are.
    """

    def __init__(self, path: Path, record: type[_Record]) -> None:
        self._path, self._record = path, record
        # Of thousands of records it takes a tenth of a second to read.
        self._metadata = pq.read_metadata(path)

    def __len__(self) -> int:
        return int(self._metadata.num_row_groups)

    def numbered(self, number: int) -> _Record | None:
        """Return the record of a number from 1, None where there is none."""
        if not 1 <= number <= len(self):
            return None
        with pq.ParquetFile(self._path, metadata=self._metadata) as file:
            (row,) = file.read_row_group(number - 1).to_pylist()
        return self._record(**row)

    def without_lists(self) -> Iterator[_Record]:
        """Yield all records with nothing in their lists, which are long; words are kept."""
        drawn = (pa.list_(pa.float64()), pa.list_(pa.bool_()))
        long = {one.name for one in _schema(self._record) if one.type in drawn}
        with pq.ParquetFile(self._path, metadata=self._metadata) as file:
            names = [name for name in file.schema_arrow.names if name not in long]
            for batch in file.iter_batches(columns=names):
                for row in batch.to_pylist():
                    yield self._record(**row)
