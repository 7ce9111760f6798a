"""Scoring the current table of a mission with the model that a session has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessions_app.access.ownership import SERVER, Owner
from sessions_app.exceptions import ConflictError, RefusedError
from sessions_app.lifecycle import Status
from sessions_app.models import DataSource, SessionKind
from sessions_app.models.snapshot import ALL_MISSIONS
from sessions_app.services.datasets import loaded_snapshot
from sessions_app.services.inputs import ArchiveData
from sessions_app.services.prediction import start_prediction

if TYPE_CHECKING:
    from sessions_app.models import PredictionSession

__all__ = ["score_again"]


def score_again(session: Any, *, owner: Owner = SERVER) -> PredictionSession:
    """Start a prediction of the mission's current table with a completed session's model.

    Of a prediction it is the model that it used. The session itself stays as it is. Refused where
    there is no one table, or where the prediction was of the current one already.
    """
    if session.status != Status.COMPLETED:
        raise ConflictError(
            f"It is {session.status}, and only a completed session has a model to score with."
        )
    if session.kind == SessionKind.ANALYSIS:
        raise RefusedError(
            "An analysis scores nothing; score again with the session that it is of."
        )
    if session.mission == ALL_MISSIONS:
        raise RefusedError(
            "Its model is of all missions, so that there is no one table to score; start a"
            " prediction for a mission."
        )
    predicted = session.kind == SessionKind.PREDICTION
    if predicted and session.data_source == DataSource.USER:
        raise RefusedError(
            "Its rows are a user's own file, of which there is no newer snapshot; run the session"
            " again with another file."
        )
    current = loaded_snapshot(session.mission)
    if predicted and current is not None and session.snapshot_id == current.pk:
        raise ConflictError(f"It scored the current snapshot already: {current}.")
    return start_prediction(
        data=ArchiveData(mission=session.mission),
        model_id=session.published_model_id if predicted else session.pk,
        task=session.task,
        seed=session.seed,
        owner=owner,
    )
