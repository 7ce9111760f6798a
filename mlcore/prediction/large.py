"""A table of any size, predicted part by part: what every row is told, and no more.

The features of a part are computed, scored and let go; what depends on the whole table, such as an
object's siblings, follows from a few of its columns, which are held meanwhile. A row has the same
bits whatever the size of the parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore._memory import give_back
from mlcore.features.registry import of_neighbours
from mlcore.features.surroundings import Around, surroundings_of
from mlcore.prediction.explaining import (
    about_predictions,
    explain_labels,
    importance_of,
    sampled_rows,
)
from mlcore.prediction.scoring import Scored, follow_up_ranks, score
from mlcore.prediction.stored_rows import as_stored
from mlcore.prediction.verdict import transit_measured
from mlcore.prediction.writing import ScoredRows, writer_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.inspection import Explanation
    from mlcore.models.trained_model import TrainedModel
    from mlcore.run import RunContext

__all__ = ["LargePrediction", "features_of_rows", "predict_large"]

_ROWS_A_PART = 20_000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LargePrediction:
    """What a model says of every row of a table, and more of some."""

    rows: ScoredRows
    about: dict[str, Any]
    """What holds for all rows, as JSON values."""
    features: pd.DataFrame
    """What the model sees of the rows that were asked for, in their order."""
    explained: NDArray[np.int64]
    """Positions of the rows that stand for the table where columns are weighed."""
    explained_features: pd.DataFrame
    explanation: Explanation
    """Of these."""


def predict_large(
    model: TrainedModel,
    table: Table,
    *,
    reference: Table | None,
    looked_at: NDArray[np.int64],
    rows_path: Path,
    run: RunContext,
) -> LargePrediction:
    """Score every row of a table, and keep the rows for what is asked of single ones later.

    Parameters
    ----------
    model
        The fitted model.
    table
        Rows of a mission that it serves.
    reference
        The mission's whole catalogue, whose objects are neighbours too.
    looked_at
        Positions of rows whose features are returned.
    rows_path
        Where the rows are kept.
    run
        Its seed draws the rows that stand for the table.
    """
    give_back()
    measured = transit_measured(table)
    weighed = sampled_rows(len(table), run.seed)
    wanted = np.union1d(looked_at, weighed)
    scored, kept = [], []
    with writer_to(rows_path) as write:
        for begin, part, neighbours, features in _parts(model, table, reference):
            write(as_stored(part, neighbours))
            scored.append(score(model, part, features, measured=measured))
            end = begin + len(part)
            here = wanted[np.searchsorted(wanted, begin) : np.searchsorted(wanted, end)]
            kept.append(features.iloc[here - begin])
            run.progress(0.9 * end / len(table), f"{end:,} of {len(table):,} rows")
    whole, features = Scored.joined(scored), pd.concat(kept, ignore_index=True)
    of_weighed = features.iloc[np.searchsorted(wanted, weighed)].reset_index(drop=True)
    explanation = explain_labels(model, of_weighed, whole.labels[weighed])
    importance = importance_of(explanation, np.arange(len(weighed)))
    run.progress(1.0, "columns weighed")
    labels = table.labels
    return LargePrediction(
        rows=ScoredRows(
            names=table.names,
            hosts=table.hosts,
            actual=pd.Series(None, index=table.frame.index, dtype="str")
            if labels is None
            else labels,
            temperatures=np.asarray(table.temperatures, dtype=np.float64),
            scored=whole,
            ranks=follow_up_ranks(model.task, table, whole.probabilities),
        ),
        about=about_predictions(model, table.dataset, measured=measured, importance=importance),
        features=features.iloc[np.searchsorted(wanted, looked_at)].reset_index(drop=True),
        explained=weighed,
        explained_features=of_weighed,
        explanation=explanation,
    )


def features_of_rows(
    model: TrainedModel, table: Table, reference: Table | None, rows: NDArray[np.int64]
) -> pd.DataFrame:
    """Return what a model sees of some rows of a table, holding no more than a part meanwhile.

    Parameters
    ----------
    model, table, reference
        As in `predict_large`.
    rows
        Their positions, rising.
    """
    kept = []
    for begin, part, _, features in _parts(model, table, reference, rows):
        here = slice(*np.searchsorted(rows, [begin, begin + len(part)]))
        kept.append(features.iloc[rows[here] - begin])
    return pd.concat(kept, ignore_index=True)


def _parts(
    model: TrainedModel,
    table: Table,
    reference: Table | None,
    rows: NDArray[np.int64] | None = None,
) -> Iterator[tuple[int, Table, pd.DataFrame, pd.DataFrame]]:
    """Yield the table's parts: where each begins, its rows, and both kinds of features.

    Where rows are given, by their positions, parts without any of them are left out.
    """
    model.check_serves(table.dataset)
    names = model.neighbour_columns(table.dataset)
    everything = surroundings_of(table, reference) if names else None
    give_back()
    for begin in range(0, len(table), _ROWS_A_PART):
        if rows is not None and not np.diff(np.searchsorted(rows, [begin, begin + _ROWS_A_PART])):
            continue
        part = table.part(begin, min(begin + _ROWS_A_PART, len(table)))
        neighbours = pd.DataFrame(index=part.frame.index)
        if everything is not None:
            around = Around(everything=everything, begin=begin, end=begin + len(part))
            computed = of_neighbours(around)
            neighbours = pd.DataFrame({name: computed[name] for name in names})
        yield begin, part, neighbours, model.features_drawn(part, neighbours)
