"""Cancelling a session, and asking for one that has no result again."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db import transaction

from sessions_app import lifecycle
from sessions_app.access.ownership import SERVER, Owner
from sessions_app.exceptions import ConflictError, RefusedError
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.log_context import about_session
from sessions_app.models import ProgressEntry, Session
from sessions_app.queue.session_lock import taken_until_commit
from sessions_app.queue.turns import enqueue
from sessions_app.services.limits import make_room
from sessions_app.services.recording import record

if TYPE_CHECKING:
    from uuid import UUID

_log = logging.getLogger(__name__)


def cancel_session(session_id: UUID, *, by: int | None = None) -> None:
    """Cancel a session that waits or runs; its job is gone within two seconds, its files too.

    That a user with an account did it, of this id, is recorded.
    """
    with about_session(session_id), transaction.atomic():
        if not lifecycle.cancel(Session.objects.all(), session_id):
            status = _status(session_id)
            raise ConflictError(
                f"The session has ended and cannot be cancelled: it is {status.label}."
            )
        # A worker that runs it sees the status and cleans up; where none does, nobody else would.
        if taken_until_commit(session_id):
            storage.remove_kept(session_id)
            storage.remove(storage.measuring_folder(session_id))
        _record(by, session_id, "Cancelled.")
        _log.info("cancelled")


def retry_session(session_id: UUID, *, owner: Owner = SERVER, by: int | None = None) -> None:
    """Queue a failed or cancelled session again, if its owner has room for an active one.

    The record of its attempts is kept. That a user with an account did it, of this id, is recorded.
    """
    with about_session(session_id), transaction.atomic():
        make_room(owner)
        if not lifecycle.retry(Session.objects.all(), session_id):
            status = _status(session_id)
            raise ConflictError(
                f"Only a failed or cancelled session can be run again; this one is {status.label}."
            )
        # The newest row is where the session stands.
        ProgressEntry.objects.create(
            session_id=session_id, percent=0.0, step="Waiting for a worker again"
        )
        enqueue(session_id)
        _record(by, session_id, "Queued again.")
        _log.info("queued again on request")


def _record(by: int | None, session_id: UUID, deed: str) -> None:
    if by is not None:
        record(by, Session.objects.only("kind", "mission").get(pk=session_id), deed)


def _status(session_id: UUID) -> Status:
    status = Session.objects.filter(pk=session_id).values_list("status", flat=True).first()
    if status is None:
        raise RefusedError(
            f"There is no session {session_id}.", field="session_id", status=HTTPStatus.NOT_FOUND
        )
    return Status(status)
