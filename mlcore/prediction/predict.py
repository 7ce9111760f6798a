"""Predictions for every row of a table, each with its explanation and what else is said of it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.errors import DataError
from mlcore.prediction.assessment import learnt_places
from mlcore.prediction.explaining import explain_scored
from mlcore.prediction.predictions import Predictions, actual_labels, ranks_in_words
from mlcore.prediction.scoring import follow_up_ranks
from mlcore.prediction.verdict import transit_measured
from mlcore.progress import silent
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.table import Table
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback

__all__ = ["Predictions", "actual_labels", "predict_rows", "predict_tables"]


def predict_rows(
    model: TrainedModel,
    table: Table,
    *,
    reference: Table | None = None,
    learned_from: Sequence[LabelledRows] = (),
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> Predictions:
    """Predict, explain and assess every row of a table.

    Parameters
    ----------
    model
        The fitted model.
    table
        Rows of a mission that the model serves, with or without labels.
    reference
        The mission's whole catalogue, for features that depend on an object's neighbours; None:
        only the table's own rows are neighbours.
    learned_from
        What the model was trained on, as far as it is at hand: neighbours are taken from it.
    seed
        Seed of the draws within the catalogue's errors.
    progress
        Called with the fraction that is done and the current step.

    Returns
    -------
    Predictions
        The label of a row is always the class with the highest probability; of equal ones the
        first in canonical order.

    Raises
    ------
    DataError
        When the table has no rows, or is of a mission that the model does not serve.

    Examples
    --------
    >>> import mlcore
    >>> model = mlcore.load_published("kepler-vetting")
    >>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
    >>> predictions = mlcore.predict(model, table.take(range(3)), reference=table)
    >>> predictions.labels
    ['confirmed', 'confirmed', 'confirmed']
    >>> predictions.probabilities.shape
    (3, 3)
    """
    references = {} if reference is None else {table.dataset.name: reference}
    run = RunContext(seed=seed, progress=progress)
    return predict_tables(model, [table], references=references, learned_from=learned_from, run=run)


def predict_tables(
    model: TrainedModel,
    tables: Sequence[Table],
    *,
    references: Mapping[str, Table] = MappingProxyType({}),
    learned_from: Sequence[LabelledRows] = (),
    draws: int | None = None,
    run: RunContext,
) -> Predictions:
    """Predict the rows of several missions' tables, one after the other, with one follow-up list.

    Parameters
    ----------
    model, learned_from
        As in `predict_rows`.
    tables
        A table a mission.
    references
        The whole catalogue of each mission, by its name.
    draws
        How often values are drawn within their errors at most; None: as often as a model of the
        kind is asked.
    run
        Without time left the intervals of the scores are left out.
    """
    parts = []
    for place, table in enumerate(tables):

        def report(done: float, step: str, place: int = place) -> None:
            run.progress((place + done) / len(tables), step)

        reference = references.get(table.dataset.name)
        parts.append(
            _predicted(model, table, reference, learned_from, draws, run.reporting(report))
        )
    return Predictions.joined(parts, model.task)


def _predicted(
    model: TrainedModel,
    table: Table,
    reference: Table | None,
    learned_from: Sequence[LabelledRows],
    draws: int | None,
    run: RunContext,
) -> Predictions:
    if not len(table):
        raise DataError("The table has no row to predict.")
    features = model.features(table, reference=reference, computed=run.computed)
    predictions = explain_scored(
        model,
        table,
        features,
        learnt=learnt_places(model, table.dataset, learned_from),
        measured=transit_measured(table),
        draws=draws,
        run=run,
    )
    ranks = follow_up_ranks(model.task, table, predictions.probabilities)
    return replace(predictions, ranks=ranks_in_words(ranks))
