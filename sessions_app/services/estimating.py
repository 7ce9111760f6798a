"""How long a session would take: as others of its kind did, or by what is declared of its cost."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Sum

from mlcore.models import MODELS
from mlcore.models.costs import A_ROW
from mlcore.models.workload import Workload
from mlcore.prediction.stored import EXPLAINED_AT_ONCE
from sessions_app.lifecycle import Status
from sessions_app.models import DataSource, PredictionSession, Session, SessionKind, TrainingSession
from sessions_app.services.datasets import loaded_snapshot

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sessions_app.services.prediction_plan import PredictionPlan
    from sessions_app.services.training_plan import TrainingPlan

__all__ = ["TimeEstimate", "time_to_predict", "time_to_train"]

_LOOKED_AT = 300
"""Among how many of the sessions that ended last those of the same kind are looked for."""
_ALIKE = 2.0
"""By which factor files may be larger or smaller that are called alike."""
_DECLARED = "from the number of rows and columns and the model's declared cost on one core"
_USUAL_ROWS = 10_000
_A_JOB = 1.5
"""Seconds that a job takes however few rows it has, see docs/reference/speed.md."""
_A_ROW_OF_MANY = 2e-5
"""Seconds that a row takes where there are so many that none is explained; see there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeEstimate:
    """About how long a session would take once a worker has taken it up."""

    seconds: float
    basis: str
    """How the estimate was made, in words."""
    sessions: int = 0
    """Of how many finished sessions it is the median; 0: of none."""


def time_to_train(plan: TrainingPlan) -> TimeEstimate | None:
    """Return how long training would take, None where what was refused has to be known for it."""
    if plan.kind is None or plan.values is None or plan.work is None or plan.dataset is None:
        return None
    if plan.kind.searches:
        return TimeEstimate(
            seconds=float(plan.values["time_budget"]), basis="the time that you give the search"
        )
    alike = _lately_ended(SessionKind.TRAINING, TrainingSession.objects.all()).filter(
        mission=plan.dataset.name,
        model_type=plan.kind.name,
        hyperparameters=plan.values,
        feature_set=plan.choices.feature_set,
        protocols=list(map(str, plan.choices.protocols)),
    )
    return _as_others(alike, _rows_of(plan)) or TimeEstimate(
        seconds=_A_JOB + plan.kind.session_seconds(plan.values, plan.work), basis=_DECLARED
    )


def time_to_predict(plan: PredictionPlan) -> TimeEstimate | None:
    """Return how long a prediction would take, None where what was refused has to be known."""
    if plan.model is None or plan.dataset is None:
        return None
    if plan.snapshot is None and not any(checked.usable for checked in plan.uploads):
        return None
    alike = _lately_ended(SessionKind.PREDICTION, PredictionSession.objects.all()).filter(
        published_model=plan.model
    )
    if any(checked.verdict.light_curves for checked in plan.uploads):
        # A search takes as long as curves are, and no row says how long that is.
        size = sum(checked.upload.path.stat().st_size for checked in plan.uploads)
        return _as_others(_as_large(alike, size), _rows_of(plan))
    return _as_others(alike, _rows_of(plan)) or TimeEstimate(
        seconds=_declared_seconds(plan, plan.model), basis=_DECLARED
    )


def _rows_of(plan: TrainingPlan | PredictionPlan) -> int | None:
    """Return how many rows the files have, None where there are none."""
    if plan.snapshot is not None:
        return None
    return sum(checked.verdict.rows for checked in plan.uploads)


def _lately_ended(kind: SessionKind, sessions: QuerySet[Session]) -> QuerySet[Session]:
    # Of a hundred thousand sessions only a few are looked at.
    ended = Session.objects.filter(
        kind=kind, status=Status.COMPLETED, started_at__isnull=False, finished_at__isnull=False
    ).order_by("-finished_at")
    return sessions.filter(pk__in=ended.values("pk")[:_LOOKED_AT])


def _as_large(alike: QuerySet[Session], size: int) -> QuerySet[Session]:
    return alike.annotate(file_bytes=Sum("files__size")).filter(
        file_bytes__gte=size / _ALIKE, file_bytes__lte=size * _ALIKE
    )


def _as_others(alike: QuerySet[Session], rows: int | None) -> TimeEstimate | None:
    if rows is None:
        alike = alike.filter(data_source=DataSource.NASA)
    else:
        alike = alike.annotate(file_rows=Sum("files__rows")).filter(
            file_rows__gte=rows / _ALIKE, file_rows__lte=rows * _ALIKE
        )
    taken = [
        (finished - started).total_seconds()
        for started, finished in alike.values_list("started_at", "finished_at")
    ]
    if not taken:
        return None
    which = "the one like it" if len(taken) == 1 else f"the median of the {len(taken)} like it"
    return TimeEstimate(
        seconds=statistics.median(taken),
        basis=f"{which} that ended lately on this server",
        sessions=len(taken),
    )


def _declared_seconds(plan: PredictionPlan, model: TrainingSession) -> float:
    kind = MODELS[model.model_type]
    values, _ = kind.read_hyperparameters(model.hyperparameters)
    columns = len((model.model or {}).get("columns", ())) or 1
    reference = plan.snapshot or loaded_snapshot(model.mission)
    learnt = reference.rows if reference else _USUAL_ROWS
    if plan.snapshot is not None:
        predicted = plan.snapshot.test_rows
    else:
        predicted = sum(checked.verdict.rows for checked in plan.uploads if checked.usable)
    tuned = any(checked.verdict.labelled_rows for checked in plan.uploads)
    if (plan.refit or tuned) and not kind.searches:
        # It is fitted once more.
        explained = predicted if predicted <= EXPLAINED_AT_ONCE else 0
        size = Workload(rows=learnt, columns=columns, predicted=explained)
        return (
            _A_JOB + kind.session_seconds(values, size) + (predicted - explained) * _A_ROW_OF_MANY
        )
    if predicted > EXPLAINED_AT_ONCE:
        return _A_JOB + predicted * _A_ROW_OF_MANY
    return _A_JOB + predicted * max(A_ROW, kind.seconds_a_row(values, learnt, columns))
