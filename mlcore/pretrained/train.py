"""Training a published model.

On one machine the same tables, seed and versions leave the same files, bit for bit.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from mlcore.api import TrainingAPI
from mlcore.features.feature_sets import Inputs
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS
from mlcore.jobs.told import job_result
from mlcore.model_selection.evaluation_setup import EvaluationSetup
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import FIXED_SPLIT
from mlcore.persistence.manifest import write_json
from mlcore.pretrained.model_card import make_card
from mlcore.pretrained.packaging import CARD, RESULT, VERDICTS
from mlcore.pretrained.registry import MODEL_TYPE, PUBLISHED
from mlcore.pretrained.verdicts import verdicts_of
from mlcore.progress import Progress, silent
from mlcore.run import RunContext
from mlcore.training.setup import TrainingSetup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlcore.pretrained.sources import Source
    from mlcore.progress import ProgressCallback

__all__ = ["train_published"]


def train_published(
    name: str,
    sources: Mapping[str, Source],
    folder: Path,
    *,
    progress: ProgressCallback = silent,
) -> dict[str, Any]:
    """Train a published model on the training rows of its missions and test it on the test rows.

    Parameters
    ----------
    name
        One of `PUBLISHED`.
    sources
        The table of each of its missions; see `mlcore.pretrained.sources_in_folder`.
    folder
        New folder for what the training leaves: the artifact, the card, the result as a session
        keeps it, what the model says of every object, and the test rows' predictions.
    progress
        Called with the fraction of the work that is done and the current step.

    Returns
    -------
    dict
        The card.

    Raises
    ------
    DataError
        When a table cannot be trained on.
    """
    model = PUBLISHED[name]
    ordered = {mission: sources[mission] for mission in model.missions}
    # Sums that threads divide among themselves round by how many there are.
    with threadpool_limits(1):
        setup = TrainingSetup(
            model_type=MODEL_TYPE,
            tables=[source.training for source in ordered.values()],
            task=model.task,
            hyperparameters=model.hyperparameters,
            inputs=Inputs(feature_set=model.feature_set),
            references={mission: source.table for mission, source in ordered.items()},
            chosen=True,
        )
        testing = EvaluationSetup(
            tables=[source.testing for source in ordered.values()],
            words=FIXED_SPLIT,
            protocol=Protocol.FIXED_SPLIT,
            # More folds than calibrating alone is worth, for figures and calibration alike.
            protocols=(Protocol.CROSS_VALIDATED,),
        )
        steps = Progress({"Training": 4, "Scoring every object": 1}, progress)
        with steps.stage("Training") as report:
            run = RunContext(seed=model.seed, progress=report.nested)
            result = TrainingAPI(run=run).train(setup, testing)
        with steps.stage("Scoring every object") as report:
            verdicts = verdicts_of(result.model, setup, ordered, progress=report)
    folder.mkdir(parents=True)
    TrainingAPI().save(result, folder / ARTIFACT, folder / PREDICTIONS)
    kept = job_result(result)
    write_json(folder / RESULT, kept, end="\n")
    write_json(folder / VERDICTS, verdicts, end="\n")
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / ARTIFACT).iterdir())
    }
    card = make_card(model, ordered, result, kept["model"], files)
    write_json(folder / CARD, card, indent=1, end="\n")
    return card
