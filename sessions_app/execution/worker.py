"""What a worker does with a session: claim it, run its job, write what came of it."""

from __future__ import annotations

import errno
import logging
import os
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from psycopg.errors import DiskFull

from mlcore.jobs.messages import ARTIFACT, RESULTS
from sessions_app import lifecycle
from sessions_app.exceptions import StoreError
from sessions_app.execution.evidence import begin_evidence, keep_part
from sessions_app.execution.job_arguments import job_of
from sessions_app.execution.requeue import take_up
from sessions_app.files import storage
from sessions_app.isolation import NO_ROOM, Ending, JobHost
from sessions_app.lifecycle import IllegalMoveError, Status
from sessions_app.log_context import about_session
from sessions_app.models import (
    AnalysisSession,
    PredictionSession,
    ProgressEntry,
    Session,
    SessionKind,
)
from sessions_app.queue import session_lock
from sessions_app.queue.lanes import Lane
from sessions_app.queue.notices import Notice, notify
from sessions_app.queue.turns import next_in_turn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from uuid import UUID

    from django.db.models import QuerySet

    from sessions_app.isolation import Outcome
    from sessions_app.queue.session_lock import SessionLock

__all__ = ["close", "execute", "execute_next", "warm_up"]

_log = logging.getLogger(__name__)

_LOCK_PAUSE_SECONDS = 0.5
"""Before it is looked again for a session whose lock is held: one that was cancelled and asked for
again, whose job takes a moment to end."""
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


def execute_next(lane: Lane = Lane.FIRST_ANSWERS) -> None:
    """Run the session whose turn it is to its end; nothing happens when none can be claimed.

    Of a lane: what somebody waits for, or what deepens first answers.
    """
    passed_over: list[UUID] = []
    while (session_id := next_in_turn(passed_over, lane=lane)) is not None:
        if execute(session_id, lane):
            return
        passed_over.append(session_id)
    if passed_over:
        time.sleep(_LOCK_PAUSE_SECONDS)
    notify(Notice.WORKER)


def execute(session_id: UUID, lane: Lane = Lane.FIRST_ANSWERS) -> bool:
    """Run a queued session to its end; False when it is not queued (any more), or another's."""
    with about_session(session_id):
        # From before the claim until the end is written, so that a session that is marked as
        # running and whose lock nobody holds is one that nothing runs.
        with session_lock.held(session_id, lane) as lock:
            worker = f"{settings.EXOPLANET_HOST_NAME}, process {os.getpid()}"
            number = lock and lifecycle.claim(Session.objects.all(), session_id, worker=worker)
            if lock is None or number is None:
                _log.info("there is nothing to claim")
                return False
            # Another worker may be free for the next session.
            notify(Notice.WORKER)
            try:
                _execute(session_id, number, lock)
            finally:
                # The process that jobs are forked from may have ended with this one.
                warm_up()
        with suppress(OperationalError, InterfaceError):
            notify(Notice.WORKER)
    return True


def _execute(session_id: UUID, number: int, lock: SessionLock) -> None:
    this_attempt = Session.objects.filter(attempts=number)
    try:
        with storage.work_folder(session_id) as folder, storage.for_a_job():
            _see_through(this_attempt.get(pk=session_id), folder, lock)
    except (IllegalMoveError, Session.DoesNotExist):
        _log.info("it was ended while it ran")
        _remove_measuring(session_id)
    except StoreError:
        # It may answer when the session's turn comes again.
        take_up(this_attempt, session_id)
    except Exception as error:
        if _is_for_want_of_room(error):
            sentence = NO_ROOM
        elif isinstance(error, (OperationalError, InterfaceError)):
            # The lock goes with the connection, and the reaper takes the session up.
            _log.warning("it lost the database: %s", error)
            connection.close()
            return
        else:
            sentence = "The session was ended by a fault on the server; nothing of it was kept."
        _log.exception("it met a defect")
        # The fault may be the connection's; a new one can still say how the session ended.
        connection.close_if_unusable_or_obsolete()
        failed = lifecycle.fail(
            this_attempt, session_id, error=sentence, traceback=traceback.format_exc()
        )
        if failed:
            # Its files lie in place already when only the commit failed.
            storage.remove_kept(session_id)
        raise


def _is_for_want_of_room(error: Exception) -> bool:
    full = isinstance(error.__cause__, DiskFull)
    return full or (isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT})


def _see_through(session: Session, folder: Path, lock: SessionLock) -> None:
    _log.info("attempt %d begins", session.attempts)
    outcome = _run(session, folder, lock)
    if outcome.ending is Ending.COMPLETED:
        _complete(session, folder, outcome)
    elif outcome.ending is Ending.KILLED:
        take_up(_this_attempt(session), session.pk, **_facts(outcome))
    elif outcome.ending is not Ending.STOPPED:
        _fail(session, outcome.sentence, outcome)
    _remove_measuring(session.pk)


def _run(session: Session, folder: Path, lock: SessionLock) -> Outcome:
    target, argument = job_of(session, folder)

    def should_stop() -> bool:
        lock.check()
        running = _this_attempt(session).filter(pk=session.pk, status=Status.RUNNING)
        return not running.exists()

    return _host.run(
        target=target,
        argument=argument,
        on_event=_Reporter(session, folder),
        should_stop=should_stop,
        deadline_seconds=settings.EXOPLANET_JOB_DEADLINE_SECONDS,
        memory_limit_bytes=settings.EXOPLANET_JOB_MEMORY_MB * 10**6,
        temporary=folder,
    )


def _remove_measuring(session_id: UUID) -> None:
    """Remove what was measured of stars, unless an attempt may still come that needs it."""
    folder = storage.measuring_folder(session_id)
    needed = Session.objects.filter(status__in={*lifecycle.UNFINISHED, Status.FAILED})
    if folder.exists() and not needed.filter(pk=session_id).exists():
        storage.remove(folder)


def _this_attempt(session: Session) -> QuerySet[Session]:
    """Return the session if nobody else has begun with it since."""
    return Session.objects.filter(attempts=session.attempts)


def _facts(outcome: Outcome) -> dict[str, Any]:
    return {
        "traceback": outcome.traceback,
        "peak_memory_bytes": outcome.peak_memory_bytes,
        "cpu_seconds": outcome.cpu_seconds,
    }


class _Reporter:
    """Writes a job's events as progress rows, no more of them than anybody can see."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session, self._folder = session, folder
        self._written_at = 0.0
        self._written_step = ""

    def __call__(self, event: Mapping[str, Any]) -> None:
        if "part" in event:
            keep_part(_this_attempt(self._session), self._session.pk, event, self._folder)
            return
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
    result, with_model = outcome.value, session.kind != SessionKind.ANALYSIS
    fields = {
        "warnings": list(dict.fromkeys([*session.warnings, *result["warnings"]])),
        "peak_memory_bytes": outcome.peak_memory_bytes,
        "cpu_seconds": outcome.cpu_seconds,
    }
    if with_model:
        fields |= {name: result[name] for name in ("metrics", "report", "model")}
    if with_model:
        # Here, where it keeps nobody waiting: from the next line on the session's row is locked.
        storage.wait_for_store()
    with transaction.atomic():
        # The status first: it locks the row, and a cancelled session costs no further work.
        lifecycle.complete(_this_attempt(session), session.pk, **fields)
        if "answer" in result:
            AnalysisSession.objects.filter(pk=session.pk).update(answer=result["answer"])
        if session.kind == SessionKind.PREDICTION:
            PredictionSession.objects.filter(pk=session.pk).update(
                metrics_before=result["metrics_before"]
            )
        # The first frontend shows its user no text but this one.
        first = result["report"].get("read_first", []) if with_model else []
        step = " ".join(["Completed.", *first]) if first else "Completed"
        ProgressEntry.objects.create(session=session, percent=100.0, step=step)
        if with_model:
            storage.keep_folder(folder / ARTIFACT, storage.artifact_folder(session.pk))
            storage.keep_folder(folder / RESULTS, storage.results_folder(session.pk))
            if not session.waits_for_evidence:
                begin_evidence(session, result)
    _log.info("completed in %.1f s", outcome.wall_seconds)


def _fail(session: Session, sentence: str, outcome: Outcome) -> None:
    lifecycle.fail(_this_attempt(session), session.pk, error=sentence, **_facts(outcome))
    _log.warning("failed (%s): %s", outcome.ending, sentence)
    if outcome.traceback:
        _log.warning("its job said:\n%s", outcome.traceback)
