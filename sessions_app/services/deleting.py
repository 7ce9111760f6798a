"""Deleting a session with everything that is its."""

from __future__ import annotations

import time
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import ProtectedError

from sessions_app import lifecycle
from sessions_app.exceptions import ConflictError
from sessions_app.files import storage
from sessions_app.log_context import about_session
from sessions_app.models import (
    AnalysisSession,
    PredictionSession,
    Session,
    TrainingSession,
    UploadedFile,
)
from sessions_app.queue.session_lock import taken_until_commit
from sessions_app.services.recording import DELETION, record

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from uuid import UUID

_ENDING_SECONDS = 3.0
"""How long to wait for the job of a session that was cancelled a moment ago [s]."""


def delete_session(session: Session, *, by: int | None = None) -> None:
    """Delete a session: its rows now, its files when the transaction has been committed.

    A process that dies between the two leaves files that no row names, which `clean_up` finds.
    Analyses of it go with it. That a user with an account did it, of this id, is recorded. One that
    somebody else has deleted meanwhile is deleted already.
    Refused when it has not ended, when its model is published, or when another session uses it.
    """
    _end_evidence(session)
    with about_session(session.pk), transaction.atomic():
        analyses = AnalysisSession.objects.filter(of_id=session.pk).values_list("pk", flat=True)
        session_ids = [session.pk, *analyses]
        if not all(_is_left_alone(session_id) for session_id in session_ids):
            raise ConflictError("The session is still being ended; delete it in a moment.")
        # A session that begins to use the model waits for these rows, or is seen here.
        rows = list(Session.objects.select_for_update().filter(pk__in=session_ids).order_by("pk"))
        for row in rows:
            if row.status not in lifecycle.FINAL:
                raise ConflictError(
                    f"The session is {row.status}: only one that has ended can be deleted; cancel"
                    " it first."
                    if row.pk == session.pk
                    else f"An analysis of the session is {row.status}: a session can be deleted"
                    " when its analyses have ended."
                )
        if TrainingSession.objects.filter(pk=session.pk, published=True).exists():
            raise ConflictError("The session's model is published, so that it cannot be deleted.")
        left = chain(*files_of([row.pk for row in rows]).values())
        try:
            Session.objects.filter(pk__in=[row.pk for row in rows]).delete()
        except ProtectedError:
            raise ConflictError(
                "Another session uses the session's model; delete that one first."
            ) from None
        record(by, session, "Deleted, with its files and analyses.", flag=DELETION)
        for path in left:
            transaction.on_commit(partial(storage.remove, path))


def _end_evidence(session: Session) -> None:
    """Cancel what is gathered of a session that can be deleted: nobody waits for it any more."""
    others = AnalysisSession.objects.filter(of_id=session.pk).exclude(status__in=lifecycle.FINAL)
    if (
        others.filter(in_background=False).exists()
        or TrainingSession.objects.filter(pk=session.pk, published=True).exists()
        or PredictionSession.objects.filter(published_model_id=session.pk).exists()
    ):
        return
    for evidence_id in others.values_list("pk", flat=True):
        lifecycle.cancel(Session.objects.all(), evidence_id)


def files_of(session_ids: Collection[UUID]) -> dict[UUID, list[Path]]:
    """Return the files and folders that belong to sessions, whether they are there or not."""
    files = {
        session_id: [
            storage.artifact_folder(session_id),
            storage.results_folder(session_id),
            storage.measuring_folder(session_id),
        ]
        for session_id in session_ids
    }
    uploads = UploadedFile.objects.filter(session__in=session_ids)
    for session_id, name in uploads.values_list("session_id", "file"):
        files[session_id].append(storage.media_path(name))
    return files


def _is_left_alone(session_id: UUID) -> bool:
    until = time.monotonic() + _ENDING_SECONDS
    while not taken_until_commit(session_id):
        if time.monotonic() > until or not _has_ended(session_id):
            # That it runs is said below, in other words.
            return not _has_ended(session_id)
        time.sleep(0.05)
    return True


def _has_ended(session_id: UUID) -> bool:
    return Session.objects.filter(pk=session_id, status__in=lifecycle.FINAL).exists()
