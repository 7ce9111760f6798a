"""Some objects of a large table, explained when somebody looks at them: one page of a list.

What the table's size left out when it was predicted is worked out from its kept rows, to the bit as
if all of them had been explained at once: draws belong to a row's own number, and columns are
weighed by the same rows.
"""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.errors import DataError
from mlcore.jobs.learnt_places import places_learnt
from mlcore.jobs.means import computed_by, with_means
from mlcore.jobs.messages import (
    LEARNT,
    MOST_EXPLAINED,
    PREDICTIONS,
    ROWS,
    ExplainObjectsJob,
)
from mlcore.persistence.artifact import load_artifact
from mlcore.prediction.explaining import explain_scored
from mlcore.prediction.stored import ObjectPrediction, StoredPredictions
from mlcore.prediction.stored_rows import stored_rows
from mlcore.progress import Progress
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray


__all__ = ["explain_objects_job"]


def explain_objects_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Explain some objects of a table that was predicted.

    Parameters
    ----------
    argument
        The fields of an `ExplainObjectsJob`.
    emit
        Receives ``{"progress": fraction, "step": words}``.

    Returns
    -------
    dict
        ``objects``: all fields of `mlcore.prediction.stored.ObjectPrediction` of each, complete,
        in the order asked for, as JSON values.

    Raises
    ------
    DataError
        When too many objects are asked for, or one that is not there.
    """
    job = ExplainObjectsJob(**argument)
    progress = Progress(
        {"Reading the objects": 30, "Explaining the objects": 70},
        lambda done, step: emit({"progress": done, "step": step}),
    )
    if len(job.numbers) > MOST_EXPLAINED:
        raise DataError(f"At most {MOST_EXPLAINED} objects can be explained at once.")
    with with_means(RunContext(seed=job.seed), job.means, kept=False) as run:
        with progress.stage("Reading the objects"):
            stored = StoredPredictions(Path(job.results) / Path(PREDICTIONS).name)
            if not all(1 <= number <= len(stored) for number in job.numbers):
                raise DataError(f"The session has {len(stored)} objects, numbered from 1.")
            found = stored.take(job.numbers)
        if found and not stored.explained:
            with progress.stage("Explaining the objects") as report:
                found = _explained(job, stored.about, found, run.reporting(report.nested))
    names = [field.name for field in fields(ObjectPrediction)]
    return {"objects": [{name: getattr(one, name) for name in names} for one in found]}


def _explained(
    job: ExplainObjectsJob,
    about: Mapping[str, Any],
    found: list[ObjectPrediction],
    run: RunContext,
) -> list[ObjectPrediction]:
    """Return objects with what their file leaves out."""
    model = load_artifact(Path(job.artifact))
    table, neighbours = stored_rows(
        Path(job.results) / Path(ROWS).name,
        [one.number for one in found],
        [one.name for one in found],
        [one.host for one in found],
    )
    predictions = explain_scored(
        model,
        table,
        model.features_drawn(table, neighbours),
        learnt=places_learnt(
            model,
            about["mission"],
            artifact=Path(job.artifact),
            left=Path(job.results) / Path(LEARNT).name,
            catalogue=job.catalogue,
            computed=computed_by(job.means),
        ),
        measured=about["measured"],
        importance=np.array(about["importance"]),
        run=run,
    )
    explanation = predictions.explanation
    return [
        replace(
            one,
            values=_known(predictions.values[place]),
            contributions=explanation.contributions[place].tolist(),
            base=float(explanation.base[place]),
            output=float(explanation.output[place]),
            reasons=list(predictions.reasons[place]),
            judgement=predictions.assessments[place].as_json(),
        )
        for place, one in enumerate(found)
    ]


def _known(values: NDArray[np.float64]) -> list[float | None]:
    """Return values with None for those that are missing."""
    return [
        None if missing else value
        for value, missing in zip(values.tolist(), np.isnan(values), strict=True)
    ]
