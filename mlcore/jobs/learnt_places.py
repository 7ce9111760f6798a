"""Where the rows lie that a session's model was trained on, for everybody who asks of its objects.

Those of a mission's catalogue are worked out once for a model and kept where the job may keep
things; those of a user's file, on which a model was trained or fine-tuned, are left beside the
predictions.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets import DATASETS
from mlcore.features.robust_scaler import RobustScaler
from mlcore.inspection.nearest_neighbours import LearntPlaces
from mlcore.jobs.means import computed_by
from mlcore.jobs.messages import ARTIFACT, LEARNT
from mlcore.jobs.tables import training_rows_of, whole_table
from mlcore.persistence.manifest import MANIFEST
from mlcore.prediction.assessment import learnt_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.computed import Computed
    from mlcore.jobs.messages import PredictionJob, TrainingJob
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel

__all__ = ["keep_places", "places_learnt"]

_PLACES = "places of training rows"
_WORDS = ("names", "hosts", "labels")


def places_learnt(
    model: TrainedModel,
    mission: str,
    *,
    artifact: Path,
    left: Path,
    catalogue: str | None,
    computed: Computed,
    learned_from: Sequence[LabelledRows] | None = None,
) -> LearntPlaces | None:
    """Return where a model's training rows lie; None where they are not at hand.

    Parameters
    ----------
    model
        The fitted model.
    mission
        Whose objects are compared.
    artifact
        Folder of the model.
    left
        What `keep_places` left, where it did.
    catalogue
        The mission's snapshot.
    computed
        Where the places are kept.
    learned_from
        The catalogue's rows that it was trained on; None: they are read.
    """
    if left.is_file():
        with np.load(left, allow_pickle=False) as parts:
            return _places(json.loads(str(parts["described"])), parts["scaled"])
    if catalogue is None:
        return None

    @cache
    def learnt() -> LearntPlaces | None:
        rows = learned_from
        if rows is None:
            table = whole_table(catalogue, mission, computed=computed)
            rows = training_rows_of(model, table, computed=computed)
        return learnt_places(model, DATASETS[mission], rows)

    # The catalogue is the mission's, whatever file was sent: everybody may be given its places.
    files = (Path(catalogue), artifact / MANIFEST)
    of = [mission, *(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)]
    described = computed.json(_PLACES, of, lambda: _described(learnt()))
    if described is None:
        return None
    return _places(described, computed.array(f"{_PLACES}, scaled", of, lambda: _scaled(learnt())))


def keep_places(
    job: TrainingJob | PredictionJob,
    model: TrainedModel,
    learned_from: Sequence[LabelledRows],
    *,
    own: bool,
) -> None:
    """Keep the places for whoever looks at an object of a table that was predicted.

    Parameters
    ----------
    job
        What was predicted; its model is saved.
    model, learned_from
        What answered, and the rows that it was trained on.
    own
        Whether these are rows that only this session knows.
    """
    folder, computed = Path(job.folder), computed_by(job.means)
    if own:
        learnt = learnt_places(model, DATASETS[job.dataset], learned_from)
        if learnt is not None:
            described = json.dumps(_described(learnt))
            np.savez(folder / LEARNT, described=described, scaled=learnt.scaled)
    elif computed.folder is not None:
        places_learnt(
            model,
            job.dataset,
            artifact=folder / ARTIFACT,
            left=folder / LEARNT,
            catalogue=job.reference or job.snapshot,
            computed=computed,
            learned_from=learned_from,
        )


def _places(described: Mapping[str, Any], scaled: NDArray[np.float64]) -> LearntPlaces:
    return LearntPlaces(
        **{name: np.array(described[name], dtype=object) for name in _WORDS},
        space=RobustScaler.from_json(described["space"]),
        scaled=scaled,
    )


def _described(learnt: LearntPlaces | None) -> dict[str, Any] | None:
    if learnt is None:
        return None
    words = {name: getattr(learnt, name).tolist() for name in _WORDS}
    return {**words, "space": learnt.space.as_json()}


def _scaled(learnt: LearntPlaces | None) -> NDArray[np.float64]:
    return np.empty((0, 0)) if learnt is None else learnt.scaled
