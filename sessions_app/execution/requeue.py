"""What becomes of a session whose attempt ended by no fault of its own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction

from sessions_app import lifecycle
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import ProgressEntry
from sessions_app.queue.turns import enqueue

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

__all__ = ["take_up"]

_log = logging.getLogger(__name__)

_WAITS_AGAIN = "Interrupted, and waiting for a worker again"


def take_up(sessions: QuerySet[Any], session_id: UUID, **details: Any) -> Status | None:
    """Queue a running session again, of which its lock's holder knows that nothing runs it.

    After too many interruptions it is given up. Returns where it stands now; None when it did not
    run. The details are what is known of the attempt, as `lifecycle.interrupt` takes it.
    """
    with transaction.atomic():
        status = lifecycle.interrupt(sessions, session_id, **details)
        if status is None:
            return None
        _remove_files(session_id)
        if status == Status.QUEUED:
            enqueue(session_id)
            ProgressEntry.objects.create(session_id=session_id, percent=0.0, step=_WAITS_AGAIN)
            _log.warning("interrupted, and queued again")
        else:
            _log.error("interrupted too often, and given up")
    return status


def _remove_files(session_id: UUID) -> None:
    try:
        storage.remove_kept(session_id)
    except OSError as error:
        # No reason for a session to wait: another attempt has a folder of its own.
        _log.warning("what its attempt left behind stays for now: %s", error.strerror)
