"""Training sessions and their data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS, obtain
from mlcore.model_selection.train_test import split
from mlcore.persistence.artifact import save_artifact
from mlcore.run import RunContext
from mlcore.training.train import train_and_say, train_and_test

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets.table import Table
    from mlcore.evaluation.model_result import ModelResult
    from mlcore.model_selection.evaluation_setup import EvaluationSetup
    from mlcore.training.learning import FittedModel
    from mlcore.training.setup import TrainingSetup
    from mlcore.training.train import Answer, SaidT

__all__ = ["TrainingAPI"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingAPI:
    """Get data, train and test a model on it, and save what came of it.

    Examples
    --------
    >>> import mlcore
    >>> api = mlcore.TrainingAPI(run=mlcore.RunContext(seed=1))
    >>> training, testing = (part.take(range(300)) for part in api.data("kepler"))
    >>> result = api.train(
    ...     mlcore.TrainingSetup(
    ...         model_type="decision_tree",
    ...         tables=[training],
    ...         task=mlcore.TASKS["vetting"],
    ...         inputs=mlcore.Inputs(feature_set=mlcore.FeatureSet.MEASURED),
    ...     ),
    ...     mlcore.EvaluationSetup(tables=[testing]),
    ... )
    >>> auc = result.metrics["roc_auc"]
    >>> auc.low < auc.value < auc.high
    True
    >>> result.inspection.importance.permutation.rows == auc.rows
    True
    """

    run: RunContext = field(default_factory=RunContext)
    """Its seed, its progress and its time."""

    def data(
        self, mission: str, *, file: Path | None = None, use_archive: bool = False
    ) -> tuple[Table, Table]:
        """Return a mission's training and testing rows, no host star on both sides.

        Parameters
        ----------
        mission
            Name in `mlcore.DATASETS`.
        file
            A table of the mission; by default the one that the project carries.
        use_archive
            Whether the archive is asked before the carried table.

        Raises
        ------
        DataError, UnavailableError
            As `mlcore.obtain`.
        """
        return split(obtain(DATASETS[mission], file=file, use_archive=use_archive).table)

    def train(self, setup: TrainingSetup, testing: EvaluationSetup) -> ModelResult:
        """Fit a model, calibrate it, test it and explain each of the testing rows.

        Parameters
        ----------
        setup
            What is learnt, from which rows.
        testing
            Which rows are predicted and measured, and the protocols beside them.

        Raises
        ------
        HyperparameterError, DataError
            As `mlcore.train`.
        """
        return train_and_test(setup, testing, self.run)

    def answer(
        self,
        setup: TrainingSetup,
        testing: EvaluationSetup,
        say: Callable[[FittedModel, RunContext], SaidT],
        *,
        evidence: bool = True,
    ) -> Answer[SaidT]:
        """Do what `train` does, with one's own way of predicting the testing rows.

        Parameters
        ----------
        setup, testing
            As in `train`.
        say
            Predicts the testing rows with the model that was fitted.
        evidence
            Whether what deepens the first answer is measured too; see `mlcore.evaluation.evidence`.

        Raises
        ------
        HyperparameterError, DataError
            As `mlcore.train`.
        """
        return train_and_say(setup, testing, say, self.run, evidence=evidence)

    def save(self, result: ModelResult, artifact: Path, predictions: Path) -> None:
        """Write the model to a new folder, and what it says of its rows to a Parquet file."""
        save_artifact(result.model, artifact)
        predictions.parent.mkdir(parents=True, exist_ok=True)
        result.predictions.write(predictions)
