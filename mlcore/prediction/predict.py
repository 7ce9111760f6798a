"""Predictions for every row of a table, each with its explanation and what else is said of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.datasets.spec import CLASSES, Disposition
from mlcore.errors import DataError
from mlcore.inspection import Explanation, explain_rows, reasons
from mlcore.models.time_budget import WITHOUT_END
from mlcore.prediction.assessment import Assessment, assess
from mlcore.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.model_selection.training_rows import TrainingRows
    from mlcore.models.time_budget import TimeBudget
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

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row for each object, in words and numbers.

        Of each it has the true and the most probable label, the calibrated probability of every
        class, the conformal ``answer``, whether it lies outside of what the model knows, how far
        the catalogue's errors move the probability of its label (``p_low`` to ``p_high``), which
        physical checks it failed, the labelled objects that are most alike, and the reasons.
        """
        frame = pd.DataFrame({"name": self.names, "host": self.hosts, "prediction": self.labels})
        if any(self.actual):
            frame["actual"] = self.actual
        for position, each in enumerate(CLASSES):
            frame[f"p_{each}"] = self.probabilities[:, position]
        frame["answer"] = [
            None if each.conformal is None else each.conformal.answer for each in self.assessments
        ]
        frame["outside_domain"] = [each.novelty.outside for each in self.assessments]
        if any(self.ranks):
            frame["follow_up_rank"] = pd.array(self.ranks, dtype="Int64")
        bounds = [self._score_interval(place) for place in range(len(self))]
        frame["p_low"], frame["p_high"] = zip(*bounds, strict=True) if bounds else ((), ())
        frame["failed_checks"] = ["; ".join(each.failed_checks) for each in self.assessments]
        frame["alike"] = [
            "; ".join(
                f"{analogue.name} ({analogue.disposition})" for analogue in each.nearest_neighbours
            )
            for each in self.assessments
        ]
        frame["reasons"] = ["; ".join(sentences) for sentences in self.reasons]
        return frame

    def _score_interval(self, place: int) -> tuple[float | None, float | None]:
        interval = self.assessments[place].interval
        label = Disposition(self.labels[place])
        return (None, None) if interval is None else interval[CLASSES.index(label)]

    def write(self, path: Path) -> None:
        """Write everything to a Parquet file that `prediction_rows` reads."""
        table = pa.table(
            {
                "name": self.names,
                "host": self.hosts,
                "label": self.labels,
                "actual": pa.array(self.actual, pa.string()),
                "probabilities": _lists(self.probabilities),
                "temperature": pa.array(self.temperatures, pa.float64(), from_pandas=True),
                "values": _lists(self.values),
                "contributions": _lists(self.explanation.contributions),
                "base": self.explanation.base,
                "output": self.explanation.output,
                "reasons": pa.array([list(each) for each in self.reasons], pa.list_(pa.string())),
                "follow_up_rank": pa.array(self.ranks, pa.int64()),
                "judgement": [
                    json.dumps(each.as_json(), allow_nan=False) for each in self.assessments
                ],
            }
        )
        pq.write_table(table, path, compression="zstd")

    @classmethod
    def joined(cls, parts: Sequence[Predictions], task: Task) -> Predictions:
        """Return the predictions of several tables as one, with one follow-up list."""
        if len(parts) == 1:
            return parts[0]
        probabilities = np.concatenate([part.probabilities for part in parts])
        listed = np.concatenate(
            [[rank is not None for rank in part.ranks] for part in parts]
        ).astype(bool)
        explained = [part.explanation for part in parts]
        return cls(
            names=[each for part in parts for each in part.names],
            hosts=[each for part in parts for each in part.hosts],
            labels=[each for part in parts for each in part.labels],
            actual=[each for part in parts for each in part.actual],
            probabilities=probabilities,
            temperatures=np.concatenate([part.temperatures for part in parts]),
            values=np.concatenate([part.values for part in parts]),
            explanation=Explanation(
                columns=explained[0].columns,
                contributions=np.concatenate([each.contributions for each in explained]),
                base=np.concatenate([each.base for each in explained]),
                output=np.concatenate([each.output for each in explained]),
                scale=explained[0].scale,
            ),
            reasons=[each for part in parts for each in part.reasons],
            assessments=[each for part in parts for each in part.assessments],
            ranks=_ranks(listed, task.probabilities(probabilities), task),
        )


def predict_rows(
    model: TrainedModel,
    table: Table,
    *,
    reference: Table | None = None,
    learned_from: Sequence[TrainingRows] = (),
    budget: TimeBudget = WITHOUT_END,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> Predictions:
    """Predict, explain and judge every row of a table.

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
        What the model was trained on, as far as it is at hand: analogues are taken from it.
    budget
        What may be left out where it would take too long: intervals of the scores.
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
    if not len(table):
        raise DataError("The table has no row to predict.")
    steps = Progress(_STAGES, progress)
    features = model.features(table, reference=reference)
    classifier = model.classifier
    probabilities = classifier.predict_proba(features)
    best = probabilities.argmax(axis=1)
    labels: list[Disposition] = [CLASSES[each] for each in best]
    # A calibration can make a class likeliest that the fit has never met; it has no output.
    known = [each if each in classifier.classes else classifier.classes[0] for each in labels]
    explained = np.array([classifier.classes.index(each) for each in known], dtype=np.int64)
    with steps.stage("Explaining each object") as report:
        explanation = explain_rows(classifier, features, explained, progress=report)
    with steps.stage("Judging each object") as report:
        assessments = assess(
            model,
            table,
            features,
            probabilities,
            explanation,
            learned_from=learned_from,
            budget=budget,
            seed=seed,
            progress=report,
        )
    values = features.to_numpy(dtype=np.float64)
    columns = model.columns(table.dataset)
    task = model.task
    listed = np.ones(len(table), dtype=bool)
    if table.labels is not None:
        listed = task.followed_up(table.labels)
    return Predictions(
        names=list(table.names),
        hosts=list(table.hosts),
        labels=[str(each) for each in labels],
        actual=actual_labels(table),
        probabilities=probabilities,
        temperatures=np.asarray(table.temperatures, dtype=np.float64),
        values=values,
        explanation=explanation,
        reasons=[
            reasons(columns, values[i], explanation.contributions[i], labels[i])
            for i in range(len(labels))
        ],
        assessments=assessments,
        ranks=_ranks(listed & bool(task.ranked), task.probabilities(probabilities), task),
    )


def predict_tables(
    model: TrainedModel,
    tables: Sequence[Table],
    *,
    references: Mapping[str, Table] = MappingProxyType({}),
    learned_from: Sequence[TrainingRows] = (),
    budget: TimeBudget = WITHOUT_END,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> Predictions:
    """Predict the rows of several missions' tables, one after the other, with one follow-up list.

    Parameters
    ----------
    model, learned_from, budget, seed, progress
        As in `predict_rows`.
    tables
        A table a mission.
    references
        The whole catalogue of each mission, by its name.
    """
    parts = []
    for place, table in enumerate(tables):

        def report(done: float, step: str, place: int = place) -> None:
            progress((place + done) / len(tables), step)

        parts.append(
            predict_rows(
                model,
                table,
                reference=references.get(table.dataset.name),
                learned_from=learned_from,
                budget=budget,
                seed=seed,
                progress=report,
            )
        )
    return Predictions.joined(parts, model.task)


def actual_labels(table: Table) -> list[str | None]:
    """Return the true `Disposition` of each row, None where it is not known."""
    if table.labels is None:
        return [None] * len(table.frame)
    return [None if pd.isna(each) else str(each) for each in table.labels]


def _ranks(
    listed: NDArray[np.bool_], probabilities: NDArray[np.float64], task: Task
) -> list[int | None]:
    ranks: list[int | None] = [None] * len(listed)
    for rank, row in enumerate(task.follow_up(listed, probabilities).tolist(), start=1):
        ranks[row] = rank
    return ranks


def _lists(matrix: NDArray[np.float64]) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(matrix).ravel(), pa.float64(), from_pandas=True)
    offsets = np.arange(0, matrix.size + 1, matrix.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(offsets, flat)
