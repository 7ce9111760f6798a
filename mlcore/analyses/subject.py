"""What an analysis is about: a model, the rows it predicted, the rows it learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets import CLASSES
from mlcore.errors import DataError
from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from mlcore.model_selection.training_rows import labelled_rows
from mlcore.prediction.large import features_of_rows
from mlcore.tasks import find_task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import pandas as pd

    from mlcore.datasets.spec import Dataset, Disposition
    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel

__all__ = ["AnalysedObject", "Subject", "training_rows_at_hand"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AnalysedObject:
    """One of the predicted rows."""

    number: int
    """Its place among them, from 1."""
    table: Table
    """The row alone."""
    features: pd.DataFrame
    """What the model sees of it, shape ``(1, p)``."""
    probabilities: tuple[float, ...]
    """What the model says of it, of each of `CLASSES`."""

    @property
    def label(self) -> Disposition:
        """The most probable class."""
        return CLASSES[self.probabilities.index(max(self.probabilities))]

    def as_json(self) -> dict[str, Any]:
        """Return which object it is and what the model says of it."""
        return {
            "number": self.number,
            "name": str(self.table.names.iloc[0]),
            "label": str(self.label),
            "probabilities": {
                str(kind): value for kind, value in zip(CLASSES, self.probabilities, strict=True)
            },
        }


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Subject:
    """A model, the rows that it predicted and, as far as they are at hand, those it learnt from."""

    model: TrainedModel
    table: Table
    """The predicted rows: an object's number is its place here, from 1."""
    reference: Table | None
    """The mission's whole catalogue, whose objects are the neighbours of the rows."""
    tested_on: str
    """What the predicted rows are, in words."""
    trained_on: Callable[[], Sequence[LabelledRows]]
    """Reads what the model learnt from when an analysis needs it; empty where it is not at hand."""
    fine_tuned: bool = False
    """Whether the model is a published one that went on learning."""
    seed: int = 0

    @property
    def dataset(self) -> Dataset:
        """The mission whose rows were predicted."""
        return self.table.dataset

    @property
    def split(self) -> str:
        """Which rows were predicted, in words, with the mark where there is one."""
        return self.model.inputs.marked(self.tested_on)

    def features(self) -> pd.DataFrame:
        """Return what the model sees of the predicted rows, shape ``(n, p)``."""
        return self.model.features(self.table, reference=self.reference)

    def object_at(self, number: int | None, name: str = "") -> AnalysedObject:
        """Return one of the predicted rows.

        Parameters
        ----------
        number
            Its place, from 1.
        name
            Its name, to make sure; empty: whatever it is called.

        Raises
        ------
        DataError
            When there is no such row or it has another name.
        """
        rows = self.table
        if number is None or not 1 <= number <= len(rows):
            raise DataError(
                f"object_number was {number}, but it must be a whole number from 1 to {len(rows)}."
            )
        one = rows.take([number - 1])
        if name and one.names.iloc[0] != name:
            raise DataError(
                f"The rows have changed: object {number} is {one.names.iloc[0]} and not"
                f" {name} any more."
            )
        # Within the whole table, because without a catalogue its rows are each other's neighbours.
        features = features_of_rows(self.model, rows, self.reference, np.array([number - 1]))
        probabilities = self.model.classifier.predict_proba(features)[0]
        return AnalysedObject(
            number=number, table=one, features=features, probabilities=tuple(probabilities.tolist())
        )

    def learned_from(self) -> LabelledRows:
        """Return the rows that the model was trained on, those of fine-tuning last.

        Raises
        ------
        DataError
            When they are not at hand.
        """
        parts = self.trained_on()
        if not parts:
            raise DataError(
                "The rows that the model was trained on are not at hand, and this analysis needs"
                " them."
            )
        return rows_to_learn_from(parts, self.model.inputs)


def training_rows_at_hand(
    model: TrainedModel, table: Table, reference: Table | None
) -> LabelledRows:
    """Return those of a table's rows that such a model learns from, and what it sees of them."""
    learnt = table.take(model.inputs.may_learn_from(table))
    rows = labelled_rows(learnt, find_task(model.task.name))
    return LabelledRows.of([rows], model.inputs.matrix(rows, reference=reference))
