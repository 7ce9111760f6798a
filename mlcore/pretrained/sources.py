"""The tables that published models are trained on: a mission's whole table with its fixed split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS, obtain, read_table
from mlcore.datasets.folder import tables_of
from mlcore.datasets.snapshot import fixed_test_rows
from mlcore.datasets.treated import treated, treated_in_file
from mlcore.errors import DataError
from mlcore.features.feature_sets import FeatureSet
from mlcore.model_selection.training_rows import labels_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets import Dataset, Table
    from mlcore.pretrained.registry import PublishedModel

__all__ = ["Source", "sources_in_folder"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Source:
    """A mission's table, which of its rows are the test rows, and where it is from."""

    table: Table
    tested: NDArray[np.bool_]
    """True for a row of the fixed test split, shape ``(n,)``."""
    usable: NDArray[np.bool_] | None = None
    """Rows that may be learnt from and tested on; None for all."""
    description: str
    """The source in words."""
    dated: date | None
    sha256: str

    def of_full_table(self) -> Source | None:
        """Return the rows that a model on the full table learns from; None without its columns."""
        if not self.table.dataset.full_table_columns & set(self.table.frame):
            return None
        return replace(self, usable=treated(self.table))

    @property
    def training(self) -> Table:
        """The labelled rows that are not test rows."""
        return self._taken(labels_of(self.table).notna().to_numpy() & ~self.tested)

    @property
    def testing(self) -> Table:
        """The test rows."""
        return self._taken(self.tested)

    def _taken(self, rows: NDArray[np.bool_]) -> Table:
        return self.table.take(rows if self.usable is None else rows & self.usable)


def sources_in_folder(model: PublishedModel, folder: Path) -> dict[str, Source]:
    """Read the tables that a published model is trained on.

    Parameters
    ----------
    model
        What is to be trained.
    folder
        Holds the archive's tables under any names, recognised by their columns.

    Returns
    -------
    dict
        A source for each of the model's missions, in their order.

    Raises
    ------
    DataError
        When the folder lacks a table.
    """
    if model.feature_set is FeatureSet.WIDE:
        (mission,) = model.missions
        return {mission: _wide(DATASETS[mission], folder)}
    return {mission: _default(DATASETS[mission], folder) for mission in model.missions}


def _default(dataset: Dataset, folder: Path) -> Source:
    obtained = obtain(dataset, folder=folder, use_archive=False)
    return Source(
        table=obtained.table,
        tested=fixed_test_rows(obtained.table),
        description=obtained.description,
        dated=obtained.dated,
        sha256=obtained.sha256,
    )


def _wide(dataset: Dataset, folder: Path) -> Source:
    wide = dataset.full_table_columns
    files = [file for file in tables_of(folder, dataset) if wide & file.columns]
    if not files:
        raise DataError(
            f"The folder {folder.name} has no full table of {dataset.title}, with columns such as"
            f" {min(wide)}."
        )
    # A table that was put together from several has the labels of the newest of them.
    file = max(files, key=lambda file: (file.rebuilt, file.age))
    table = read_table(file.path, dataset, require_labels=True)
    return Source(
        table=table,
        # Of all rows, so that the sides are those of the mission's default table.
        tested=fixed_test_rows(table),
        usable=treated_in_file(file.path, table),
        description=f"the file {file.path.name}",
        dated=file.dated,
        sha256=hashlib.sha256(file.path.read_bytes()).hexdigest(),
    )
