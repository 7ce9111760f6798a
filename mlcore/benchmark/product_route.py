"""What the product itself offers on the rows of the recipe: the published models, and a search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlcore.automl.search import search
from mlcore.benchmark.protocol import BY_STAR, FULL, Effort, measured_by_seed, unmeasured
from mlcore.benchmark.rows import Aim, Bar, BenchmarkRow
from mlcore.features.feature_sets import Inputs
from mlcore.model_selection.folds import out_of_fold
from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from mlcore.models.model_types import MODELS
from mlcore.models.refit import Recipe
from mlcore.pretrained.registry import MODEL_TYPE, PUBLISHED
from mlcore.run import RunContext
from mlcore.training.fit import SEARCHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.benchmark.tables import BenchmarkTables
    from mlcore.datasets.table import Table
    from mlcore.pretrained.registry import PublishedModel

__all__ = ["product_route"]

_BELOW = 0.002
"""How far below the recipe the product's own route may lie."""
_NOTE = f"The bar is {_BELOW:g} below the recipe on the same rows."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Beside:
    """A published model, and the line of the recipe that it stands beside."""

    model: str
    line: str
    """Name of the recipe's rows."""


_BESIDE = (
    _Beside(model="kepler-vetting", line="kepler"),
    _Beside(model="kepler-wide-vetting", line="kepler-wide"),
    _Beside(model="tess-vetting", line="tess"),
    _Beside(model="kepler-disposition", line="kepler-disposition"),
)


def product_route(
    tables: BenchmarkTables, measured: Sequence[BenchmarkRow], *, effort: Effort = FULL
) -> tuple[BenchmarkRow, ...]:
    """Measure the published models and a search beside the recipe's rows.

    Parameters
    ----------
    tables
        The archive's tables.
    measured
        The recipe's lines.
    effort
        How much is fitted for each figure.
    """
    # The first line of each: the figure that the recipe is made for.
    lines = {line.name: line for line in reversed(measured)}
    rows: list[BenchmarkRow] = []
    for beside in _BESIDE:
        rows += _published(beside, lines.get(beside.line), tables, effort)
    rows += _searched(lines.get("kepler"), tables, effort)
    return tuple(rows)


def _published(
    beside: _Beside, line: BenchmarkRow | None, tables: BenchmarkTables, effort: Effort
) -> tuple[BenchmarkRow, ...]:
    model = PUBLISHED[beside.model]
    aim = _aim(f"{beside.line}-published", f"{beside.model}, as it is published", model, line)
    table = _table_of(beside.model, tables)
    if table is None:
        return unmeasured(aim)
    rows = _rows_of(model, table, tables)
    kind = MODELS[MODEL_TYPE]
    values, _ = kind.read_hyperparameters(model.hyperparameters)
    if effort is not FULL:
        values = {**values, "n_estimators": effort.recipe.rounds}
    recipe = Recipe(kind, values, model.task)

    def score(seed: int) -> NDArray[np.float64]:
        return out_of_fold(recipe.fit, rows, task=model.task, seed=seed)

    return measured_by_seed(
        aim, effort, score, rows.labels, rows.hosts, task=model.task, split=BY_STAR
    )


def _searched(
    line: BenchmarkRow | None, tables: BenchmarkTables, effort: Effort
) -> tuple[BenchmarkRow, ...]:
    model = PUBLISHED["kepler-vetting"]
    seconds = 300.0 if effort is FULL else 1.0
    asked = f"auto with {seconds:g} seconds, KOI, planet against false positive"
    aim = _aim("kepler-auto", asked, model, line)
    if tables.kepler is None:
        return unmeasured(aim)
    rows = _rows_of(model, tables.kepler, tables)

    def score(seed: int) -> NDArray[np.float64]:
        return search(
            rows,
            task=model.task,
            seconds=seconds,
            candidates=SEARCHED,
            run=RunContext(seed=seed),
        ).out_of_fold

    return measured_by_seed(
        aim,
        replace(effort, seeds=effort.seeds[:1]),
        score,
        rows.labels,
        rows.hosts,
        task=model.task,
        split=BY_STAR,
    )


def _aim(name: str, task: str, model: PublishedModel, line: BenchmarkRow | None) -> Aim:
    """Return what is measured beside a line of the recipe."""
    metric = "roc_auc" if line is None else line.metric
    bar = None if line is None or line.value is None else line.value - _BELOW
    return Aim(
        name=name,
        task=task,
        features=model.feature_set.meaning,
        bars=(Bar(metric=metric, value=bar),),
        needs="the mission's table",
        note=_NOTE,
    )


def _table_of(name: str, tables: BenchmarkTables) -> Table | None:
    if name == "kepler-wide-vetting":
        return tables.kepler_wide if tables.treated is not None else None
    return tables.tess if name.startswith("tess") else tables.kepler


def _rows_of(model: PublishedModel, table: Table, tables: BenchmarkTables) -> LabelledRows:
    inputs = Inputs(feature_set=model.feature_set)
    seen = inputs.matrix(table, reference=table)
    rows = rows_to_learn_from([LabelledRows.of([table], seen)], inputs)
    kept = model.task.decided(rows.labels)
    if table is tables.kepler_wide and tables.treated is not None:
        kept &= tables.treated
    return rows.take(kept)
