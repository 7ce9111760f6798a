"""Why a model says what it says, of all rows and of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from mlcore.analyses.answer import answer
from mlcore.evaluation.feature_importance import measure_importance
from mlcore.inspection import explain_rows
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.run import RunContext

if TYPE_CHECKING:
    import pandas as pd

    from mlcore.analyses.names import Question
    from mlcore.analyses.subject import Subject
    from mlcore.datasets.spec import Disposition
    from mlcore.datasets.table import Table
    from mlcore.evaluation.feature_importance import FeatureImportance
    from mlcore.inspection import Explanation
    from mlcore.models.trained_model import TrainedModel

__all__ = ["ExplanationAPI"]


class Explained(Protocol):
    """Rows that a model explained, such as `mlcore.prediction.predict.Predictions`."""

    @property
    def features(self) -> pd.DataFrame:
        """What the model saw of them, shape ``(n, p)``."""

    @property
    def explanation(self) -> Explanation:
        """What moved its outputs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplanationAPI:
    """Ask a model which quantities it rests on, what moved an answer, and what would change it.

    Examples
    --------
    >>> import mlcore
    >>> api = mlcore.ExplanationAPI()
    >>> model = mlcore.load_published("kepler-vetting")
    >>> _, unseen = mlcore.TrainingAPI().data("kepler")
    >>> explanation = api.contributions(model, unseen.take(range(2)), "confirmed")
    >>> explanation.contributions.shape == (2, len(explanation.columns))
    True
    """

    run: RunContext = field(default_factory=RunContext)
    """Its seed, its progress and its time."""

    def importance(
        self,
        model: TrainedModel,
        table: Table,
        predictions: Explained,
        *,
        split: str,
        permuted: bool = True,
    ) -> FeatureImportance:
        """Measure which quantities a model rests on, over rows that it predicted.

        Parameters
        ----------
        model
            The fitted model.
        table
            The rows, with their labels.
        predictions
            What the model says of them: what it saw, and what moved its outputs.
        split
            Which rows these are, in words.
        permuted
            Whether it is measured by permutation too, which takes longer.
        """
        return measure_importance(
            model,
            LabelledRows.of([table], predictions.features),
            predictions.explanation,
            split=split,
            permuted=permuted,
            seed=self.run.seed,
            progress=self.run.progress,
        )

    def contributions(
        self,
        model: TrainedModel,
        table: Table,
        disposition: Disposition | str,
        *,
        reference: Table | None = None,
    ) -> Explanation:
        """Attribute a model's output for one disposition to the columns, for each row.

        Parameters
        ----------
        model
            The fitted model.
        table
            Rows of a mission that it serves.
        disposition
            One that the model tells apart.
        reference
            The mission's whole catalogue; None: the table's own rows are the neighbours.
        """
        classifier = model.classifier
        explained = np.full(len(table), [str(c) for c in classifier.classes].index(disposition))
        features = model.features(table, reference=reference)
        return explain_rows(classifier, features, explained, progress=self.run.progress)

    def analyse(self, question: Question, subject: Subject) -> dict[str, Any]:
        """Answer a question about a model or one of its objects; see `mlcore.analyses.answer`."""
        return answer(question, subject, self.run.progress)
