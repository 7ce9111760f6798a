"""What a mission's published model says of the objects of its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from mlcore.datasets import DATASETS, Disposition
from mlcore.datasets.name_keys import object_key
from mlcore.prediction.verdict import Verdict, verdict_of
from mlcore.tasks import PLANET, find_task, usual_task
from sessions_app.models import ObjectVerdict
from sessions_app.selectors.pretrained_models import published_models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.spec import Dataset
    from sessions_app.models import TrainingSession

__all__ = ["RowVerdict", "planet_probabilities", "verdict_model", "verdicts_by_name"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowVerdict:
    """What a published model that never saw the object's star says of it."""

    word: Verdict
    planet_probability: float
    probabilities: Mapping[Disposition, float]
    """Calibrated, of each class that the model tells apart."""
    possible: tuple[Disposition, ...]
    """What cannot be ruled out at the model's coverage."""
    number: int
    """Position among the model's objects, from 1."""


def verdict_model(mission: str) -> TrainingSession | None:
    """Return the published model whose verdicts stand beside a mission's rows.

    That is the newest of the mission's own for its usual task that has verdicts, on the columns
    that everybody has before the archive's full table; None where there is none.
    """
    dataset = DATASETS[mission]
    models = published_models().filter(mission=mission, task=usual_task(dataset).name)
    with_verdicts = models.filter(Exists(ObjectVerdict.objects.filter(session=OuterRef("pk"))))
    # "default" comes before "wide".
    return with_verdicts.order_by("feature_set", "-finished_at").first()


def verdicts_by_name(
    names: Sequence[str], dataset: Dataset, model: TrainingSession
) -> dict[str, RowVerdict]:
    """Return what the model says of objects, by the names that the table has for them."""
    task = find_task(model.task)
    keys = {object_key(name, dataset): name for name in names}
    told = ObjectVerdict.objects.filter(
        session=model, mission=dataset.name, object_key__in=list(keys)
    ).values_list("object_key", "probabilities", "possible", "number")
    verdicts = {}
    for key, values, held, number in told:
        probabilities = dict(zip(task.classes, values, strict=True))
        possible = tuple(map(Disposition, held))
        verdicts[keys[key]] = RowVerdict(
            word=verdict_of(task, probabilities, possible),
            planet_probability=probabilities[PLANET],
            probabilities=probabilities,
            possible=possible,
            number=number,
        )
    return verdicts


def planet_probabilities(dataset: Dataset, model: TrainingSession) -> dict[str, float]:
    """Return the probability that each object is a planet, by its name in the spelling of all."""
    place = find_task(model.task).classes.index(PLANET)
    told = ObjectVerdict.objects.filter(session=model, mission=dataset.name)
    return dict(told.values_list("object_key", f"probabilities__{place}"))
