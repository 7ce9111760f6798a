"""A few columns of a mission's snapshot, as they are drawn: nothing of it is computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from mlcore.datasets import DATASETS
from mlcore.datasets.spec import IN_TEST_SPLIT
from sessions_app.selectors.dataset_columns import file_of, object_names

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pyarrow as pa

    from mlcore.datasets import Dataset, Disposition
    from sessions_app.models import DatasetSnapshot

__all__ = ["CataloguePoints", "catalogue_points", "drawn_evenly", "quantities_in"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CataloguePoints:
    """Some quantities of a mission's objects."""

    dataset: Dataset
    columns: dict[str, str]
    """The mission's own column of each quantity that it measures."""
    names: list[str]
    dispositions: list[Disposition | None]
    tested: list[bool]
    """Whether the object belongs to the fixed test split."""
    values: dict[str, list[float | None]]
    """Of each quantity, in its column's unit."""

    def __len__(self) -> int:
        return len(self.names)


def catalogue_points(snapshot: DatasetSnapshot, quantities: Sequence[str]) -> CataloguePoints:
    """Return some quantities of every object of a snapshot.

    Quantities that the mission, or this table of it, does not have are left out.
    """
    dataset = DATASETS[snapshot.mission]
    file = pq.ParquetFile(file_of(snapshot))
    there = set(file.schema_arrow.names)
    measured = _measured(dataset, there)
    columns = {quantity: measured[quantity] for quantity in quantities if quantity in measured}
    named = [name for name in dataset.object_name if name in there]
    rows = file.read(
        columns=list(dict.fromkeys([*columns.values(), *named, dataset.label, IN_TEST_SPLIT]))
    )
    return CataloguePoints(
        dataset=dataset,
        columns=columns,
        names=object_names(rows, dataset, range(1, len(rows) + 1)),
        dispositions=[_disposition(dataset, word) for word in rows[dataset.label].to_pylist()],
        tested=rows[IN_TEST_SPLIT].to_pylist(),
        values={quantity: _numbers(rows[column]) for quantity, column in columns.items()},
    )


def quantities_in(snapshot: DatasetSnapshot) -> frozenset[str]:
    """Return which quantities a snapshot has a column of, of which no value is read."""
    there = pq.read_schema(file_of(snapshot)).names
    return frozenset(_measured(DATASETS[snapshot.mission], there))


def drawn_evenly(count: int, most: int) -> list[int]:
    """Return at most so many places of a list, evenly from its beginning to its end."""
    if count <= most:
        return list(range(count))
    return [place * count // most for place in range(most)]


def _measured(dataset: Dataset, there: Collection[str]) -> dict[str, str]:
    """Return the mission's own column of each quantity, of those columns that are there."""
    return {name: column for name, column in dataset.quantities.items() if column in there}


def _disposition(dataset: Dataset, word: str | None) -> Disposition | None:
    return None if word is None else dataset.labels.get(" ".join(word.split()).upper())


def _numbers(column: pa.ChunkedArray) -> list[float | None]:
    # A number that is none is not drawn either.
    return [None if value is None or value != value else value for value in column.to_pylist()]  # noqa: PLR0124
