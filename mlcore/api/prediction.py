"""Loading a model, predicting with it, and letting it go on learning first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlcore.persistence.artifact import load_artifact, save_artifact
from mlcore.prediction.predict import predict_tables
from mlcore.run import RunContext
from mlcore.training.fine_tune import fine_tune

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlcore.datasets.table import Table
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predict import Predictions
    from mlcore.training.fine_tune import FineTuned

__all__ = ["PredictionAPI"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionAPI:
    """Predict with a model that was trained before, as it is or after it went on learning.

    Examples
    --------
    >>> import mlcore
    >>> api = mlcore.PredictionAPI()
    >>> model = mlcore.load_published("kepler-vetting")
    >>> known, unseen = mlcore.TrainingAPI().data("kepler")
    >>> tuned = api.fine_tune(model, known.take(range(300)))
    >>> api.predict(tuned.model, unseen.take(range(2))).labels
    ['confirmed', 'confirmed']
    """

    run: RunContext = field(default_factory=RunContext)
    """Its seed, its progress and its time."""

    def load(self, artifact: Path) -> TrainedModel:
        """Return a saved model.

        Raises
        ------
        ArtifactError
            When the folder is missing, damaged or of another format.
        """
        return load_artifact(artifact)

    def save(self, model: TrainedModel, artifact: Path) -> None:
        """Write a model to a new folder."""
        save_artifact(model, artifact)

    def fine_tune(
        self, model: TrainedModel, table: Table, *, reference: Table | None = None
    ) -> FineTuned:
        """Let a published booster go on learning from a user's rows; see `mlcore.fine_tune`."""
        run = self.run
        return fine_tune(
            model,
            table,
            reference=reference,
            seed=run.seed,
            cores=run.cores,
            progress=run.progress,
        )

    def predict(
        self,
        model: TrainedModel,
        table: Table,
        *,
        reference: Table | None = None,
        learned_from: Sequence[LabelledRows] = (),
        draws: int | None = None,
    ) -> Predictions:
        """Predict, explain and assess every row of a table; see `mlcore.predict`."""
        references = {} if reference is None else {table.dataset.name: reference}
        return predict_tables(
            model,
            [table],
            references=references,
            learned_from=learned_from,
            draws=draws,
            run=self.run,
        )
