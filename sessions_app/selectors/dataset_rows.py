"""The rows of a loaded table: sorted, filtered, searched, a page at a time.

Whole columns are read of what decides which rows there are, and of the page its own rows only.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models import Exists, OuterRef

from mlcore.datasets import DATASETS, Disposition
from mlcore.datasets.name_keys import object_key
from mlcore.datasets.object_names import RoundedNumberError, as_listed, parse_name
from mlcore.datasets.spec import IN_TEST_SPLIT
from mlcore.prediction.verdict import Verdict, verdict_of
from mlcore.tasks import PLANET, find_task, usual_task
from sessions_app.exceptions import RefusedError
from sessions_app.models import ObjectVerdict
from sessions_app.selectors.dataset_columns import columns_of, file_of
from sessions_app.selectors.pretrained_models import published_models
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
NO_DISPOSITION = "none"
"""What is asked for where rows without a disposition are."""
PLANET_PROBABILITY = "planet_probability"
"""What rows can be sorted by beside their columns: what a published model says of them."""

_ROW = "row"
_ENDLESS = (-math.inf, math.inf)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowVerdict:
    """What a published model that never saw the object's star says of it."""

    word: Verdict
    planet_probability: float
    probabilities: Mapping[Disposition, float]
    """Calibrated, of each class that the model tells apart."""
    possible: tuple[Disposition, ...]
    """What cannot be ruled out at the model's coverage."""
    number: int
    """Position among the model's objects, from 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetRow:
    """A row of a loaded table."""

    number: int
    """Position in the table, from 1."""
    name: str
    """Of the object."""
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


def verdict_model(mission: str) -> TrainingSession | None:
    """Return the published model whose verdicts stand beside a mission's rows.

    That is the newest of the mission's own for its usual task that has verdicts, on the columns
    that everybody has before the archive's full table; None where there is none.
    """
    dataset = DATASETS[mission]
    models = published_models().filter(mission=mission, task=usual_task(dataset).name)
    with_verdicts = models.filter(Exists(ObjectVerdict.objects.filter(session=OuterRef("pk"))))
    # "default" comes before "wide".
    return with_verdicts.order_by("feature_set", "-finished_at").first()


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
        Only rows of this object or this star's, in any usual spelling; empty: all.
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
    fitting = _fitting(table, dataset, kinds, bounds, search.strip(), names)
    if verdicts:
        said = keys_of_verdicts(dataset, verdicts, model)
        keys = [object_key(name, dataset) for name in _names(fitting, dataset)]
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
        rows=_rows(shown, dataset, chosen, model),
        page=page,
        page_size=page_size,
        matching=len(fitting),
        total=len(table),
        model=model,
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


def _fitting(
    table: pa.Table,
    dataset: Dataset,
    kinds: frozenset[str],
    bounds: Mapping[str, tuple[float, float]],
    search: str,
    names: Sequence[str],
) -> pa.Table:
    """Return the rows that are asked for."""
    conditions = []
    if kinds:
        words = [word for word, kind in dataset.labels.items() if kind in kinds]
        label = table.column(dataset.label)
        one_of = pc.is_in(label, value_set=pa.array(words, label.type))
        # What is no disposition of the mission's is none, as a model's table has it.
        known = pc.is_in(label, value_set=pa.array(list(dataset.labels), label.type))
        conditions.append(pc.or_(one_of, pc.invert(known)) if NO_DISPOSITION in kinds else one_of)
    for name, (low, high) in bounds.items():
        values = table.column(name)
        within = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
        conditions.append(pc.fill_null(within, fill_value=False))
    if search:
        conditions.append(
            reduce(pc.or_, (_named(table.column(name), search, dataset, name) for name in names))
        )
    return table.filter(reduce(pc.and_, conditions)) if conditions else table


def _named(cells: pa.ChunkedArray, search: str, dataset: Dataset, column: str) -> pa.ChunkedArray:
    """Tell which cells name the object or the star that is looked for."""
    catalogue = dataset.column(column).catalogue
    spelled, of_star = " ".join(search.split()), True
    if catalogue is not None:
        with suppress(RoundedNumberError):
            spelled = as_listed(spelled, catalogue)
        parsed = parse_name(spelled, catalogue)
        of_star = parsed is None or parsed.is_star
    spelled = spelled.casefold()
    if column == dataset.object_name[0]:
        # Names are shown with what the table leaves out.
        spelled = spelled.removeprefix(dataset.name_prefix.casefold())
    cells = pc.utf8_lower(cells)
    found = pc.equal(cells, spelled)
    if of_star:
        # A star's objects begin with its name.
        for divider in (".", " ", "-"):
            found = pc.or_(found, pc.starts_with(cells, pattern=spelled + divider))
    return pc.fill_null(found, fill_value=False)


def _put_in_order(
    table: pa.Table,
    dataset: Dataset,
    by: str,
    model: TrainingSession | None,
    *,
    descending: bool,
) -> pa.Table:
    if by == PLANET_PROBABILITY and model is not None:
        place = find_task(model.task).classes.index(PLANET)
        said = dict(
            ObjectVerdict.objects.filter(session=model, mission=dataset.name).values_list(
                "object_key", f"probabilities__{place}"
            )
        )
        keys = [object_key(name, dataset) for name in _names(table, dataset)]
        table = table.append_column(by, pa.array([said.get(key) for key in keys], pa.float64()))
    # Rows without a value come last by default.
    order = pc.sort_indices(table, sort_keys=[(by, "descending" if descending else "ascending")])
    return table.take(order)


def _names(table: pa.Table, dataset: Dataset) -> list[str]:
    """Return what each row's object is called, as `mlcore.datasets.Table.names` does."""
    cells = []
    for name in dataset.object_name:
        if name in table.column_names:
            words = table.column(name)
            if dataset.name_prefix and name == dataset.object_name[0]:
                words = pc.replace_substring_regex(
                    words, pattern=r"^(\d)", replacement=rf"{dataset.name_prefix}\1"
                )
            cells.append(words)
    rows = [f"row {number}" for number in table.column(_ROW).to_pylist()]
    named: list[str] = pc.coalesce(*cells, pa.array(rows, pa.large_string())).to_pylist()
    return named


def _rows(
    table: pa.Table, dataset: Dataset, columns: Sequence[str], model: TrainingSession | None
) -> tuple[DatasetRow, ...]:
    names = _names(table, dataset)
    count = len(names)
    hosts = (
        table.column(dataset.host).to_pylist()
        if dataset.host in table.column_names
        else [None] * count
    )
    values = [table.column(name).to_pylist() for name in columns]
    verdicts = {} if model is None else _verdicts(names, dataset, model)
    return tuple(
        DatasetRow(
            number=number,
            name=name,
            host=host or "",
            disposition=dataset.labels.get(label),
            in_test_split=tested,
            values=cells,
            verdict=verdicts.get(name),
        )
        for number, name, host, label, tested, cells in zip(
            table.column(_ROW).to_pylist(),
            names,
            hosts,
            table.column(dataset.label).to_pylist(),
            table.column(IN_TEST_SPLIT).to_pylist(),
            zip(*values, strict=True) if values else [()] * count,
            strict=True,
        )
    )


def _verdicts(
    names: Sequence[str], dataset: Dataset, model: TrainingSession
) -> dict[str, RowVerdict]:
    """Return what the model says of objects, by the names that the table has for them."""
    task = find_task(model.task)
    keys = {object_key(name, dataset): name for name in names}
    told = ObjectVerdict.objects.filter(
        session=model, mission=dataset.name, object_key__in=list(keys)
    ).values_list("object_key", "probabilities", "possible", "number")
    verdicts = {}
    for key, values, held, number in told:
        probabilities = dict(zip(task.classes, values, strict=True))
        possible = tuple(map(Disposition, held))
        verdicts[keys[key]] = RowVerdict(
            word=verdict_of(task, probabilities, possible),
            planet_probability=probabilities[PLANET],
            probabilities=probabilities,
            possible=possible,
            number=number,
        )
    return verdicts
