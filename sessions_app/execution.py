"""What a worker does with a session: claim it, run its job, write what came of it."""

from __future__ import annotations

import logging
import time
import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction

from mlcore.jobs import ARTIFACT, PREDICTIONS, PredictionJob, TrainingJob
from mlcore.prediction import prediction_rows
from sessions_app import lifecycle, storage
from sessions_app.copying import copy_rows
from sessions_app.isolation import Ending, JobHost
from sessions_app.lifecycle import IllegalMoveError, Status
from sessions_app.models import (
    FilePurpose,
    ObjectPrediction,
    PredictionSession,
    ProgressEntry,
    Session,
    SessionKind,
    TrainingSession,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from uuid import UUID

    from sessions_app.isolation import Outcome

__all__ = ["close", "execute", "warm_up"]

_log = logging.getLogger(__name__)

_REPORT_SECONDS = 0.2
"""Shortest time between two progress rows of one step: a poll comes once a second."""

# One for each process; a worker that was forked from another process starts its own.
_host = JobHost()


def warm_up() -> None:
    """Start the process that jobs are forked from, so that the first one need not wait for it."""
    _host.warm()


def close() -> None:
    """End the process that jobs are forked from."""
    _host.close()


def execute(session_id: UUID) -> None:
    """Run a queued session to its end; nothing happens when it is not queued (any more)."""
    if not lifecycle.claim(Session.objects.all(), session_id):
        _log.info("session %s has nothing to claim", session_id)
        return
    try:
        with storage.work_folder() as folder:
            _see_through(Session.objects.get(pk=session_id), folder)
    except IllegalMoveError:
        _log.info("session %s was ended while it ran", session_id)
    except Exception:
        _log.exception("session %s met a defect", session_id)
        # The fault may be the connection's; a new one can still say how the session ended.
        connection.close_if_unusable_or_obsolete()
        failed = lifecycle.fail(
            Session.objects.all(),
            session_id,
            error="The session was ended by a fault on the server; nothing of it was kept.",
            traceback=traceback.format_exc(),
        )
        if failed:
            # Its model lies in place already when only the commit failed.
            storage.remove(storage.artifact_folder(session_id))
        raise
    finally:
        # A stop or an overrun ends the process that jobs are forked from, too.
        warm_up()


def _see_through(session: Session, folder: Path) -> None:
    _log.info("session %s begins, attempt %d", session.pk, session.attempts)
    outcome = _run(session, folder)
    if outcome.ending is Ending.COMPLETED:
        _complete(session, folder, outcome)
    elif outcome.ending is not Ending.STOPPED:
        _fail(session, outcome.sentence, outcome)


def _run(session: Session, folder: Path) -> Outcome:
    target, argument = _job(session, folder)
    return _host.run(
        target=target,
        argument=argument,
        on_event=_Reporter(session),
        should_stop=lambda: (
            not Session.objects.filter(pk=session.pk, status=Status.RUNNING).exists()
        ),
        deadline_seconds=settings.EXOPLANET_JOB_DEADLINE_SECONDS,
        memory_limit_bytes=settings.EXOPLANET_JOB_MEMORY_MB * 10**6,
    )


def _job(session: Session, folder: Path) -> tuple[str, dict[str, Any]]:
    files = {file.purpose: str(storage.media_path(file.file.name)) for file in session.files.all()}
    rows = {
        "dataset": session.mission,
        "folder": str(folder),
        "snapshot": str(storage.media_path(session.snapshot.file.name))
        if session.snapshot
        else None,
        "training_file": files.get(FilePurpose.TRAINING),
        "testing_file": files.get(FilePurpose.TESTING),
    }
    if session.kind == SessionKind.TRAINING:
        training = TrainingSession.objects.get(pk=session.pk)
        return "mlcore.jobs:train_job", asdict(
            TrainingJob(
                **rows,
                model_type=training.model_type,
                hyperparameters=training.hyperparameters,
                seed=session.seed,
            )
        )
    prediction = PredictionSession.objects.get(pk=session.pk)
    artifact = storage.artifact_folder(prediction.published_model_id)
    return "mlcore.jobs:predict_job", asdict(PredictionJob(**rows, artifact=str(artifact)))


class _Reporter:
    """Writes a job's events as progress rows, no more of them than anybody can see."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._written_at = 0.0
        self._written_step = ""

    def __call__(self, event: Mapping[str, Any]) -> None:
        now = time.monotonic()
        # The name of a step, without the count that follows it.
        step = str(event["step"]).split(":")[0]
        if step == self._written_step and now - self._written_at < _REPORT_SECONDS:
            return
        self._written_at, self._written_step = now, step
        # 100 % is written with the result and not before.
        percent = min(99.0, 100.0 * event["progress"])
        ProgressEntry.objects.create(
            session=self._session, percent=percent, step=str(event["step"])
        )


def _complete(session: Session, folder: Path, outcome: Outcome) -> None:
    found = outcome.value
    sessions: Any = Session.objects.all()
    with transaction.atomic():
        # The status first: it locks the row, and a cancelled session costs no further work.
        lifecycle.complete(
            sessions,
            session.pk,
            metrics=found["metrics"],
            model=found["model"],
            warnings=list(dict.fromkeys([*session.warnings, *found["warnings"]])),
            peak_memory_bytes=outcome.peak_memory_bytes,
            cpu_seconds=outcome.cpu_seconds,
        )
        if session.kind == SessionKind.PREDICTION:
            PredictionSession.objects.filter(pk=session.pk).update(
                metrics_before=found["metrics_before"]
            )
        copy_rows(
            ObjectPrediction,
            ({"session_id": session.pk, **row} for row in prediction_rows(folder / PREDICTIONS)),
        )
        ProgressEntry.objects.create(session=session, percent=100.0, step="Completed")
        storage.keep_folder(folder / ARTIFACT, storage.artifact_folder(session.pk))
    _log.info("session %s completed in %.1f s", session.pk, outcome.wall_seconds)


def _fail(session: Session, sentence: str, outcome: Outcome) -> None:
    lifecycle.fail(
        Session.objects.all(),
        session.pk,
        error=sentence,
        traceback=outcome.traceback,
        peak_memory_bytes=outcome.peak_memory_bytes,
        cpu_seconds=outcome.cpu_seconds,
    )
    _log.warning("session %s failed (%s): %s", session.pk, outcome.ending, sentence)
    if outcome.traceback:
        _log.warning("session %s:\n%s", session.pk, outcome.traceback)
