"""The table of all signals, written from the results of stars without holding them all."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from mlcore.errors import DataError
from mlcore.prediction.table_formats import ecsv, fits, votable
from mlcore.prediction.table_formats.described import DescribedColumn, Fact, described_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from gzip import GzipFile

__all__ = [
    "COLUMNS",
    "FORMATS",
    "LeftOut",
    "check_format",
    "left_out_beside",
    "write_left_out",
    "write_rows",
]

FORMATS = (".csv", ".parquet", ".ecsv", ".fits", ".vot")
"""By which suffix a table is written in which format."""
_AT_ONCE = 1000
"""Rows that are held at the same time."""


def _column(
    name: str, kind: type[str] | type[int] | type[float], unit: str, says: str
) -> DescribedColumn:
    return DescribedColumn(name=name, kind=kind, unit=unit, description=says)


COLUMNS = (
    _column("star", str, "", "Name of the star"),
    _column("file", str, "", "Its files within the folder"),
    _column("signal", int, "", "Number among the star's signals, from 1"),
    _column("period", float, "d", "Orbital period"),
    _column("epoch", float, "d", "Middle of the first transit, in the curve's own times"),
    _column("time_zero", float, "d", "Julian date from which these times count, 0 if unknown"),
    _column("duration", float, "h", "Of a transit"),
    _column("depth", float, "ppm", "Of a transit"),
    _column("strength", float, "", "Depth over its error, correlated noise considered"),
    _column("false_alarm", float, "", "Probability that noise alone makes so strong a peak"),
    _column("p_planet", float, "", "Calibrated probability of a planet"),
    _column("verdict", str, "", "What the model can say of the signal"),
    _column("failed_tests", str, "", "Vetting tests that it failed"),
    _column("reasons", str, "", "What moved the probability most, as sentences"),
    _column("catalogue_object", str, "", "Row of the star's catalogue that the signal is"),
    _column("catalogue_disposition", str, "", "What the catalogue states of it; no model sees it"),
    _column("p_catalogue_row", float, "", "Probability by that row, from models of other stars"),
    _column("p_together", float, "", "Probability by the light curve and the row together"),
    _column("other_star", str, "", "Star nearby that has its events at the same times"),
)
"""Of the table, a row a signal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """What is not in the table, and why."""

    star: str
    files: str
    reason: str
    of_star: bool
    """Whether it is the whole star, and not one of its known signals."""


def check_format(path: Path) -> None:
    """Refuse a table whose suffix says no format that is written.

    Raises
    ------
    DataError
        Then.
    """
    if path.suffix.lower() not in FORMATS:
        raise DataError(f"A table is called {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.")


def write_rows(rows: Iterable[dict[str, Any]], path: Path, provenance: Sequence[Fact]) -> int:
    """Write signals in the format that the path's suffix says, and return how many.

    Parameters
    ----------
    rows
        By `COLUMNS`; what a row lacks is unknown.
    path
        The table, which is there when it is complete, and before that as it was.
    provenance
        Where it is from.
    """
    schema = described_schema(COLUMNS, provenance)
    with TemporaryDirectory(prefix=".exoplanet-table-", dir=path.parent) as folder:
        whole = Path(folder) / "signals.parquet"
        with pq.ParquetWriter(whole, schema, compression="zstd") as writer:
            count = 0
            for batch in _batches(rows):
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
                count += len(batch)
        suffix = path.suffix.lower()
        written = whole if suffix == ".parquet" else Path(folder) / f"table{suffix}"
        if suffix != ".parquet":
            _convert(pq.ParquetFile(whole), written)
        written.replace(path)
    return count


def _convert(source: pq.ParquetFile, path: Path) -> None:
    suffix = path.suffix
    if suffix == ".fits":
        fits.write(source, path)
    elif suffix == ".csv":
        with pyarrow.csv.CSVWriter(path, source.schema_arrow) as writer:
            for batch in source.iter_batches(batch_size=_AT_ONCE):
                writer.write_batch(batch)
    else:
        with path.open("wb") as file:
            # They write bytes and do nothing else to the file, packed or not.
            (ecsv.write if suffix == ".ecsv" else votable.write)(source, cast("GzipFile", file))


def _batches(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    # A table without rows has its columns all the same.
    yield batch


def left_out_beside(table: Path) -> Path:
    """Return the path of the list of stars and known signals that are not in the table."""
    return table.with_name(f"{table.stem}-left-out.csv")


def write_left_out(left_out: Iterable[LeftOut], path: Path) -> tuple[int, int]:
    """Write what is not in the table; where nothing was left out there is no file.

    Returns
    -------
    tuple of int
        How many stars were left out, and how many signals of other stars.
    """
    stars = signals = 0
    unfinished = path.with_name(f".{path.name}.new")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("star", "file", "reason"))
        for one in left_out:
            writer.writerow((one.star, one.files, one.reason))
            stars += one.of_star
            signals += not one.of_star
    if stars or signals:
        unfinished.replace(path)
    else:
        unfinished.unlink()
        path.unlink(missing_ok=True)
    return stars, signals
