"""Partitions of a table, each of which holds all objects of its stars."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from mlcore.datasets.checking import read_table
from mlcore.datasets.table import Table
from mlcore.features.ephemeris import EPHEMERIS
from mlcore.features.registry import features_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.models.trained_model import TrainedModel

__all__ = ["Partition", "compared_with_other_stars", "files_by_star", "partitions_by_star"]

_ROW = "row of the whole table"
"""Column of a partition's file, which no mission knows."""
_READ_AT_ONCE = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """Rows of a table, and where they are."""

    dataset: Dataset
    """The mission."""
    source: Table | Path | Callable[[], Table]
    """The rows; a file that `mlcore.read_table` reads, under a path that every worker sees; or what
    makes them where they are needed."""
    neighbours: pd.DataFrame | None = None
    """What depends on objects of other partitions, computed at once, shape ``(n, f)``; None:
    whatever a row is compared with is in its partition, or in the reference."""

    def read(self) -> tuple[Table, NDArray[np.int64]]:
        """Return the rows, and the number of each in the whole table, from 1."""
        if isinstance(self.source, Table):
            return self.source, self.source.row_numbers
        if not isinstance(self.source, Path):
            made = self.source()
            return made, made.row_numbers
        table = read_table(self.source, self.dataset, require_labels=False)
        if _ROW in table.ignored_columns:
            whole = parquet.read_table(self.source, columns=[_ROW])[_ROW].to_numpy()
            return table, np.asarray(whole[table.row_numbers - 1], dtype=np.int64)
        return table, table.row_numbers


def compared_with_other_stars(model: TrainedModel) -> tuple[str, ...]:
    """Return those of a model's columns that compare an object with those of other stars.

    Of partitions that were not made by `partitions_by_star` they know the partition's stars and the
    reference alone.
    """
    names = {feature.name for feature in EPHEMERIS.features}
    return tuple(name for name in model.classifier.columns if name in names)


def partitions_by_star(
    model: TrainedModel, table: Table, *, reference: Table | None = None, rows: int = 50_000
) -> list[Partition]:
    """Divide a table that is at hand, so that its partitions give the numbers of the whole.

    Parameters
    ----------
    model
        What it is divided for: what its columns compare with other stars' objects is computed here.
    table, reference
        As in `mlcore.predict`.
    rows
        About how many a partition has.
    """
    neighbours = None
    if compared_with_other_stars(model):
        derived = features_of(table.dataset, wide=True)
        names = {feature.name for feature in derived if feature.of_neighbours}
        seen = model.features(table, reference=reference)
        neighbours = seen[[name for name in seen if name in names]]
    star = pd.factorize(table.hosts)[0]
    count = max(-(-len(table) // rows), 1)
    # Whole stars, in their order; a partition ends with the star that fills it.
    filled = np.cumsum(np.bincount(star)) - 1
    place = (filled * count // max(len(table), 1))[star]
    return [
        Partition(
            dataset=table.dataset,
            source=table.take(place == number),
            neighbours=None
            if neighbours is None
            else neighbours[place == number].reset_index(drop=True),
        )
        for number in np.unique(place)
    ]


def files_by_star(
    path: Path, dataset: Dataset, folder: Path, *, star: str, partitions: int
) -> list[Partition]:
    """Divide a Parquet file by star into smaller ones, in one pass and a bounded memory.

    Parameters
    ----------
    path
        The file, of any size.
    dataset
        Its mission.
    folder
        Where the smaller files go: workers see it under the same path.
    star
        The file's own heading of the column that names the stars; a row without one is a star of
        its own.
    partitions
        Among how many files the stars are divided.
    """
    writers: dict[int, parquet.ParquetWriter] = {}
    files = [folder / f"partition-{number:05d}.parquet" for number in range(partitions)]
    begun = 1
    try:
        for batch in _batches(path):
            numbers = np.arange(begun, begun + len(batch), dtype=np.int64)
            begun += len(batch)
            place = _places(batch[star].to_pandas(), numbers, partitions)
            whole = batch.append_column(_ROW, pa.array(numbers))
            for number in np.unique(place).tolist():
                if number not in writers:
                    writers[number] = parquet.ParquetWriter(files[number], whole.schema)
                writers[number].write_table(whole.filter(pa.array(place == number)))
    finally:
        for writer in writers.values():
            writer.close()
    return [Partition(dataset=dataset, source=files[number]) for number in sorted(writers)]


def _batches(path: Path) -> Iterator[pa.Table]:
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_READ_AT_ONCE):
            yield pa.Table.from_batches([batch])


def _places(
    stars: pd.Series[Any], numbers: NDArray[np.int64], partitions: int
) -> NDArray[np.uint64]:
    named = np.asarray(stars.notna(), dtype=bool)
    words = np.asarray(stars.astype(str), dtype=object)
    hashed = pd.util.hash_array(words, categorize=True)
    chosen = np.where(named, hashed, numbers.astype(np.uint64))
    return np.asarray(chosen % np.uint64(partitions), dtype=np.uint64)
