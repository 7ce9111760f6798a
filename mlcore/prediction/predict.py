"""Predictions for every row of a table, each with its explanation and what else is said of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.spec import CLASSES, Disposition
from mlcore.errors import DataError
from mlcore.features.described import described_columns
from mlcore.inspection import Explanation, explain_rows, reasons
from mlcore.levels import COVERAGE
from mlcore.parallel import beside
from mlcore.prediction.assessment import Assessment, assess, learnt_places
from mlcore.prediction.physical_checks import CHECKS
from mlcore.prediction.scoring import Scored, follow_up_ranks, ranks_of, score
from mlcore.prediction.verdict import VERDICTS, transit_measured
from mlcore.prediction.writing import write_predictions
from mlcore.progress import Progress, silent
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.inspection.nearest_neighbours import LearntPlaces
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = [
    "Predictions",
    "about_predictions",
    "actual_labels",
    "explain_labels",
    "explain_scored",
    "importance_of",
    "predict_rows",
    "predict_tables",
    "sampled_rows",
]

_STAGES = {"Explaining each object": 45, "Judging each object": 55}
_WEIGHED_BY = 2_000
"""So many rows of a table say how much its columns matter where neighbours are sought: they are
the same ones whether all rows are explained or only some."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Predictions:
    """Predictions for a table's rows, column by column."""

    names: list[str]
    hosts: list[str]
    labels: list[str]
    actual: list[str | None]
    scored: Scored
    temperatures: NDArray[np.float64]
    values: NDArray[np.float64]
    """Shape ``(n, p)``."""
    explanation: Explanation
    reasons: list[tuple[str, ...]]
    assessments: list[Assessment]
    ranks: list[int | None]
    """Place in the follow-up list, from 1 for the likeliest planet; None for rows not on it."""
    about: dict[str, Any]
    """What holds for all rows, as JSON values."""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Shape ``(n, 3)``, in the order of `CLASSES`."""
        return self.scored.probabilities

    @property
    def features(self) -> pd.DataFrame:
        """What the model saw of the rows, shape ``(n, p)``."""
        return pd.DataFrame(self.values, columns=list(self.explanation.columns))

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row for each object, in words and numbers.

        Of each it has the ``verdict`` in words, the true and the most probable label, the
        calibrated probability of every class, the conformal ``answer``, whether it lies outside of
        what the model knows, how far the catalogue's errors move the probability of its label
        (``p_low`` to ``p_high``), which physical checks it failed, the labelled objects that are
        most alike, and the reasons.
        """
        frame = pd.DataFrame({"name": self.names, "host": self.hosts, "prediction": self.labels})
        frame["verdict"] = [str(one.verdict) for one in self.assessments]
        if any(self.actual):
            frame["actual"] = self.actual
        for position, kind in enumerate(CLASSES):
            frame[f"p_{kind}"] = self.probabilities[:, position]
        said = self.assessments
        frame["answer"] = [one.conformal.answer if one.conformal else None for one in said]
        frame["outside_domain"] = [one.novelty.outside for one in said]
        if any(self.ranks):
            frame["follow_up_rank"] = pd.array(self.ranks, dtype="Int64")
        bounds = [self._score_interval(place) for place in range(len(self))]
        frame["p_low"], frame["p_high"] = zip(*bounds, strict=True) if bounds else ((), ())
        frame["failed_checks"] = ["; ".join(one.failed_checks) for one in said]
        frame["alike"] = [
            "; ".join(f"{alike.name} ({alike.disposition})" for alike in one.nearest_neighbours)
            for one in said
        ]
        frame["reasons"] = ["; ".join(sentences) for sentences in self.reasons]
        return frame

    def _score_interval(self, place: int) -> tuple[float | None, float | None]:
        interval = self.assessments[place].interval
        label = Disposition(self.labels[place])
        return (None, None) if interval is None else interval[CLASSES.index(label)]

    def write(self, path: Path) -> None:
        """Write everything to a Parquet file that `prediction_rows` reads."""
        write_predictions(self, path)

    @classmethod
    def joined(cls, parts: Sequence[Predictions], task: Task) -> Predictions:
        """Return the predictions of several tables as one, with one follow-up list."""
        if len(parts) == 1:
            return parts[0]
        whole: Predictions = _joined(parts)
        listed = np.array([rank is not None for rank in whole.ranks], dtype=bool)
        return replace(whole, ranks=_as_words(ranks_of(task, listed, whole.probabilities)))


def _joined(parts: Sequence[Any]) -> Any:
    """Return values of the rows of several tables as one, field by field where they have fields."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if isinstance(first, list):
        return [row for part in parts for row in part]
    if is_dataclass(first) and not isinstance(first, type):
        joined = {
            field.name: _joined([getattr(part, field.name) for part in parts])
            for field in fields(first)
        }
        return replace(first, **joined)
    # Columns and scale, which all tables share.
    return first


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
    return replace(predictions, ranks=_as_words(ranks))


def explain_scored(
    model: TrainedModel,
    table: Table,
    features: pd.DataFrame,
    *,
    learnt: LearntPlaces | None,
    measured: bool,
    importance: NDArray[np.float64] | None = None,
    draws: int | None = None,
    run: RunContext,
) -> Predictions:
    """Score, explain and assess rows of a table, without their places in the follow-up list.

    Parameters
    ----------
    model
        The fitted model.
    table
        The rows: a whole table, or some rows of one.
    features
        What the model sees of them, shape ``(n, p)``.
    learnt
        The objects that the model was trained on; None where they are not at hand.
    measured
        Whether anything measured of the transits is at hand in the whole table.
    importance
        Mean absolute contribution of each column in the whole table, see `importance_of`; None:
        the rows are the whole table.
    draws
        As in `predict_tables`.
    run
        Its seed is that of the draws.
    """
    steps = Progress(_STAGES, run.progress)
    scored = score(model, table, features, measured=measured)
    labels = [CLASSES[place] for place in scored.labels]
    with steps.stage("Explaining each object") as report:
        explanation = explain_labels(model, features, scored.labels, progress=report)
    if importance is None:
        importance = importance_of(explanation, sampled_rows(len(table), run.seed))
    values, task = features.to_numpy(dtype=np.float64), model.task
    described = described_columns(
        table.dataset, model.columns(table.dataset), given=table.given_columns
    )

    def put_into_words() -> list[tuple[str, ...]]:
        moved = explanation.contributions
        return [
            reasons(described, values[i], moved[i], label, task.classes)
            for i, label in enumerate(labels)
        ]

    with (
        steps.stage("Judging each object") as report,
        beside(put_into_words, cores=run.cores) as in_words,
    ):
        assessments = assess(
            model,
            table,
            features,
            scored,
            learnt=learnt,
            importance=importance,
            measured=measured,
            draws=draws,
            run=run.reporting(report),
        )
        sentences = in_words()
    return Predictions(
        names=list(table.names),
        hosts=list(table.hosts),
        labels=[str(label) for label in labels],
        actual=actual_labels(table),
        scored=scored,
        temperatures=np.asarray(table.temperatures, dtype=np.float64),
        values=values,
        explanation=explanation,
        reasons=sentences,
        assessments=assessments,
        ranks=[None] * len(table),
        about=about_predictions(model, table.dataset, measured=measured, importance=importance),
    )


def explain_labels(
    model: TrainedModel,
    features: pd.DataFrame,
    labels: NDArray[np.int64],
    *,
    progress: ProgressCallback = silent,
) -> Explanation:
    """Explain the output of each row's label.

    Parameters
    ----------
    model, features
        As in `explain_scored`.
    labels
        Position of each row's label in `CLASSES`.
    progress
        Called with the fraction that is done.
    """
    # A calibration can make a class likeliest that the fit has never met; it has no output.
    outputs = {kind: place for place, kind in enumerate(model.classifier.classes)}
    of_classes = np.array([outputs.get(kind, 0) for kind in CLASSES], dtype=np.int64)
    return explain_rows(model.classifier, features, of_classes[labels], progress=progress)


def sampled_rows(rows: int, seed: int, most: int = _WEIGHED_BY) -> NDArray[np.int64]:
    """Return which rows stand for a table: all of a small one, shape ``(m,)``, rising."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng([seed, rows]).choice(rows, most, replace=False))


def importance_of(explanation: Explanation, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean absolute contribution of each column over some of the explained rows."""
    return np.asarray(np.abs(explanation.contributions[rows]).mean(axis=0))


def about_predictions(
    model: TrainedModel, dataset: Dataset, *, measured: bool, importance: NDArray[np.float64]
) -> dict[str, Any]:
    """Return what a file of predictions says of all its rows, as JSON values."""
    return {
        "mission": dataset.name,
        "classes": [str(kind) for kind in model.task.classes],
        "coverage": None if model.conformal is None else COVERAGE,
        "columns": list(model.classifier.columns),
        "checks": [check.name for check in CHECKS],
        "verdicts": [str(verdict) for verdict in VERDICTS],
        "measured": measured,
        "importance": importance.tolist(),
    }


def actual_labels(table: Table) -> list[str | None]:
    """Return the true `Disposition` of each row, None where it is not known."""
    if table.labels is None:
        return [None] * len(table.frame)
    return [None if pd.isna(label) else str(label) for label in table.labels]


def _as_words(ranks: NDArray[np.int64]) -> list[int | None]:
    return [rank or None for rank in ranks.tolist()]
