"""The rows of a loaded table: sorted, filtered, searched, a page at a time.

Whole columns are read of what decides which rows there are, and of the page its own rows only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlcore.datasets import DATASETS, Disposition
from mlcore.datasets.name_keys import object_key
from mlcore.datasets.spec import IN_TEST_SPLIT
from mlcore.tasks import PLANET
from sessions_app.exceptions import RefusedError
from sessions_app.selectors.dataset_columns import columns_of, file_of, object_names
from sessions_app.selectors.dataset_search import NO_DISPOSITION, fitting_rows
from sessions_app.selectors.dataset_verdicts import (
    RowVerdict,
    planet_probabilities,
    verdict_model,
    verdicts_by_name,
)
from sessions_app.selectors.object_names import other_names_of, rows_called
from sessions_app.selectors.verdict_filter import keys_of_verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.spec import Dataset
    from sessions_app.models import DatasetSnapshot, TrainingSession
    from sessions_app.selectors.dataset_columns import DatasetColumn

__all__ = [
    "MOST_ROWS",
    "NO_DISPOSITION",
    "PLANET_PROBABILITY",
    "DatasetRow",
    "RowVerdict",
    "RowsPage",
    "rows_of",
    "verdict_model",
]

MOST_ROWS = 10_000
"""How many rows a page can have."""
PLANET_PROBABILITY = f"probability_{PLANET}"
"""What rows can be sorted by beside their columns: what a published model says of them."""

_ROW = "row"
_ENDLESS = (-math.inf, math.inf)


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetRow:
    """A row of a loaded table."""

    number: int
    """Position in the table, from 1."""
    name: str
    """Of the object."""
    other_names: tuple[str, ...]
    """What else it is called, such as the name that it got as a planet."""
    host: str
    """Of its star, as the table has it; empty where it has none."""
    disposition: Disposition | None
    in_test_split: bool
    """Whether no model of the project is trained on it."""
    values: tuple[float | str | None, ...]
    """One of each of the page's columns, in the columns' units; None where there is none."""
    verdict: RowVerdict | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RowsPage:
    """Some rows of a loaded table."""

    mission: str
    snapshot_id: int
    columns: tuple[DatasetColumn, ...]
    """What the rows' values are, with titles and units."""
    rows: tuple[DatasetRow, ...]
    page: int
    """Which page this is, from 1."""
    page_size: int
    matching: int
    """How many rows fit what was asked for, on all pages."""
    total: int
    """How many rows the table has."""
    model: TrainingSession | None
    """The published model that says what the rows' verdicts are."""

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, math.ceil(self.matching / self.page_size))


def rows_of(  # noqa: PLR0913 - all that can be asked of rows, each with a default and a name
    snapshot: DatasetSnapshot,
    *,
    columns: Sequence[str] | None = None,
    sort: str = "",
    dispositions: Sequence[str] = (),
    verdicts: Sequence[str] = (),
    ranges: Mapping[str, tuple[float | None, float | None]] | None = None,
    search: str = "",
    page: int = 1,
    page_size: int = 100,
) -> RowsPage:
    """Return a page of a loaded table's rows.

    Parameters
    ----------
    snapshot
        The table.
    columns
        Names of the columns whose values are wanted; None: those that a model sees by default,
        without uncertainties.
    sort
        Name of the column to sort by, or `PLANET_PROBABILITY`; a minus in front turns it round.
        Rows without a value come last either way, and equal ones in the table's order.
    dispositions
        Only rows of these, `NO_DISPOSITION` among them for rows without any; empty: all.
    verdicts
        Only rows of which the published model says one of these; empty: all.
    ranges
        Only rows whose value of each of these columns is from the first to the second number; None
        leaves that side open. A row without a value is in no range.
    search
        Only rows of this object or this star's, by any of their names and in any usual spelling;
        empty: all.
    page, page_size
        Which page, from 1, and how many rows it has, at most `MOST_ROWS`.

    Raises
    ------
    RefusedError
        When there is no such column, disposition, verdict or page, or a range holds no number.
    """
    dataset, known = DATASETS[snapshot.mission], columns_of(snapshot)
    chosen = _chosen(known, columns)
    model = verdict_model(snapshot.mission)
    kinds = _kinds(dispositions)
    by = _sorted_by(known, sort, model)
    bounds = {name: _bounds(known, name, pair) for name, pair in (ranges or {}).items()}
    if not 1 <= page_size <= MOST_ROWS:
        raise RefusedError(
            f"page_size was {page_size}, but it must be from 1 to {MOST_ROWS}.", field="page_size"
        )
    names = [name for name in (*dataset.object_name, dataset.host) if name in known]
    wanted = {*names, dataset.label, IN_TEST_SPLIT, *bounds, *chosen, *({by} & known.keys())}
    path = file_of(snapshot)
    table = pq.read_table(path, columns=sorted(wanted))
    table = table.append_column(_ROW, pa.array(range(1, len(table) + 1), pa.int64()))
    fitting = fitting_rows(
        table,
        dataset,
        kinds=kinds,
        bounds=bounds,
        search=search.strip(),
        names=names,
        called=_called(table, snapshot, search.strip()),
    )
    if verdicts:
        said = keys_of_verdicts(dataset, verdicts, model)
        named = object_names(fitting, dataset, fitting.column(_ROW).to_pylist())
        keys = [object_key(name, dataset) for name in named]
        fitting = fitting.filter(pa.array([key in said for key in keys], pa.bool_()))
    if by:
        fitting = _put_in_order(fitting, dataset, by, model, descending=sort.startswith("-"))
    first = (page - 1) * page_size
    if page < 1 or (first >= len(fitting) and page > 1):
        last = max(1, math.ceil(len(fitting) / page_size))
        raise RefusedError(f"page was {page}, but it must be from 1 to {last}.", field="page")
    shown = fitting.slice(first, page_size)
    return RowsPage(
        mission=snapshot.mission,
        snapshot_id=snapshot.pk,
        columns=tuple(known[name] for name in chosen),
        rows=_rows(shown, snapshot, chosen, model),
        page=page,
        page_size=page_size,
        matching=len(fitting),
        total=len(table),
        model=model,
    )


def _called(table: pa.Table, snapshot: DatasetSnapshot, search: str) -> pa.ChunkedArray | None:
    if not search:
        return None
    return pc.is_in(
        table.column(_ROW), value_set=pa.array(rows_called(search, snapshot), pa.int64())
    )


def _chosen(known: Mapping[str, DatasetColumn], columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        return [
            column.name
            for column in known.values()
            if column.by_default and column.uncertainty_of is None
        ]
    for name in columns:
        _check_known(known, name, "columns")
    return list(dict.fromkeys(columns))


def _check_known(known: Mapping[str, DatasetColumn], name: str, field: str) -> None:
    if name not in known:
        raise RefusedError(
            f"{field} named {name[:60]!r}, but this table has no such column.",
            field=field,
            allowed=list(known),
        )


def _kinds(dispositions: Sequence[str]) -> frozenset[str]:
    allowed = [*map(str, Disposition), NO_DISPOSITION]
    for word in dispositions:
        if word not in allowed:
            raise RefusedError(
                f"disposition was {word[:60]!r}, but it must be one of {', '.join(allowed)}.",
                field="disposition",
                allowed=allowed,
            )
    return frozenset(map(str, dispositions))


def _sorted_by(known: Mapping[str, DatasetColumn], sort: str, model: TrainingSession | None) -> str:
    by = sort.removeprefix("-")
    if by == PLANET_PROBABILITY:
        if model is None:
            raise RefusedError(
                f"sort was {sort!r}, but no published model says anything of this table's objects.",
                field="sort",
            )
    elif by:
        _check_known(known, by, "sort")
    return by


def _bounds(
    known: Mapping[str, DatasetColumn], name: str, pair: tuple[float | None, float | None]
) -> tuple[float, float]:
    _check_known(known, name, name)
    low, high = (end if value is None else value for value, end in zip(pair, _ENDLESS, strict=True))
    if known[name].is_text:
        raise RefusedError(
            f"{name} holds words, so that no range of it can be asked for.", field=name
        )
    if not low <= high:
        raise RefusedError(
            f"{name} was asked for from {low:g} to {high:g}, but the first number must not be the"
            " larger one.",
            field=name,
        )
    return low, high


def _put_in_order(
    table: pa.Table,
    dataset: Dataset,
    by: str,
    model: TrainingSession | None,
    *,
    descending: bool,
) -> pa.Table:
    if by == PLANET_PROBABILITY and model is not None:
        said = planet_probabilities(dataset, model)
        keys = [
            object_key(name, dataset)
            for name in object_names(table, dataset, table.column(_ROW).to_pylist())
        ]
        table = table.append_column(by, pa.array([said.get(key) for key in keys], pa.float64()))
    # Rows without a value come last by default.
    order = pc.sort_indices(table, sort_keys=[(by, "descending" if descending else "ascending")])
    return table.take(order)


def _rows(
    table: pa.Table,
    snapshot: DatasetSnapshot,
    columns: Sequence[str],
    model: TrainingSession | None,
) -> tuple[DatasetRow, ...]:
    dataset = DATASETS[snapshot.mission]
    numbers = table.column(_ROW).to_pylist()
    names = object_names(table, dataset, numbers)
    others = other_names_of(numbers, snapshot)
    count = len(names)
    hosts = (
        table.column(dataset.host).to_pylist()
        if dataset.host in table.column_names
        else [None] * count
    )
    values = [table.column(name).to_pylist() for name in columns]
    verdicts = {} if model is None else verdicts_by_name(names, dataset, model)
    return tuple(
        DatasetRow(
            number=number,
            name=name,
            other_names=others.get(number, ()),
            host=host or "",
            disposition=dataset.labels.get(label),
            in_test_split=tested,
            values=cells,
            verdict=verdicts.get(name),
        )
        for number, name, host, label, tested, cells in zip(
            numbers,
            names,
            hosts,
            table.column(dataset.label).to_pylist(),
            table.column(IN_TEST_SPLIT).to_pylist(),
            zip(*values, strict=True) if values else [()] * count,
            strict=True,
        )
    )
