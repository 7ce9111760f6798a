"""Taking up what was interrupted: sessions that nothing runs, and the files they left.

It may run at any time, beside workers that are alive and beside itself: what it needs to know of a
session it learns by taking the session's lock, and what it changes it has locked before.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from sessions_app.execution.requeue import take_up
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.log_context import about_session
from sessions_app.models import Session
from sessions_app.queue.session_lock import taken_until_commit

if TYPE_CHECKING:
    from uuid import UUID

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenUp:
    """What became of sessions that nothing ran."""

    queued_again: tuple[UUID, ...]
    given_up: tuple[UUID, ...]


def take_up_interrupted() -> TakenUp:
    """Queue again what is marked as running and nothing runs; give it up after many attempts."""
    ended = {Status.QUEUED: [], Status.FAILED: []}  # type: dict[Status, list[UUID]]
    for session_id in _running():
        with about_session(session_id):
            status = _take_up_unless_it_runs(session_id)
        if status is not None:
            ended[status].append(session_id)
    _remove_left_behind()
    return TakenUp(queued_again=tuple(ended[Status.QUEUED]), given_up=tuple(ended[Status.FAILED]))


def _running() -> list[UUID]:
    running = Session.objects.filter(status=Status.RUNNING).order_by("created_at")
    return list(running.values_list("pk", flat=True))


def _take_up_unless_it_runs(session_id: UUID) -> Status | None:
    with transaction.atomic():
        if not taken_until_commit(session_id):
            return None
        return take_up(Session.objects.all(), session_id)


def _remove_left_behind() -> None:
    """Remove the work folders of workers that died when the session's end was written already."""
    for session_id in storage.sessions_with_work_folders():
        with about_session(session_id), transaction.atomic():
            if not taken_until_commit(session_id):
                continue
            try:
                storage.remove_work_folders(session_id)
            except OSError as error:
                _log.warning("files that were left behind stay for now: %s", error.strerror)
