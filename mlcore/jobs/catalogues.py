"""The catalogues that signals of light curves are looked up in, as a job's order names them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mlcore.api import PredictionAPI
from mlcore.datasets.spec import CLASSES
from mlcore.jobs.means import computed_by
from mlcore.lightcurves.catalogues.judging import Judged
from mlcore.lightcurves.catalogues.loaded import LoadedTable, newest_catalogues
from mlcore.models.blocks import steady_probabilities
from mlcore.tasks import PLANET, VETTING
from mlcore.training.refit_without import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.computed import Computed
    from mlcore.datasets.table import Table
    from mlcore.jobs.messages import PredictionJob, TrainingJob
    from mlcore.lightcurves.catalogues.judging import Judge
    from mlcore.lightcurves.catalogues.loaded import Catalogues
    from mlcore.models.trained_model import TrainedModel

__all__ = ["catalogues_of", "judge_by", "vetting_model"]


def vetting_model(mission: str) -> str:
    """Return what the published model is called that vets a mission's objects."""
    return f"{mission}-{VETTING.name}"


def catalogues_of(job: TrainingJob | PredictionJob) -> Catalogues:
    """Return what a job's signals are looked up in: the tables that its order names, or carried."""
    models = {one["mission"]: one["model"] for one in job.catalogues if one.get("model")}
    computed = computed_by(job.means)

    def load(mission: str) -> tuple[str, TrainedModel] | None:
        model = models.get(mission)
        if model is None:
            return None
        return model["name"], PredictionAPI().load(Path(model["artifact"]))

    return newest_catalogues(
        [LoadedTable.from_json(one) for one in job.catalogues],
        judge=judge_by(load, computed=computed),
        computed=computed,
    )


def judge_by(
    load: Callable[[str], tuple[str, TrainedModel] | None], *, computed: Computed
) -> Judge:
    """Return who asks published models about rows of catalogues.

    Parameters
    ----------
    load
        Returns the name and the model that vets a mission's objects; None where there is none.
    computed
        Where features of a table may be kept.
    """

    def judge(table: Table, wanted: NDArray[np.bool_]) -> Judged | None:
        found = load(table.dataset.name)
        if found is None or unreadable(found[1], [table]):
            return None
        name, model = found
        rows = table.take(wanted)
        features = model.features(rows, reference=table, computed=computed)
        probabilities = steady_probabilities(model.classifier, features)
        return Judged(
            model=name,
            planet=np.asarray(probabilities[:, CLASSES.index(PLANET)], dtype=np.float64),
            in_sample=model.knows(rows),
        )

    return judge
