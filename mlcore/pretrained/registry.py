"""What is published: each mission's own models, as it declares them, and one of them all.

Everything else about a model follows from training it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS
from mlcore.datasets.publication import DEEP_TREES
from mlcore.features.feature_sets import FeatureSet
from mlcore.tasks import DISPOSITION, TRIAGE, VETTING, find_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.datasets.publication import Publication
    from mlcore.datasets.spec import Dataset
    from mlcore.tasks import Task

__all__ = ["MODEL_TYPE", "PUBLISHED", "PublishedModel"]

MODEL_TYPE = "xgboost"
"""Boosted trees: as good as any single model type here, small, and able to go on learning."""

CHOSEN = (
    "Hyperparameters were compared by five-fold cross-validation of the training rows by host star;"
    " of those that ranked equally well the ones were taken that make a small model. No test row"
    " was looked at."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedModel:
    """A model that the project publishes."""

    name: str
    title: str
    missions: tuple[str, ...]
    """Names of the missions whose training rows it learns from."""
    task: Task
    feature_set: FeatureSet
    intended_use: str
    """For what it was made, as sentences."""
    limits: tuple[str, ...]
    """What it cannot do, as sentences."""
    hyperparameters: Mapping[str, Any]
    seed: int = 0

    @property
    def headline(self) -> str:
        """Name of the metric that stands for the model in a list."""
        return "f1" if self.task is DISPOSITION else "roc_auc"


_JOINT_LIMIT = (
    "It sees only what all missions have, so that on one mission's objects that mission's own model"
    " is usually better. Most training rows are {most}'s: look at the figures of each mission."
)
_CANDIDATES_UNSEEN = (
    "Candidates are neither trained on nor tested: their scores assume that they look like the"
    " objects that were decided, which were the easier ones."
)
_PLANET_RATE = (
    "Probabilities hold where planets are as frequent as among the training rows; state another"
    " rate where it is known."
)
_CANDIDATE_IS_A_STAGE = (
    "Candidate means that the archive has not decided yet: a stage of the work and no kind of"
    " object, which no model can tell well from the other two."
)
_SHARES_CHANGE = (
    "The shares of the three dispositions change whenever the archive decides; probabilities hold"
    " at those of the training rows."
)

_LIMITS_OF_TASK = {
    VETTING.name: (_CANDIDATES_UNSEEN, _PLANET_RATE),
    TRIAGE.name: (_CANDIDATES_UNSEEN, _PLANET_RATE),
    DISPOSITION.name: (_CANDIDATE_IS_A_STAGE, _SHARES_CHANGE),
}
_ANSWERS = {
    VETTING.name: "planet or false positive",
    TRIAGE.name: "planet or none",
    DISPOSITION.name: "three dispositions",
}
_USES = {
    TRIAGE.name: "To say of the signals that a search finds, {objects}, which may be planets, and"
    " why",
    VETTING.name: "To rank {objects} that await a decision, for follow-up, and to give a first"
    " opinion on new ones, with its reasons",
    DISPOSITION.name: "To say which disposition the archive would give {objects}, where one of its"
    " three words is needed",
}


def _intended(task: Task, objects: str) -> str:
    return (
        f"{_USES[task.name].format(objects=objects)}; and as the start for fine-tuning on rows of"
        " one's own. It confirms nothing: no score replaces an observation."
    )


def _of_mission(dataset: Dataset, publication: Publication) -> PublishedModel:
    task, feature_set = find_task(publication.task), FeatureSet(publication.feature_set)
    short, wide = dataset.short_title, feature_set is FeatureSet.WIDE
    return PublishedModel(
        name=f"{dataset.name}-wide-{task.name}" if wide else f"{dataset.name}-{task.name}",
        title=f"{short}{', full table' if wide else ''}: {_ANSWERS[task.name]}",
        missions=(dataset.name,),
        task=task,
        feature_set=feature_set,
        intended_use=_intended(
            task, f"{short} objects{' of which the full table is at hand' if wide else ''}"
        ),
        limits=(*publication.limits, *dataset.limits, *_LIMITS_OF_TASK[task.name]),
        hyperparameters=publication.hyperparameters,
    )


def _joint() -> PublishedModel:
    datasets = [dataset for dataset in DATASETS.values() if dataset.joint_limits is not None]
    return PublishedModel(
        name="joint-vetting",
        title="All missions, shared columns: planet or false positive",
        missions=tuple(dataset.name for dataset in datasets),
        task=VETTING,
        feature_set=FeatureSet.HARMONISED,
        intended_use=_intended(VETTING, "objects of all missions on one scale"),
        limits=(
            _JOINT_LIMIT.format(most=datasets[0].short_title),
            *(limit for dataset in datasets for limit in dataset.joint_limits or ()),
            *_LIMITS_OF_TASK[VETTING.name],
        ),
        hyperparameters=DEEP_TREES,
    )


class _PublishedModels(Mapping[str, PublishedModel]):
    """What the missions publish at the time of asking, and the model of them all."""

    def _models(self) -> dict[str, PublishedModel]:
        models = [
            _of_mission(dataset, publication)
            for dataset in DATASETS.values()
            for publication in dataset.published
        ]
        # The models on what everybody has at hand come first.
        models.sort(key=lambda model: model.feature_set is FeatureSet.WIDE)
        return {model.name: model for model in (*models, _joint())}

    def __getitem__(self, name: str) -> PublishedModel:
        return self._models()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models())

    def __len__(self) -> int:
        return len(self._models())


PUBLISHED: Mapping[str, PublishedModel] = _PublishedModels()
"""The published models by name, in the order in which they are shown.

Examples
--------
>>> import mlcore
>>> mlcore.PUBLISHED["kepler-vetting"].missions
('kepler',)
"""
