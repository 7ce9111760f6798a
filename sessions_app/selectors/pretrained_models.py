"""The published models as they are shown: which are offered, and what their cards say first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.pretrained import PUBLISHED
from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["headline", "model_title", "offered_models", "published_models"]


def published_models() -> QuerySet[TrainingSession]:
    """Return every model that can be asked for by its id, without its bulky report."""
    models = TrainingSession.objects.filter(published=True, status=Status.COMPLETED)
    return models.defer("report", "traceback")


def offered_models() -> list[TrainingSession]:
    """Return the models that are offered: the newest of each mission, task and set of columns."""
    kinds = ("mission", "task", "feature_set")
    newest = published_models().distinct(*kinds).order_by(*kinds, "-finished_at")
    places = {name: place for place, name in enumerate(PUBLISHED)}
    return sorted(
        newest, key=lambda model: places.get((model.card or {}).get("name", ""), len(places))
    )


def model_title(session: TrainingSession) -> str:
    """Return what a model is called."""
    if session.card:
        return str(session.card["title"])
    return f"{session.get_mission_display()}: {session.get_task_display()}"


def headline(session: TrainingSession) -> dict[str, Any] | None:
    """Return the one figure that stands for a model in a list, with its interval, rows and split.

    None for a model that was published without a card.
    """
    return session.card["headline"] if session.card else None
