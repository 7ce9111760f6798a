"""What published models say of every object of their missions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q

from mlcore.datasets import DATASETS
from mlcore.datasets.name_keys import keys_of
from mlcore.tasks import PLANET, find_task
from sessions_app.models import ObjectVerdict

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sessions_app.models import TrainingSession

__all__ = ["verdicts_of"]


def verdicts_of(model: TrainingSession, name: str = "") -> QuerySet[ObjectVerdict]:
    """Return a model's verdicts, those of one object or star where a name is given.

    The name may be spelled in any usual way. They can be ordered by ``probability_planet`` too.
    """
    planet = find_task(model.task).classes.index(PLANET)
    verdicts = ObjectVerdict.objects.filter(session=model).order_by("number")
    verdicts = verdicts.annotate(probability_planet=F(f"probabilities__{planet}"))
    if not name:
        return verdicts
    keys = keys_of(name, [DATASETS[mission] for mission in model.model["missions"]])
    return verdicts.filter(Q(object_key__in=keys) | Q(star_key__in=keys))
