"""The columns of a loaded table: what each means, in which unit, and how many rows have a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlcore.datasets import DATASETS
from mlcore.datasets.spec import IN_TEST_SPLIT
from mlcore.datasets.units import unit_in_words
from sessions_app.exceptions import GoneError
from sessions_app.files import storage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlcore.datasets.spec import Column, Dataset, Role
    from sessions_app.models import DatasetSnapshot

__all__ = ["DatasetColumn", "columns_of", "file_of", "object_names"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetColumn:
    """A column of a loaded table."""

    name: str
    """Its name in the archive."""
    title: str
    """What it means, as a noun phrase that can begin a sentence."""
    unit: str
    """As astropy writes it; empty without one."""
    unit_in_words: str
    """As a sentence says it: "Earth radii"."""
    is_text: bool
    """Whether it holds words, or numbers that are names."""
    role: Role
    by_default: bool
    """Whether a model sees it by default."""
    leak: str | None
    """Why no model may see it, where it states or follows the label."""
    uncertainty_of: str | None
    """The column whose uncertainty this is."""
    filled: int
    """How many rows have a value."""
    coverage: float
    """Share of the rows that have a value."""


def file_of(snapshot: DatasetSnapshot) -> Path:
    """Return the path, on this host, of a snapshot's file; GoneError where it has none."""
    path = storage.local_file(snapshot.file.name, sha256=snapshot.file_sha256)
    if not path.is_file():
        raise GoneError("A snapshot's file is no longer on this server, so that it has no rows.")
    return path


def columns_of(snapshot: DatasetSnapshot) -> dict[str, DatasetColumn]:
    """Return the columns of a loaded table by name, in the table's order.

    Nothing but the file's own account of its columns is read.
    """
    dataset = DATASETS[snapshot.mission]
    facts = pq.read_metadata(file_of(snapshot))
    missing = dict.fromkeys(facts.schema.names, 0)
    for group in map(facts.row_group, range(facts.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            missing[column.path_in_schema] += column.statistics.null_count
    seen = set(dataset.feature_names)
    return {
        name: _described(
            dataset.column(name),
            rows=facts.num_rows,
            filled=facts.num_rows - empty,
            by_default=name in seen,
        )
        for name, empty in missing.items()
        # A mission may have forgotten a column since.
        if name != IN_TEST_SPLIT and dataset.knows(name)
    }


def object_names(table: pa.Table, dataset: Dataset, numbers: Sequence[int]) -> list[str]:
    """Return what each row's object is called, as `mlcore.datasets.Table.names` does.

    Parameters
    ----------
    table
        Rows of a mission's table, with those of its columns that name objects.
    dataset
        The mission.
    numbers
        Of the rows, for those that nothing names.
    """
    cells = []
    for name in dataset.object_name:
        if name in table.column_names:
            words = table.column(name)
            if dataset.name_prefix and name == dataset.object_name[0]:
                words = pc.replace_substring_regex(
                    words, pattern=r"^(\d)", replacement=rf"{dataset.name_prefix}\1"
                )
            cells.append(words)
    rows = pa.array([f"row {number}" for number in numbers], pa.large_string())
    named: list[str] = pc.coalesce(*cells, rows).to_pylist()
    return named


def _described(column: Column, *, rows: int, filled: int, by_default: bool) -> DatasetColumn:
    return DatasetColumn(
        name=column.name,
        title=column.meaning,
        unit=column.unit,
        unit_in_words=unit_in_words(column.unit),
        is_text=column.text,
        role=column.role,
        by_default=by_default,
        leak=column.leak,
        uncertainty_of=column.uncertainty_of,
        filled=filled,
        coverage=filled / rows if rows else 0.0,
    )
