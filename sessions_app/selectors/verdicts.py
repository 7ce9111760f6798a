"""What published models say of every object of their missions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q

from mlcore.datasets import DATASETS
from mlcore.tasks import PLANET, find_task
from sessions_app.models import ObjectVerdict
from sessions_app.selectors.object_names import keys_meant

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sessions_app.models import TrainingSession

__all__ = ["named", "verdicts_of"]


def verdicts_of(model: TrainingSession) -> QuerySet[ObjectVerdict]:
    """Return a model's verdicts; they can be ordered by ``probability_confirmed`` too."""
    planet = find_task(model.task).classes.index(PLANET)
    verdicts = ObjectVerdict.objects.filter(session=model).order_by("number")
    return verdicts.annotate(probability_confirmed=F(f"probabilities__{planet}"))


def named(
    verdicts: QuerySet[ObjectVerdict], model: TrainingSession, name: str
) -> QuerySet[ObjectVerdict]:
    """Return those of a model's verdicts that are of one object or star, by any of its names."""
    datasets = [DATASETS[mission] for mission in model.model["missions"]]
    keys = keys_meant(name, datasets)
    return verdicts.filter(Q(object_key__in=keys) | Q(star_key__in=keys))
