"""Predictions as VOTable, ECSV and FITS: written from the Parquet export, in a process apart.

Astropy takes as much memory as the web process does, and a second to load.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings

from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.isolation import Ending, JobHost
from sessions_app.isolation.on_request import Allowance, Turns
from sessions_app.selectors.exports import ExportFormat, exported

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = ["PACKED", "write_astronomy_format"]

PACKED = frozenset({ExportFormat.VOTABLE, ExportFormat.ECSV})
"""Those that are text, and written compressed."""

_log = logging.getLogger(__name__)
_SECONDS = 300
_BUSY = "The server is writing other files at the moment; ask again in a moment."
_turns = Turns(Allowance(at_once=1, of_one_caller=1, busy=_BUSY, own_busy=_BUSY))


def write_astronomy_format(
    session: Session,
    kind: ExportFormat,
    path: Path,
    *,
    at: ExpectedRate | None = None,
    rows: Sequence[ObjectPrediction] | None = None,
) -> None:
    """Write a completed session's predictions in a format that astropy writes, to a new file.

    Parameters
    ----------
    session, at, rows
        As in `sessions_app.selectors.exports.exported`.
    kind
        One that is not streamed.
    path
        Where to write. Those that are `PACKED` are compressed as gzip does it.

    Raises
    ------
    RefusedError
        When others are written, or it cannot be done now.
    """
    with storage.unfinished_copy() as source:
        with source.open("xb") as file:
            file.writelines(exported(session, ExportFormat.PARQUET, at=at, rows=rows))
        # Its process ends with it: such files are written once, and nobody asks for many.
        with _turns.turn(""), JobHost(modules=("mlcore.jobs.write_table",)) as host:
            outcome = host.run(
                target="mlcore.jobs.write_table:write_table_job",
                argument={"source": str(source), "target": str(path), "format": str(kind)},
                on_event=lambda _: None,
                should_stop=lambda: False,
                deadline_seconds=_SECONDS,
                memory_limit_bytes=settings.EXOPLANET_JOB_MEMORY_MB * 10**6,
            )
    if outcome.ending is not Ending.COMPLETED:
        _log.warning("%s was not written (%s): %s", kind, outcome.ending, outcome.traceback)
        raise RefusedError(
            f"The {kind} file cannot be written at the moment; ask again, or for another format.",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            retry_after=5,
        )
