"""One object of a mission's loaded table, with what a model that never saw its star says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS
from mlcore.datasets.name_keys import object_key, other_key, other_keys_of
from sessions_app.selectors.dataset_columns import columns_of
from sessions_app.selectors.dataset_rows import rows_of
from sessions_app.selectors.sessions import current_snapshots

if TYPE_CHECKING:
    from mlcore.datasets import Dataset
    from sessions_app.models import DatasetSnapshot, TrainingSession
    from sessions_app.selectors.dataset_rows import DatasetRow

__all__ = ["CatalogueObject", "Found", "catalogue_object", "objects_called"]

_MOST_FOUND = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueObject:
    """An object of a mission's table."""

    dataset: Dataset
    snapshot: DatasetSnapshot
    row: DatasetRow
    values: dict[str, float | str | None]
    """Of every column that the table has."""
    siblings: tuple[DatasetRow, ...]
    """The other objects of its star."""
    model: TrainingSession | None
    """The published model whose verdict the row has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a name may mean in one mission."""

    dataset: Dataset
    rows: tuple[DatasetRow, ...]


def catalogue_object(mission: str, name: str) -> CatalogueObject | None:
    """Return an object of a mission's current table by any of its names; None without one."""
    snapshot = current_snapshots().get(mission)
    if snapshot is None:
        return None
    dataset = DATASETS[mission]
    columns = list(columns_of(snapshot))
    page = rows_of(snapshot, columns=columns, search=name, page_size=_MOST_FOUND)
    key = object_key(name, dataset)
    named = [row for row in page.rows if object_key(row.name, dataset) == key]
    named = named or [row for row in page.rows if _is_called(row, name, dataset)]
    if not named:
        return None
    (row, *_) = named
    of_star = rows_of(snapshot, columns=[], search=row.host, page_size=_MOST_FOUND).rows
    return CatalogueObject(
        dataset=dataset,
        snapshot=snapshot,
        row=row,
        values=dict(zip(columns, row.values, strict=True)),
        siblings=tuple(other for other in of_star if other.number != row.number),
        model=page.model,
    )


def objects_called(name: str) -> list[Found]:
    """Return the objects of each loaded table that a name may mean, or whose star it names."""
    found = []
    for mission, snapshot in current_snapshots().items():
        if snapshot is None:
            continue
        rows = rows_of(snapshot, columns=[], search=name, page_size=_MOST_FOUND).rows
        if rows:
            found.append(Found(dataset=DATASETS[mission], rows=rows))
    return found


def _is_called(row: DatasetRow, name: str, dataset: Dataset) -> bool:
    """Tell whether this is another name of the object itself, and not of its star."""
    keys = other_keys_of(name, dataset)
    return any(
        other_key(other, column)[1] in keys
        for other in row.other_names
        for column in dataset.other_names
    )
