"""What fits a model of a type, or an ensemble, on other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.calibration.calibrate import calibrated
from mlcore.errors import DataError
from mlcore.model_selection.protocol import FOLDS_TO_CALIBRATE
from mlcore.models.classifier import fit_classifier
from mlcore.models.stacked import refit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mlcore.model_selection.folds import Fit, FittedModel
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.classifier import Classifier
    from mlcore.models.spec import ModelType
    from mlcore.tasks import Task

__all__ = ["EnsembleRecipe", "Recipe"]


class Recipe:
    """How a model is refitted on other rows, with the same type and hyperparameters."""

    def __init__(self, kind: ModelType, values: Mapping[str, Any], task: Task) -> None:
        self.kind, self.values, self.task = kind, values, task

    def fit(self, rows: LabelledRows, seed: int) -> FittedModel:
        """Fit it, uncalibrated."""
        return fit_classifier(self.kind, self.values, rows, seed=seed, task=self.task)

    def calibrated_fit(self) -> Fit:
        """Return what fits it and calibrates it by star: `CALIBRATED_FITS` fits in all."""
        return calibrated(self.fit, task=self.task, folds=FOLDS_TO_CALIBRATE)

    def seconds(self, rows: int) -> float:  # noqa: ARG002 - where nobody waits, it does not matter
        """Return how long a fit on so many rows is expected to take [s]."""
        return 0.0


class EnsembleRecipe(Recipe):
    """How an ensemble is refitted: its members are, and their weights stay.

    Parameters
    ----------
    ensemble
        What a search ended with.
    task
        What is told apart.
    seconds_a_row
        How long fitting all its members takes, by the rows that they are fitted on [s].
    """

    def __init__(self, ensemble: Classifier, task: Task, *, seconds_a_row: float) -> None:
        super().__init__(ensemble.model_type, ensemble.hyperparameters, task)
        self.ensemble, self.seconds_a_row = ensemble, seconds_a_row

    def fit(self, rows: LabelledRows, seed: int) -> FittedModel:
        """Refit its members."""
        if lacking := sorted(set(self.ensemble.classes) - set(rows.labels)):
            missing = " and ".join(kind.replace("_", " ") for kind in lacking)
            raise DataError(f"an ensemble cannot be fitted anew on rows without {missing}.")
        return refit(self.ensemble, rows, seed=seed)

    def seconds(self, rows: int) -> float:
        """Return how long a fit on so many rows is expected to take [s]."""
        return self.seconds_a_row * rows
