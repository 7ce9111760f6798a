"""Which objects of a mission a published model says a word of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets import Disposition
from mlcore.prediction.verdict import Verdict, verdict_of
from mlcore.tasks import find_task
from sessions_app.exceptions import RefusedError
from sessions_app.models import ObjectVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.spec import Dataset
    from sessions_app.models import TrainingSession

__all__ = ["keys_of_verdicts"]


def keys_of_verdicts(
    dataset: Dataset, verdicts: Sequence[str], model: TrainingSession | None
) -> set[str]:
    """Return the objects of which a model says one of these words, in the one spelling of all.

    Raises RefusedError where there is no model, or no such word.
    """
    if model is None:
        raise RefusedError(
            "verdict was asked for, but no published model says anything of this table's objects.",
            field="verdict",
        )
    for word in verdicts:
        if word not in list(Verdict):
            raise RefusedError(
                f"verdict was {word[:60]!r}, but it must be one of {', '.join(Verdict)}.",
                field="verdict",
                allowed=list(Verdict),
            )
    task = find_task(model.task)
    told = ObjectVerdict.objects.filter(session=model, mission=dataset.name)
    return {
        key
        for key, values, held in told.values_list("object_key", "probabilities", "possible")
        if verdict_of(
            task,
            dict(zip(task.classes, values, strict=True)),
            tuple(map(Disposition, held)),
        )
        in verdicts
    }
