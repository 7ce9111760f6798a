"""Objects with all that is said of them, where a table was too large to explain all at once."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings

from mlcore.jobs.messages import MOST_EXPLAINED
from mlcore.prediction.stored import ObjectPrediction
from sessions_app.exceptions import RefusedError
from sessions_app.execution.job_arguments import explain_objects_job_of
from sessions_app.isolation import JOB_MODULES, Ending
from sessions_app.isolation.on_request import Allowance, JobsOnRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessions_app.models import Session

__all__ = ["MOST_EXPLAINED", "close", "explained"]

_SECONDS = 30
"""How long a page of objects may take to be explained [s]."""
_TARGET = "mlcore.jobs.explain_objects:explain_objects_job"
_jobs = JobsOnRequest(
    (*JOB_MODULES, "mlcore.jobs.explain_objects"),
    Allowance(
        at_once=1,
        of_one_caller=1,
        busy="The server is explaining other objects at the moment; ask again in a moment.",
        own_busy="The server is explaining other objects at the moment; ask again in a moment.",
    ),
)
close = _jobs.close


def explained(session: Session, rows: Sequence[ObjectPrediction]) -> list[ObjectPrediction]:
    """Return objects of a completed session with reasons, contributions, draws and neighbours.

    Where these are in the result's file nothing is computed. Otherwise they are worked out in a
    process of their own, the same numbers to the bit as if all objects had been explained at once.
    Refused with 503 when too many others are explained, or when it can't be done now.
    """
    if all(row.reasons is not None for row in rows):
        return list(rows)
    outcome = _jobs.run(
        _TARGET,
        asdict(explain_objects_job_of(session, [row.number for row in rows])),
        seconds=_SECONDS,
        memory_bytes=settings.EXOPLANET_JOB_MEMORY_MB * 10**6,
    )
    if outcome.ending is not Ending.COMPLETED:
        raise RefusedError(
            "The objects cannot be explained at the moment; ask again, or for fewer of them.",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            retry_after=5,
        )
    return [ObjectPrediction(**one) for one in outcome.value["objects"]]
