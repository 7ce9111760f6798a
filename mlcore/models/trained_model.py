"""A classifier with all that is needed to assess an object by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.calibration.prior_shift import prior_corrected, with_planet_rate
from mlcore.computed import NOTHING_KEPT, Computed
from mlcore.datasets import DATASETS
from mlcore.datasets.membership import are_among
from mlcore.errors import DataError
from mlcore.features.feature_sets import FeatureSet

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.calibration.conformal import ConformalPredictor
    from mlcore.datasets.spec import Column, Dataset
    from mlcore.datasets.table import Table
    from mlcore.features.feature_sets import Inputs
    from mlcore.models.classifier import Classifier
    from mlcore.models.novelty import Novelty
    from mlcore.tasks import Task

__all__ = ["TrainedModel"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TrainedModel:
    """What training leaves, and what prediction and fine-tuning start from."""

    classifier: Classifier
    missions: tuple[str, ...]
    """Names of the missions whose rows it was trained on."""
    inputs: Inputs
    conformal: ConformalPredictor | None
    """None where the training rows were too few to hold some out."""
    novelty: Novelty
    stars: frozenset[str]
    """Host stars that it was trained on: figures on them would flatter it."""
    frequencies: tuple[float, ...]
    """Share of each of the task's classes among the training rows."""
    train_rows: int

    @property
    def task(self) -> Task:
        """What is told apart."""
        return self.classifier.task

    def check_serves(self, dataset: Dataset) -> None:
        """Refuse a mission whose columns the model cannot read.

        Raises
        ------
        DataError
            When the model was trained on another mission, and not on shared columns.
        """
        if dataset.name in self.missions:
            return
        trained = " and ".join(DATASETS[name].title for name in self.missions)
        if dataset.kind is not self.task.kind:
            raise DataError(f"The model answers of {trained}; it cannot score {dataset.title}.")
        if self.inputs.feature_set is FeatureSet.HARMONISED:
            return
        raise DataError(
            f"The model reads the columns of {trained}; only a model on the harmonised columns"
            f" can score {dataset.title}."
        )

    def knows(self, table: Table) -> NDArray[np.bool_]:
        """Tell which rows belong to host stars that it was trained on, shape ``(n,)``."""
        # A row without a star is a star of its own, in one table only.
        return np.asarray(table.stars_known & are_among(table.hosts, self.stars), dtype=bool)

    def columns(self, dataset: Dataset) -> tuple[Column, ...]:
        """Return the declarations of the classifier's columns, in its order.

        Parameters
        ----------
        dataset
            The mission whose rows are read.
        """
        declared = {column.name: column for column in self.inputs.columns(dataset)}
        return tuple(declared[name] for name in self.classifier.columns)

    def quantities(self, dataset: Dataset) -> dict[str, str]:
        """Return the physical quantity of each of the classifier's columns, in words."""
        quantities = self.inputs.quantities(dataset)
        return {name: quantities[name] for name in self.classifier.columns}

    def features(
        self,
        table: Table,
        *,
        reference: Table | None = None,
        computed: Computed = NOTHING_KEPT,
    ) -> pd.DataFrame:
        """Return what the classifier sees of a table's rows; see `Inputs.matrix`."""
        self.check_serves(table.dataset)
        matrix = self.inputs.matrix(table, reference=reference, computed=computed)
        return matrix.loc[:, list(self.classifier.columns)]

    def neighbour_columns(self, dataset: Dataset) -> tuple[str, ...]:
        """Return those of the classifier's columns that depend on the catalogue's other objects."""
        derived = self.inputs.of_neighbours(dataset)
        return tuple(name for name in self.classifier.columns if name in derived)

    def features_drawn(self, drawn: Table, undrawn: pd.DataFrame) -> pd.DataFrame:
        """Return what the classifier sees of drawn rows; see `Inputs.matrix_drawn`."""
        return self.inputs.matrix_drawn(drawn, undrawn).loc[:, list(self.classifier.columns)]

    def at_planet_rate(
        self, probabilities: NDArray[np.float64], rate: float
    ) -> NDArray[np.float64]:
        """Return probabilities as they are where another share of the objects are planets.

        Parameters
        ----------
        probabilities
            Of each of the task's classes, shape ``(n, k)``, at the training rows' frequencies.
        rate
            Share of planets that the user expects, in (0, 1).

        Returns
        -------
        ndarray, shape ``(n, k)``
            By Bayes' rule, under the assumption that planets and the others look as they do among
            the training rows; see `mlcore.calibration.prior_shift.prior_corrected`.

        Raises
        ------
        HyperparameterError
            When `rate` is out of bounds.
        """
        expected = with_planet_rate(self.frequencies, rate, classes=self.task.classes)
        return prior_corrected(probabilities, trained=self.frequencies, expected=expected)
