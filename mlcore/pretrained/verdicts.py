"""What a published model says of every object of its missions, by models that never saw its star.

The model itself speaks of the stars that it was not trained on. Of the others speak the models of
the folds that it was calibrated by, fitted once more: each of the stars that were held out of it.
Candidates that share a star with a training row are held out with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.model_selection.folds import star_folds
from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from mlcore.model_selection.protocol import FOLDS
from mlcore.model_selection.training_rows import training_rows
from mlcore.models.refit import Recipe
from mlcore.prediction.predict import actual_labels
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.models.trained_model import TrainedModel
    from mlcore.pretrained.sources import Source
    from mlcore.progress import ProgressCallback
    from mlcore.training.setup import TrainingSetup

__all__ = ["verdicts_of"]


def verdicts_of(
    model: TrainedModel,
    setup: TrainingSetup,
    sources: Mapping[str, Source],
    *,
    progress: ProgressCallback = silent,
) -> dict[str, Any]:
    """Score every object of a published model's missions by a model that never saw its star.

    Parameters
    ----------
    model
        The fitted model.
    setup
        What it was trained by.
    sources
        The table of each of its missions.
    progress
        Called with the fraction of the folds that are done.

    Returns
    -------
    dict
        What `mlcore.pretrained.verdict_rows` reads, as JSON values.
    """
    seed, task = model.classifier.seed, model.task
    parts = []
    for table in setup.tables:
        learnt = training_rows(table, setup.task)
        reference = (setup.references or {}).get(table.dataset.name)
        parts.append(LabelledRows.of([learnt], setup.inputs.matrix(learnt, reference=reference)))
    rows = rows_to_learn_from(parts, setup.inputs)
    fold = star_folds(rows.labels, rows.hosts, task=task, folds=FOLDS, seed=seed)
    of_star = dict(zip(rows.hosts, fold.tolist(), strict=True))
    recipe = Recipe(model.classifier.model_type, model.classifier.hyperparameters, task)
    tables = {
        mission: source.table if source.usable is None else source.table.take(source.usable)
        for mission, source in sources.items()
    }
    features = {
        mission: model.features(table, reference=sources[mission].table)
        for mission, table in tables.items()
    }
    folds = {
        mission: np.array([of_star.get(host, -1) for host in table.hosts], dtype=np.int64)
        for mission, table in tables.items()
    }
    scores = {
        mission: np.array(task.probabilities(model.classifier.predict_proba(seen)))
        for mission, seen in features.items()
    }
    for place in range(FOLDS):
        progress(place / FOLDS, f"fold {place + 1} of {FOLDS}")
        held_out = recipe.fit(rows.take(fold != place), seed)
        for mission, seen in features.items():
            here = folds[mission] == place
            if here.any():
                scores[mission][here] = _calibrated(model, held_out.predict_proba(seen[here]))
    progress(1.0, f"fold {FOLDS} of {FOLDS}")
    return {
        "classes": [str(kind) for kind in task.classes],
        "missions": {
            mission: _as_json(model, tables[mission].names, table_scores, folds[mission])
            | {
                "hosts": list(tables[mission].hosts),
                "dispositions": actual_labels(tables[mission]),
            }
            for mission, table_scores in scores.items()
        },
    }


def _calibrated(model: TrainedModel, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = model.task.probabilities(probabilities)
    calibration = model.classifier.calibration
    return scores if calibration is None else calibration.apply(scores)


def _as_json(
    model: TrainedModel,
    names: pd.Series[str],
    scores: NDArray[np.float64],
    fold: NDArray[np.int64],
) -> dict[str, Any]:
    sets = [0] * len(scores)
    if model.conformal is not None:
        classes = model.task.classes
        sets = [
            sum(1 << classes.index(kind) for kind in answer.possible)
            for answer in model.conformal.answers(scores)
        ]
    return {
        "names": list(names),
        # The last class has the rest.
        "probabilities": scores[:, :-1].tolist(),
        "sets": sets,
        "folds": fold.tolist(),
    }
