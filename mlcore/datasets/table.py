"""A mission's table that has been checked: what training, prediction and loading start from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.cells import as_numbers, as_words, counted, quoted
from mlcore.datasets.reading import RawTable, read_frame
from mlcore.datasets.spec import Dataset, Disposition
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "MIN_ROWS",
    "MIN_STARS_PER_CLASS",
    "Table",
    "check_trainable",
    "read_table",
    "table_from",
]

MIN_ROWS = 20
"""How many rows with a disposition training needs."""
MIN_STARS_PER_CLASS = 5
"""How many host stars each disposition needs, so that every part of a split has some."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Table:
    """Rows of a mission's table, with the columns that the registry keeps."""

    dataset: Dataset
    frame: pd.DataFrame
    """The kept columns that the file has, in the registry's order; numbers are float64, words
    are str with missing values; index 0 to n - 1."""
    row_numbers: NDArray[np.int64]
    """Which data row of the file each row was, counted from 1; shape ``(n,)``."""
    ignored_columns: tuple[str, ...] = ()
    """Columns of the file that the registry does not know."""
    withheld_columns: tuple[str, ...] = ()
    """Columns of the file that no model may see, because they state or follow the label."""
    missing_columns: tuple[str, ...] = ()
    """Default feature columns that the file lacks."""
    warnings: tuple[str, ...] = ()
    """What the user should know of, as sentences."""

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def features(self) -> pd.DataFrame:
        """Values of the default feature columns, float64, shape ``(n, k)``; absent ones NaN."""
        return self._features(wide=False)

    @property
    def wide_features(self) -> pd.DataFrame:
        """Values of all feature columns, those of the archive's full table included."""
        return self._features(wide=True)

    @property
    def labels(self) -> pd.Series[str] | None:
        """Values of `Disposition`, missing where there is none; None without a label column."""
        if self.dataset.label not in self.frame:
            return None
        words = {word: str(meaning) for word, meaning in self.dataset.labels.items()}
        found = self.frame[self.dataset.label].map(words).astype("str")
        return found.rename("disposition")

    @property
    def label_counts(self) -> dict[Disposition, int]:
        """How many rows have each disposition, in the order of `Disposition`."""
        labels = self.labels
        return {kind: 0 if labels is None else int((labels == kind).sum()) for kind in Disposition}

    @property
    def hosts(self) -> pd.Series[str]:
        """Host star of each row; a row without one is a star of its own."""
        return self._named((self.dataset.host,)).rename("host")

    @property
    def names(self) -> pd.Series[str]:
        """Name of each row's object, or its row number."""
        return self._named(self.dataset.object_name, self.dataset.name_prefix).rename("name")

    @property
    def temperatures(self) -> pd.Series[float]:
        """Effective temperature of each row's host star [K]."""
        if self.dataset.temperature in self.frame:
            return self.frame[self.dataset.temperature]
        return pd.Series(np.nan, index=self.frame.index, name=self.dataset.temperature)

    def take(self, positions: ArrayLike) -> Table:
        """Return the rows at these positions, or where a mask of shape ``(n,)`` is true."""
        chosen = np.arange(len(self))[np.asarray(positions)]
        return replace(
            self,
            frame=self.frame.iloc[chosen].reset_index(drop=True),
            row_numbers=self.row_numbers[chosen],
        )

    def _features(self, *, wide: bool) -> pd.DataFrame:
        names = [column.name for column in self.dataset.feature_columns(wide=wide)]
        return self.frame.reindex(columns=names).astype("float64")

    def _named(self, columns: tuple[str, ...], prefix: str = "") -> pd.Series[str]:
        rows = pd.Series([f"row {number}" for number in self.row_numbers], dtype="str")
        for name in reversed(columns):
            if name in self.frame:
                first = prefix if name == columns[0] else ""
                rows = (first + self.frame[name]).fillna(rows)
        return rows.astype("str")


def read_table(path: Path, dataset: Dataset, *, require_labels: bool) -> Table:
    """Read and check a mission's table.

    Parameters
    ----------
    path
        A file in any format that `mlcore.datasets.reading.read_frame` reads.
    dataset
        What mission's columns to expect.
    require_labels
        Whether a table without dispositions is refused.

    Returns
    -------
    Table
        Its rows in the file's order.

    Raises
    ------
    DataError
        When the file is no table of this mission, or a cell or label is not what it should be.
    """
    text = {column.name for column in dataset.columns if column.text}
    raw = read_frame(path, columns=dataset.column_names, text=text)
    return table_from(raw, dataset, require_labels=require_labels)


def table_from(raw: RawTable, dataset: Dataset, *, require_labels: bool) -> Table:
    """Check a table that has been read; see `read_table`."""
    _refuse_another_table(raw, dataset, require_labels=require_labels)
    warnings: list[str] = []
    frame = raw.frame.reset_index(drop=True)
    row_numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    if dataset.one_row_per_object is not None:
        chosen = _one_row_per_object(frame, dataset, warnings)
        frame, row_numbers = frame[chosen].reset_index(drop=True), row_numbers[chosen]
    kept = [column for column in dataset.kept_columns if column.name in frame]
    cells: dict[str, pd.Series[str] | pd.Series[float]] = {}
    for column in kept:
        if column.name == dataset.label:
            cells[column.name] = _label_words(frame[column.name], dataset, row_numbers, warnings)
        elif column.text:
            cells[column.name] = as_words(frame[column.name], column)
        else:
            cells[column.name] = as_numbers(frame[column.name], column, row_numbers, warnings)
    if dataset.host not in cells:
        warnings.append(
            f"The table has no column {dataset.host}: each row counts as a star of its own."
        )
    missing = tuple(
        column.name for column in dataset.feature_columns() if column.name not in raw.columns
    )
    if missing:
        warnings.append(f"The table lacks the feature columns {', '.join(missing)}.")
    table = Table(
        dataset=dataset,
        frame=pd.DataFrame(cells, index=pd.RangeIndex(len(frame))),
        row_numbers=row_numbers,
        ignored_columns=tuple(name for name in raw.columns if not dataset.knows(name)),
        withheld_columns=tuple(
            column.name
            for column in dataset.leaky_columns
            if column.name in raw.columns and column.name not in cells
        ),
        missing_columns=missing,
        warnings=tuple(warnings),
    )
    # Last, so that a table which was stored and is read again loses no further row.
    return table if dataset.one_row_per_object is None else _without_equal_rows(table)


def check_trainable(table: Table) -> None:
    """Refuse a table from which no model can be trained and tested.

    Raises
    ------
    DataError
        When there are fewer than `MIN_ROWS` rows with a disposition, fewer than two dispositions,
        or one of them on fewer than `MIN_STARS_PER_CLASS` host stars.
    """
    labels = table.labels
    if labels is None:
        raise DataError(_no_label(table.dataset))
    labelled = int(labels.notna().sum())
    if labelled < MIN_ROWS:
        msg = (
            f"The table has {counted(labelled, 'row')} with a disposition in column "
            f"{table.dataset.label}; training needs at least {MIN_ROWS}."
        )
        raise DataError(msg)
    stars = table.hosts.groupby(labels).nunique()
    if len(stars) < 2:
        msg = (
            f"Every row with a disposition in column {table.dataset.label} is "
            f"{_spoken(stars.index[0])}; training needs at least two different dispositions."
        )
        raise DataError(msg)
    for kind in Disposition:
        if (found := int(stars.get(kind, MIN_STARS_PER_CLASS))) < MIN_STARS_PER_CLASS:
            msg = (
                f"The rows that are {_spoken(kind)} belong to {counted(found, 'host star')}; "
                f"training needs at least {MIN_STARS_PER_CLASS} for each disposition."
            )
            raise DataError(msg)


def _refuse_another_table(raw: RawTable, dataset: Dataset, *, require_labels: bool) -> None:
    features = [column.name for column in dataset.feature_columns()]
    if not any(name in raw.columns for name in features):
        msg = (
            f"The table has none of the feature columns of {dataset.title}; "
            f"expected are {', '.join(features)}."
        )
        raise DataError(msg)
    if require_labels and dataset.label not in raw.columns:
        raise DataError(_no_label(dataset))
    if raw.frame.empty:
        msg = "The table has no rows."
        raise DataError(msg)


def _no_label(dataset: Dataset) -> str:
    return (
        f"The table has no column {dataset.label}, which holds the disposition: "
        f"{', '.join(dataset.labels)}."
    )


def _one_row_per_object(
    frame: pd.DataFrame, dataset: Dataset, warnings: list[str]
) -> NDArray[np.bool_]:
    chosen = np.ones(len(frame), dtype=bool)
    for name, value in (dataset.one_row_per_object or {}).items():
        if name not in frame:
            warnings.append(
                f"The table has no column {name}: an object may have more than one row."
            )
            continue
        chosen &= (as_words(frame[name], dataset.column(name)) == value).to_numpy(dtype=bool)
        if not chosen.any():
            msg = f"The table has no row with {name} = {value}, which stands for its object."
            raise DataError(msg)
    if dropped := int((~chosen).sum()):
        warnings.append(
            f"{counted(dropped, 'row')} of {len(frame)} left out: one is kept for each object."
        )
    return chosen


def _without_equal_rows(table: Table) -> Table:
    name = table.dataset.object_name[0]
    # Without the objects' names, equal rows may be different objects.
    if name not in table.frame:
        return table
    equal = (table.frame.duplicated() & table.frame[name].notna()).to_numpy(dtype=bool)
    if not equal.any():
        return table
    warning = f"{counted(int(equal.sum()), 'row')} of {len(table)} left out: another row is equal."
    return replace(table.take(~equal), warnings=(*table.warnings, warning))


def _label_words(
    raw: pd.Series[Any], dataset: Dataset, row_numbers: NDArray[np.int64], warnings: list[str]
) -> pd.Series[str]:
    cells = as_words(raw, dataset.column(dataset.label))
    words = cells.str.upper().str.replace(r"[\s_]+", " ", regex=True)
    words = words.mask(words.isin(dataset.undispositioned))
    unknown = np.flatnonzero((words.notna() & ~words.isin(dataset.labels)).to_numpy(dtype=bool))
    if len(unknown):
        often = Counter(cells.iloc[unknown].tolist())
        named = ", ".join(quoted(word) for word, _ in often.most_common(3))
        msg = (
            f"Column {dataset.label} has the unknown disposition {named} "
            f"(first in row {row_numbers[unknown[0]]}); known are {', '.join(dataset.labels)}."
        )
        raise DataError(msg)
    if blank := int(words.isna().sum()):
        warnings.append(
            f"{counted(blank, 'row')} of {len(words)} without a disposition in column "
            f"{dataset.label}: no model is trained on or measured by "
            f"{'it' if blank == 1 else 'them'}."
        )
    return words


def _spoken(kind: str) -> str:
    return kind.replace("_", " ")
