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
from mlcore.parallel import beside
from mlcore.prediction.assessment import Assessment, assess
from mlcore.prediction.stored import write_predictions
from mlcore.progress import Progress, silent
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = ["Predictions", "actual_labels", "predict_rows", "predict_tables"]

_STAGES = {"Explaining each object": 45, "Judging each object": 55}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Predictions:
    """Predictions for a table's rows, column by column."""

    names: list[str]
    hosts: list[str]
    labels: list[str]
    actual: list[str | None]
    probabilities: NDArray[np.float64]
    """Shape ``(n, 3)``, in the order of `CLASSES`."""
    temperatures: NDArray[np.float64]
    values: NDArray[np.float64]
    """Shape ``(n, p)``."""
    explanation: Explanation
    reasons: list[tuple[str, ...]]
    assessments: list[Assessment]
    ranks: list[int | None]
    """Place in the follow-up list, from 1 for the likeliest planet; None for rows not on it."""

    def __len__(self) -> int:
        return len(self.names)

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
        return replace(whole, ranks=_ranks(listed, task.probabilities(whole.probabilities), task))


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
    steps = Progress(_STAGES, run.progress)
    features = model.features(table, reference=reference, computed=run.computed)
    classifier = model.classifier
    probabilities = classifier.predict_proba(features)
    best = probabilities.argmax(axis=1)
    labels: list[Disposition] = [CLASSES[place] for place in best]
    # A calibration can make a class likeliest that the fit has never met; it has no output.
    outputs = {kind: place for place, kind in enumerate(classifier.classes)}
    explained = np.array([outputs.get(label, 0) for label in labels], dtype=np.int64)
    with steps.stage("Explaining each object") as report:
        explanation = explain_rows(classifier, features, explained, progress=report)
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
            probabilities,
            explanation,
            learned_from=learned_from,
            draws=draws,
            run=run.reporting(report),
        )
        sentences = in_words()
    listed = np.full(len(table), bool(task.ranked))
    if table.labels is not None:
        listed &= task.followed_up(table.labels)
    return Predictions(
        names=list(table.names),
        hosts=list(table.hosts),
        labels=[str(label) for label in labels],
        actual=actual_labels(table),
        probabilities=probabilities,
        temperatures=np.asarray(table.temperatures, dtype=np.float64),
        values=values,
        explanation=explanation,
        reasons=sentences,
        assessments=assessments,
        ranks=_ranks(listed, task.probabilities(probabilities), task),
    )


def actual_labels(table: Table) -> list[str | None]:
    """Return the true `Disposition` of each row, None where it is not known."""
    if table.labels is None:
        return [None] * len(table.frame)
    return [None if pd.isna(label) else str(label) for label in table.labels]


def _ranks(
    listed: NDArray[np.bool_], probabilities: NDArray[np.float64], task: Task
) -> list[int | None]:
    ranks: list[int | None] = [None] * len(listed)
    for rank, row in enumerate(task.follow_up(listed, probabilities).tolist(), start=1):
        ranks[row] = rank
    return ranks
