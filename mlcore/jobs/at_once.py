"""What a person waits for: the verdict of one object, and what it were with other values.

A process that stays asks `AtOnce` one question after the other; it keeps the models and rows that
were used last. Whatever it answers has the bits of a table's prediction.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlcore._json import strict
from mlcore._memory import give_back
from mlcore.analyses.movable import movable_quantities
from mlcore.analyses.said_at_once import outline_of, said_at_once, said_of_row
from mlcore.analyses.turning_points import turning_points
from mlcore.datasets import DATASETS
from mlcore.datasets.headings.mapping import ColumnMapping
from mlcore.datasets.one_object import noticed_of_object, read_object
from mlcore.datasets.units import column_facts
from mlcore.errors import ArtifactError, DataError
from mlcore.jobs.kept import KeptObjects
from mlcore.jobs.means import with_means
from mlcore.jobs.messages import ObjectJob, PredictionJob, ValuesJob
from mlcore.jobs.refits import kept_refit, model_for
from mlcore.prediction.assessment import interval_as_json
from mlcore.prediction.explaining import explain_scored
from mlcore.prediction.in_sample import LEARNT
from mlcore.prediction.verdict import NOT_MEASURED, transit_measured
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mlcore.analyses.at_hand import ObjectAtHand
    from mlcore.datasets.table import Table
    from mlcore.evaluation.fewer_columns import FewerColumns
    from mlcore.models.trained_model import TrainedModel

__all__ = ["AtOnce", "fit_for_values_job"]

_KEPT = (
    "The table is too large to be compared again: what is computed from other objects is as the"
    " catalogue's own values gave it."
)


class AtOnce:
    """Answers questions about single objects, and keeps what they needed."""

    def __init__(self) -> None:
        self._kept = KeptObjects()

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is asked as JSON values.

        Parameters
        ----------
        question
            ``values``: the fields of a `ValuesJob`; or ``object``: those of an `ObjectJob`.

        Returns
        -------
        dict
            All of an object as `mlcore.analyses.said_at_once.said_of_row` tells it, and what a
            question adds. For values that need a model of fewer columns which is not kept only
            ``must_be_fitted``, see `fit_for_values_job`.

        Raises
        ------
        FieldError
            When a value cannot be; it names the request's field.
        MlcoreError
            When the model or the rows cannot be used.
        """
        if "values" in question:
            return self._answered(ValuesJob(**question["values"]))
        job = ObjectJob(**question["object"])
        one = self._kept.object_of(job)
        answers = {"what_if": _what_if, "movable": _movable, "turning_points": _turning_points}
        told: dict[str, Any] = strict(answers[job.question](one, job))
        return {"object": {"number": one.number, "name": one.name, "host": one.host}} | told

    def let_go(self) -> None:
        """Forget what was kept."""
        self._kept.clear()
        give_back()

    def _answered(self, job: ValuesJob) -> dict[str, Any]:
        order = PredictionJob(**job.prediction)
        given = read_object(
            job.values, DATASETS[order.dataset], mapping=ColumnMapping.from_json(order.mapping)
        )
        published, table, reference = _asked(self._kept, order, given)
        artifact, fewer = kept_refit(published, [table], order)
        model = None if artifact is None else self._refit(artifact, fitted=fewer is not None)
        if artifact is None or model is None:
            return {"must_be_fitted": True}
        predictions = explain_scored(
            model,
            table,
            model.features(table, reference=reference),
            learnt=self._kept.places(str(artifact), order),
            measured=transit_measured(table),
            run=RunContext(seed=order.seed),
        )
        (assessment,) = predictions.assessments
        warnings = [] if assessment.measured else [NOT_MEASURED]
        if model.knows(table).any():
            warnings.append(LEARNT)
        told: dict[str, Any] = strict(
            {
                "object": {
                    "number": None,
                    "name": predictions.names[0],
                    "host": predictions.hosts[0],
                },
                **said_of_row(
                    model,
                    table.dataset,
                    values=predictions.values[0],
                    probabilities=predictions.probabilities[0],
                    explanation=predictions.explanation,
                    sentences=predictions.reasons[0],
                    assessment=assessment,
                ),
                "score_interval": interval_as_json(assessment.interval),
                "score_interval_sentence": assessment.interval_sentence,
                "nearest_neighbours": assessment.as_json()["analogues"],
                "understood": _understood(given, fewer),
                "warnings": [
                    *warnings,
                    *noticed_of_object(given),
                    *([fewer.sentence] if fewer else []),
                ],
            }
        )
        return told

    def _refit(self, artifact: Path, *, fitted: bool) -> TrainedModel | None:
        """Return a saved model; None where one that was fitted for others is damaged."""
        try:
            return self._kept.model(str(artifact))
        except ArtifactError:
            if not fitted:
                raise
            return None


def fit_for_values_job(
    argument: Mapping[str, Any],
    emit: Callable[[dict[str, Any]], None],  # noqa: ARG001 - what every job takes
) -> dict[str, Any]:
    """Fit the model that the values of an object need, and keep it for whoever asks next.

    Parameters
    ----------
    argument
        The fields of a `ValuesJob`.
    emit
        Takes no event here.

    Returns
    -------
    dict
        Empty.

    Raises
    ------
    DataError
        When no such model can be fitted.
    """
    job = ValuesJob(**argument)
    order = PredictionJob(**job.prediction)
    given = read_object(
        job.values, DATASETS[order.dataset], mapping=ColumnMapping.from_json(order.mapping)
    )
    published, table, _ = _asked(KeptObjects(), order, given)
    try:
        with with_means(RunContext(seed=order.seed), order.means, kept=False) as run:
            model_for(published, [table], order, run)
    except OSError:
        raise DataError(
            "The object lacks values that the model was trained on, and the rows that it could be"
            " fitted anew on without them are no longer on this server."
        ) from None
    return {}


def _asked(
    kept: KeptObjects, order: PredictionJob, given: Table
) -> tuple[TrainedModel, Table, Table | None]:
    """Return the model that is asked, the object with its star, and the mission's catalogue."""
    published = kept.model(order.artifact)
    published.check_serves(given.dataset)
    reference = kept.catalogue(order.reference, given.dataset.name, order.means)
    table = given if reference is None else given.with_stars_of(reference)
    return published, table, reference


def _understood(table: Table, fewer: FewerColumns | None) -> dict[str, Any]:
    """Return what was read of the values, and what the model would have read beside them."""
    reading = table.reading.as_json()
    lacking = () if fewer is None else fewer.lacking
    return {
        "headings": reading["headings"],
        "ignored": [one["heading"] for one in reading["headings"] if one["use"] == "ignored"],
        "missing": [
            {"column": name, **column_facts(table.dataset.column(name))} for name in lacking
        ],
        "refit": None if fewer is None else fewer.sentence,
    }


def _what_if(one: ObjectAtHand, job: ObjectJob) -> dict[str, Any]:
    changes = one.read_changes(job.changes)
    other = one.changed(changes)
    columns = {name: one.dataset.column(name) for name in changes}
    warnings = [_KEPT] if one.keeps_neighbours(changes) else []
    if one.number is None and one.model.knows(one.table).any():
        warnings.append(LEARNT)
    return {
        "changes": [
            {
                "column": name,
                **column_facts(column),
                "before": one.values[name],
                "after": changes[name],
            }
            for name, column in columns.items()
        ],
        "before": outline_of(one),
        **said_at_once(other),
        "warnings": warnings,
    }


def _movable(one: ObjectAtHand, _job: ObjectJob) -> dict[str, Any]:
    said = said_at_once(one)
    return {
        "verdict": said["verdict"],
        "quantities": [
            quantity.as_json() for quantity in movable_quantities(one, said["contributions"])
        ],
    }


def _turning_points(one: ObjectAtHand, _job: ObjectJob) -> dict[str, Any]:
    said = said_at_once(one)
    points = turning_points(one, movable_quantities(one, said["contributions"]))
    turned = [point for point in points if not math.isnan(point.at)]
    return {
        "verdict": said["verdict"],
        "quantities": [point.as_json() for point in points],
        # What changes it is of more interest than what does not.
        "sentences": [
            point.sentence for point in (*turned, *(p for p in points if p not in turned))
        ],
    }
