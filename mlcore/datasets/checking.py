"""From a file to a mission's rows: another table, a cell or a label that is wrong is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.readers.cells import as_numbers, as_words, counted, quoted
from mlcore.datasets.readers.read import RawTable, read_frame
from mlcore.datasets.table import Table
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["no_label", "read_table", "table_from"]


def read_table(
    path: Path, dataset: Dataset, *, require_labels: bool, label_derived: Collection[str] = ()
) -> Table:
    r"""Read and check a mission's table.

    Parameters
    ----------
    path
        A file in any format that `mlcore.datasets.readers.read.read_frame` reads.
    dataset
        What mission's columns to expect.
    require_labels
        Whether a table without dispositions is refused.
    label_derived
        Columns of numbers to keep although they state or follow the label.

    Returns
    -------
    Table
        Its rows in the file's order.

    Raises
    ------
    DataError
        When the file is no table of this mission, or a cell or label is not what it should be.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import mlcore
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.csv"
    ...     _ = path.write_text("koi_period,koi_depth,koi_disposition\n9.5,616,CONFIRMED\n")
    ...     table = mlcore.read_table(path, mlcore.DATASETS["kepler"], require_labels=True)
    >>> table.labels.to_list()
    ['confirmed']
    """
    text = {column.name for column in dataset.columns if column.text}
    raw = read_frame(path, columns=dataset.column_names, text=text)
    return table_from(raw, dataset, require_labels=require_labels, label_derived=label_derived)


def table_from(
    raw: RawTable,
    dataset: Dataset,
    *,
    require_labels: bool,
    label_derived: Collection[str] = (),
) -> Table:
    """Check a table that has been read; see `read_table`."""
    features = [column.name for column in dataset.feature_columns()]
    missing = tuple(name for name in features if name not in raw.columns)
    if len(missing) == len(features):
        raise DataError(
            f"The table has none of the feature columns of {dataset.title}; "
            f"expected are {', '.join(features)}."
        )
    if require_labels and dataset.label not in raw.columns:
        raise DataError(no_label(dataset))
    if raw.frame.empty:
        raise DataError("The table has no rows.")
    warnings: list[str] = []
    frame = raw.frame.reset_index(drop=True)
    row_numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    if dataset.one_row_per_object is not None:
        chosen = _one_row_per_object(frame, dataset, warnings)
        frame, row_numbers = frame[chosen].reset_index(drop=True), row_numbers[chosen]
    if absent := [name for name in label_derived if name not in frame]:
        raise DataError(f"The table has no column {absent[0]}, which the model was asked to see.")
    kept = [
        column
        for column in dataset.columns
        if column.name in frame and (column in dataset.kept_columns or column.name in label_derived)
    ]
    cells: dict[str, pd.Series[str] | pd.Series[float]] = {}
    for column in kept:
        if column.name == dataset.label:
            cells[column.name] = _label_words(frame[column.name], dataset, row_numbers, warnings)
        elif column.text:
            cells[column.name] = as_words(frame[column.name], column)
        else:
            numbers = as_numbers(frame[column.name], column, row_numbers, warnings)
            cells[column.name] = _measured(numbers, column)
    # A cell that is no number is no reason to refuse a table for a column that no model sees.
    errors = {
        column.name: _measured(
            pd.to_numeric(frame[column.name], errors="coerce").astype("float64"), column
        )
        for column in dataset.withheld_errors
        if column.name in frame and column.name not in cells
    }
    if dataset.host not in cells:
        warnings.append(
            f"The table has no column {dataset.host}: each row counts as a star of its own."
        )
    if missing:
        warnings.append(f"The table lacks the feature columns {', '.join(missing)}.")
    table = Table(
        dataset=dataset,
        frame=pd.DataFrame(cells, index=pd.RangeIndex(len(frame)), copy=False),
        row_numbers=row_numbers,
        withheld_errors=pd.DataFrame(errors, index=pd.RangeIndex(len(frame)) if errors else None),
        ignored_columns=tuple(name for name in raw.columns if not dataset.knows(name)),
        withheld_columns=tuple(
            column.name
            for column in dataset.leaky_columns
            if column.name in raw.columns
            and (column.name not in cells or column in dataset.kept_for_checks)
            and column.name not in label_derived
        ),
        missing_columns=missing,
        warnings=tuple(warnings),
    )
    # Last, so that a table which was stored and is read again loses no further row.
    return table if dataset.one_row_per_object is None else _without_equal_rows(table)


def _measured(values: pd.Series[float], column: Column) -> pd.Series[float]:
    """Return a column's values without those that stand for none."""
    return values.mask(values.isin(column.absent)) if column.absent else values


def no_label(dataset: Dataset) -> str:
    """Return what is said where a table lacks the column of labels."""
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
        raise DataError(
            f"Column {dataset.label} has the unknown disposition {named} "
            f"(first in row {row_numbers[unknown[0]]}); known are {', '.join(dataset.labels)}."
        )
    if blank := int(words.isna().sum()):
        warnings.append(
            f"{counted(blank, 'row')} of {len(words)} without a disposition in column "
            f"{dataset.label}: no model is trained on or measured by "
            f"{'it' if blank == 1 else 'them'}."
        )
    return words
