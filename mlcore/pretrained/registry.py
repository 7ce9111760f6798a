"""What is published: a row a model. Everything else about it follows from training it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS
from mlcore.features.feature_sets import FeatureSet
from mlcore.tasks import DISPOSITION, VETTING

if TYPE_CHECKING:
    from collections.abc import Mapping

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


_DEEP = {"n_estimators": 400, "learning_rate": 0.05, "max_depth": 5, "subsample": 0.8}
_SHALLOW = {"n_estimators": 500, "learning_rate": 0.05, "max_depth": 3, "subsample": 0.7}
"""For missions with few decided objects."""
_THREE_CLASSES = {"n_estimators": 300, "learning_rate": 0.05, "max_depth": 4, "subsample": 0.8}

_KEPLER_LIMIT = (
    "Most false positives were named by the mission's own automatic vetting, whose preferences the"
    " model learns with them."
)
_K2_LIMIT = (
    "In K2's table most values are missing, and whether one is known follows how closely an object"
    " was studied: which values are missing tells planets from false positives nearly as well as"
    " the values do (see the missingness-only probe). The figures say little about physics, and an"
    " object that nobody studied yet is not like those that were trained on."
)
_K2_FEW = "Few K2 objects are false positives, so that the intervals are wide."
_TESS_LIMIT = (
    "TESS objects were decided by follow-up observations that prefer bright and quiet stars;"
    " fainter ones are scored by their likeness to these."
)
_WIDE_LIMIT = (
    "It needs the columns of the archive's full table, such as the centroid offsets, which only"
    " objects have that the pipeline's last run (DR25) treated: it was trained and tested on these"
    " alone, of a table that was put together from several of the archive's own."
)
_JOINT_LIMIT = (
    "It sees only what all missions have, so that on one mission's objects that mission's own model"
    " is usually better. Most training rows are Kepler's: look at the figures of each mission."
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
    DISPOSITION.name: (_CANDIDATE_IS_A_STAGE, _SHARES_CHANGE),
}
_LIMITS_OF_MISSION = {
    "kepler": (_KEPLER_LIMIT,),
    "k2": (_K2_LIMIT, _K2_FEW),
    "tess": (_TESS_LIMIT,),
}
_SHORT_TITLES = {"kepler": "Kepler", "k2": "K2", "tess": "TESS"}
_ANSWERS = {VETTING.name: "planet or false positive", DISPOSITION.name: "three dispositions"}
_TWO_CLASSES = {"kepler": _DEEP, "k2": _SHALLOW, "tess": _SHALLOW}


def _intended(task: Task, objects: str) -> str:
    use = {
        VETTING.name: (
            f"To rank {objects} that await a decision, for follow-up, and to give a first opinion"
            " on new ones, with its reasons"
        ),
        DISPOSITION.name: (
            f"To say which disposition the archive would give {objects}, where one of its three"
            " words is needed"
        ),
    }[task.name]
    return (
        f"{use}; and as the start for fine-tuning on rows of one's own. It confirms nothing: no"
        " score replaces an observation."
    )


def _of_mission(mission: str, task: Task) -> PublishedModel:
    short = _SHORT_TITLES[mission]
    return PublishedModel(
        name=f"{mission}-{task.name}",
        title=f"{short}: {_ANSWERS[task.name]}",
        missions=(mission,),
        task=task,
        feature_set=FeatureSet.DEFAULT,
        intended_use=_intended(task, f"{short} objects"),
        limits=(*_LIMITS_OF_MISSION[mission], *_LIMITS_OF_TASK[task.name]),
        hyperparameters=_THREE_CLASSES if task is DISPOSITION else _TWO_CLASSES[mission],
    )


_ROWS = (
    *(_of_mission(mission, task) for mission in DATASETS for task in (VETTING, DISPOSITION)),
    PublishedModel(
        name="kepler-wide-vetting",
        title="Kepler, full table: planet or false positive",
        missions=("kepler",),
        task=VETTING,
        feature_set=FeatureSet.WIDE,
        intended_use=_intended(VETTING, "Kepler objects of which the full table is at hand"),
        limits=(_WIDE_LIMIT, _KEPLER_LIMIT, *_LIMITS_OF_TASK[VETTING.name]),
        hyperparameters=_DEEP,
    ),
    PublishedModel(
        name="joint-vetting",
        title="All missions, shared columns: planet or false positive",
        missions=tuple(DATASETS),
        task=VETTING,
        feature_set=FeatureSet.HARMONISED,
        intended_use=_intended(VETTING, "objects of all missions on one scale"),
        limits=(_JOINT_LIMIT, _K2_LIMIT, *_LIMITS_OF_TASK[VETTING.name]),
        hyperparameters=_DEEP,
    ),
)

PUBLISHED: Mapping[str, PublishedModel] = MappingProxyType({each.name: each for each in _ROWS})
"""The published models by name, in the order in which they are shown.

Examples
--------
>>> import mlcore
>>> mlcore.PUBLISHED["kepler-vetting"].missions
('kepler',)
"""
