"""What a model is trained on, and for what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlcore.features.feature_sets import Inputs
from mlcore.tasks import DISPOSITION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.table import Table
    from mlcore.tasks import Task

__all__ = ["TrainingSetup"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TrainingSetup:
    """What is learnt, by which model type, from which rows.

    Examples
    --------
    >>> import mlcore
    >>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
    >>> setup = mlcore.TrainingSetup(model_type="xgboost", tables=[table])
    >>> setup.task.name
    'disposition'
    """

    model_type: str
    """Name or alias of a model type in `mlcore.MODELS`."""
    tables: Sequence[Table]
    """Labelled rows to learn from, a table a mission; rows that the task does not tell apart are
    left out."""
    task: Task = DISPOSITION
    """What is told apart."""
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    """Values by name; absent ones take their defaults."""
    inputs: Inputs = field(default_factory=Inputs)
    """Which columns the model sees."""
    references: Mapping[str, Table] | None = None
    """The whole catalogue of each mission, whose objects are the neighbours of the rows; None: the
    training and testing rows together. No label of it is read."""
    chosen: bool = False
    """Whether the rows were chosen before, by what their source says of them, so that none is left
    out; see `Inputs.may_learn_from`."""
