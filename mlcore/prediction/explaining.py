"""Explaining rows that are scored: all of a table, or those that somebody looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets.spec import CLASSES
from mlcore.features.described import described_columns
from mlcore.inspection import Explanation, explain_rows, reasons
from mlcore.levels import COVERAGE
from mlcore.parallel import beside
from mlcore.prediction.assessment import assess
from mlcore.prediction.physical_checks import CHECKS
from mlcore.prediction.predictions import Predictions, actual_labels
from mlcore.prediction.scoring import score
from mlcore.prediction.verdict import VERDICTS
from mlcore.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.inspection.nearest_neighbours import LearntPlaces
    from mlcore.inspection.shap.explain import TreesOf
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback
    from mlcore.run import RunContext

__all__ = [
    "about_predictions",
    "explain_labels",
    "explain_scored",
    "importance_of",
    "sampled_rows",
]

_STAGES = {"Explaining each object": 45, "Judging each object": 55}
_WEIGHED_BY = 2_000
"""So many rows of a table say how much its columns matter where neighbours are sought: they are
the same ones whether all rows are explained or only some."""


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
    trees_of: TreesOf | None = None,
    progress: ProgressCallback = silent,
) -> Explanation:
    """Explain the output of each row's label.

    Parameters
    ----------
    model, features
        As in `explain_scored`.
    labels
        Position of each row's label in `CLASSES`.
    trees_of
        As in `mlcore.inspection.shap.explain.explain_rows`.
    progress
        Called with the fraction that is done.
    """
    # A calibration can make a class likeliest that the fit has never met; it has no output.
    outputs = {kind: place for place, kind in enumerate(model.classifier.classes)}
    of_classes = np.array([outputs.get(kind, 0) for kind in CLASSES], dtype=np.int64)
    explained = of_classes[labels]
    return explain_rows(model.classifier, features, explained, trees_of=trees_of, progress=progress)


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
