"""What fits a model of a type, or an ensemble, on other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.calibration.calibrate import calibrated
from mlcore.errors import DataError
from mlcore.model_selection.protocol import FOLDS_TO_CALIBRATE
from mlcore.models.classifier import fit_classifier
from mlcore.models.stacked import refit
from mlcore.tasks import DISPOSITION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd

    from mlcore.datasets.spec import Column
    from mlcore.model_selection.folds import Fit, FittedModel
    from mlcore.models.classifier import Classifier
    from mlcore.models.spec import ModelType
    from mlcore.tasks import Task

__all__ = ["EnsembleRecipe", "Recipe", "fit_of"]


def fit_of(
    model_type: ModelType,
    values: Mapping[str, Any],
    columns: Sequence[Column],
    *,
    task: Task = DISPOSITION,
) -> Fit:
    """Return what fits a model type of the catalogue.

    Parameters
    ----------
    model_type, values
        What to fit, and what `ModelType.read_hyperparameters` returned for it.
    columns
        Declarations of the columns to use, all of which the features hold.
    task
        What is told apart.
    """
    names = [column.name for column in columns]

    def fit(
        features: pd.DataFrame, labels: pd.Series[str], hosts: pd.Series[str], seed: int
    ) -> FittedModel:
        return fit_classifier(
            model_type,
            values,
            features=features.loc[:, names],
            labels=list(labels),
            hosts=list(hosts),
            columns=columns,
            seed=seed,
            task=task,
        )

    return fit


class Recipe:
    """How a model is fitted anew on other rows, with the same type and hyperparameters."""

    def __init__(self, kind: ModelType, values: Mapping[str, Any], task: Task) -> None:
        self.kind, self.values, self.task = kind, values, task

    def fit(self, columns: Sequence[Column]) -> Fit:
        """Return what fits it, uncalibrated."""
        return fit_of(self.kind, self.values, columns, task=self.task)

    def calibrated_fit(self, columns: Sequence[Column]) -> Fit:
        """Return what fits it and calibrates it by star: `CALIBRATED_FITS` fits in all."""
        return calibrated(self.fit(columns), task=self.task, folds=FOLDS_TO_CALIBRATE)

    def seconds(self, rows: int) -> float:  # noqa: ARG002 - where nobody waits, it does not matter
        """Return how long a fit on so many rows is expected to take [s]."""
        return 0.0


class EnsembleRecipe(Recipe):
    """How an ensemble is fitted anew: its members are, and their weights stay.

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

    def fit(self, columns: Sequence[Column]) -> Fit:
        """Return what fits its members anew."""
        names = [column.name for column in columns]

        def again(
            features: pd.DataFrame, labels: pd.Series[str], hosts: pd.Series[str], seed: int
        ) -> FittedModel:
            if lacking := sorted(set(self.ensemble.classes) - set(labels)):
                missing = " and ".join(each.replace("_", " ") for each in lacking)
                raise DataError(f"an ensemble cannot be fitted anew on rows without {missing}.")
            return refit(
                self.ensemble,
                features=features.loc[:, names],
                labels=list(labels),
                hosts=list(hosts),
                columns=columns,
                seed=seed,
            )

        return again

    def seconds(self, rows: int) -> float:
        """Return how long a fit on so many rows is expected to take [s]."""
        return self.seconds_a_row * rows
