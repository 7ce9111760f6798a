"""Files that a process apart writes for a request, since what writes them takes room and time.

The process ends with the file: such files are written once, and nobody asks for many.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings

from sessions_app.exceptions import ConflictError, RefusedError
from sessions_app.isolation import Ending, JobHost
from sessions_app.isolation.on_request import Allowance, Turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessions_app.isolation import JSON

__all__ = ["write_apart"]

_log = logging.getLogger(__name__)
_SECONDS = 300
_BUSY = "The server is writing other files at the moment; ask again in a moment."
# Nobody is told apart: whoever waits in vain waits for others.
_turns = Turns(Allowance(at_once=1, of_one_caller=2, busy=_BUSY, own_busy=_BUSY))


def write_apart(target: str, argument: Mapping[str, JSON], *, what: str) -> None:
    """Run what writes a file, to its end.

    Parameters
    ----------
    target
        A job, as "package.module:function".
    argument
        What it is told, with the path to write to.
    what
        The file, as a sentence begins with it.

    Raises
    ------
    ConflictError
        When the job says that there can be no such file.
    RefusedError
        When others are written, or it cannot be done now.
    """
    module, _, _ = target.partition(":")
    with _turns.turn(""), JobHost(modules=(module,)) as host:
        outcome = host.run(
            target=target,
            argument=argument,
            on_event=lambda _: None,
            should_stop=lambda: False,
            deadline_seconds=_SECONDS,
            memory_limit_bytes=settings.EXOPLANET_JOB_MEMORY_MB * 10**6,
        )
    if outcome.ending is Ending.REFUSED:
        raise ConflictError(outcome.sentence)
    if outcome.ending is not Ending.COMPLETED:
        _log.warning("%s was not written (%s): %s", what, outcome.ending, outcome.traceback)
        raise RefusedError(
            f"{what} cannot be written at the moment; ask again in a moment.",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            retry_after=5,
        )
