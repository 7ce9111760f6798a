"""Training the models that are offered for prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession
from sessions_app.refusals import RefusedError
from sessions_app.services.inputs import ArchiveData
from sessions_app.services.training import create_training

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

__all__ = ["PUBLISHED_HYPERPARAMETERS", "PUBLISHED_MODEL_TYPE", "publish", "train_pretrained"]

PUBLISHED_MODEL_TYPE = "xgboost"
"""Boosted trees: the most accurate of the model types here, and the one that can be fine-tuned."""

PUBLISHED_HYPERPARAMETERS = {
    "n_estimators": 400,
    "learning_rate": 0.05,
    "max_depth": 5,
    "subsample": 0.8,
}


def train_pretrained(mission: str, *, execute: Callable[[UUID], None]) -> TrainingSession:
    """Train a mission's model on its current snapshot and publish it.

    Parameters
    ----------
    mission
        Name of a mission whose table is loaded.
    execute
        Runs the session of an id to its end.

    Raises
    ------
    RefusedError
        When the table is not loaded, or training failed.
    """
    session = create_training(
        model_type=PUBLISHED_MODEL_TYPE,
        hyperparameters=PUBLISHED_HYPERPARAMETERS,
        data=ArchiveData(mission=mission),
    )
    execute(session.pk)
    session.refresh_from_db()
    publish(session)
    return session


def publish(session: TrainingSession) -> None:
    """Offer a completed session's model for prediction.

    Raises
    ------
    RefusedError
        When the session has not completed.
    """
    if session.status != Status.COMPLETED:
        raise RefusedError(
            session.error or "Only the model of a completed session can be published."
        )
    TrainingSession.objects.filter(pk=session.pk).update(published=True)
    session.refresh_from_db()
