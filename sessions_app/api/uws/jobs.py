"""A session as a job of the Universal Worker Service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession, PredictionSession, SessionKind, TrainingSession
from sessions_app.selectors.exports import ExportFormat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest

    from sessions_app.models import Session

__all__ = ["PHASES", "RESULT", "Job", "job_of", "result_addresses"]

PHASES = {
    Status.QUEUED: "QUEUED",
    Status.RUNNING: "EXECUTING",
    Status.COMPLETED: "COMPLETED",
    Status.FAILED: "ERROR",
    Status.CANCELLED: "ABORTED",
}
"""UWS's word for each status. Its other phases are none that a session can be in: one is queued
from its beginning."""
RESULT = "result"
"""The result that clients take for the one: the predictions as a VOTable."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What UWS tells of a session."""

    id: str
    url: str
    phase: str
    owner: str | None
    """Name of the user; None for a session of nobody who signed in."""
    quote: str | None
    """When it is likely to complete; None: nobody knows."""
    created: str
    started: str | None
    ended: str | None
    execution_duration: int
    """How long it may run [s]."""
    destruction: str | None
    """When it is deleted; None as long as that is not known."""
    parameters: Mapping[str, str]
    results: Mapping[str, str]
    """Addresses, by name."""
    error: str


def job_of(session: Session, request: HttpRequest, *, brief: bool = False) -> Job:
    """Return a session as a job; in brief, as a list tells of it, without what takes a query."""
    url = request.build_absolute_uri(reverse("uws-job", args=[session.pk]))
    results = {} if brief else result_addresses(session)
    return Job(
        id=str(session.pk),
        url=url,
        phase=PHASES[Status(session.status)],
        owner=session.owner.get_username() if session.owner else None,
        quote=None,
        created=_time(session.created_at),
        started=session.started_at and _time(session.started_at),
        ended=session.finished_at and _time(session.finished_at),
        execution_duration=settings.EXOPLANET_JOB_DEADLINE_SECONDS,
        destruction=_destruction(session),
        parameters={} if brief else _parameters(session),
        results={name: f"{url}/results/{name}" for name in results},
        error=session.error if session.status == Status.FAILED else "",
    )


def result_addresses(session: Session) -> dict[str, str]:
    """Return where the results of a completed session are in the API, by their names."""
    if session.status != Status.COMPLETED:
        return {}
    if session.kind == SessionKind.ANALYSIS:
        return {RESULT: reverse("analysis-detail", args=[session.pk])}

    def address(name: str, query: str = "") -> str:
        return reverse(f"{session.kind}-session-{name}", args=[session.pk]) + query

    return {
        RESULT: address("export", f"?as={ExportFormat.VOTABLE}"),
        **{str(kind): address("export", f"?as={kind}") for kind in ExportFormat},
        "report": address("result"),
        "manifest": address("manifest"),
        "model": address("model-zip"),
    }


def _parameters(session: Session) -> dict[str, str]:
    common = {"kind": session.kind, "mission": session.mission, "seed": str(session.seed)}
    match session.kind:
        case SessionKind.TRAINING:
            training = TrainingSession.objects.get(pk=session.pk)
            own = {
                "model_type": training.model_type,
                "hyperparameters": json.dumps(training.hyperparameters),
                "feature_set": training.feature_set,
            }
        case SessionKind.PREDICTION:
            prediction = PredictionSession.objects.get(pk=session.pk)
            own = {"model": str(prediction.published_model_id)}
        case _:
            analysis = AnalysisSession.objects.get(pk=session.pk)
            own = {"analysis": analysis.analysis, "of": str(analysis.of_id)}
    return {**common, "task": session.task, "data_source": session.data_source, **own}


def _destruction(session: Session) -> str | None:
    if session.finished_at is None:
        return None
    return _time(session.finished_at + timedelta(days=settings.EXOPLANET_RETENTION_DAYS))


def _time(moment: datetime) -> str:
    """Return a moment as UWS writes it: UTC, to the millisecond."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
