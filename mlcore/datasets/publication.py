"""What a mission declares of each model on its rows that the project publishes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEEP_TREES", "SHALLOW_TREES", "THREE_CLASS_TREES", "Publication"]

DEEP_TREES: Mapping[str, Any] = MappingProxyType(
    {"n_estimators": 400, "learning_rate": 0.05, "max_depth": 5, "subsample": 0.8}
)
SHALLOW_TREES: Mapping[str, Any] = MappingProxyType(
    {"n_estimators": 500, "learning_rate": 0.05, "max_depth": 3, "subsample": 0.7}
)
"""For missions with few decided objects."""
THREE_CLASS_TREES: Mapping[str, Any] = MappingProxyType(
    {"n_estimators": 300, "learning_rate": 0.05, "max_depth": 4, "subsample": 0.8}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """A published model on one mission's rows; `mlcore.pretrained.registry` makes it of this."""

    task: str
    """Name of the task, see `mlcore.tasks`."""
    hyperparameters: Mapping[str, Any]
    feature_set: str = "default"
    """Name of the set of columns, see `mlcore.features.feature_sets`."""
    limits: tuple[str, ...] = ()
    """What this model alone cannot do, as sentences, beside the mission's own limits."""
