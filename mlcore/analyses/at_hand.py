"""One object at hand: its row, what surrounds it, and the same with other values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.possible_values import FieldError, possible_value
from mlcore.features.converting import measured_quantities
from mlcore.features.registry import of_neighbours
from mlcore.features.surroundings import COMPARED_BY, Around

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column, Dataset
    from mlcore.datasets.table import Table
    from mlcore.features.feature_sets import Inputs
    from mlcore.inspection.shap.explain import TreesOf
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.scoring import Scored

__all__ = ["ObjectAtHand", "changeable_columns"]


# Without slots, so that what follows from it is worked out once.
@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectAtHand:
    """A row that a model can be asked about again and again.

    It is `around`, or `kept` where the rest of its table is too large to be held.
    """

    model: TrainedModel
    number: int | None
    """Its place among a session's rows, from 1; None: it is none of a session's."""
    name: str
    host: str
    table: Table
    """The row alone."""
    measured: bool
    """Whether anything measured of the transits is at hand in its whole table."""
    around: Around | None = None
    """The row within everything that surrounds it."""
    trees_of: TreesOf | None = None
    """Reads the model's trees; None: each explanation does anew."""
    kept: pd.DataFrame | None = None
    """Its features that depend on its neighbours, as they were worked out from the whole table."""

    @property
    def dataset(self) -> Dataset:
        """Its mission."""
        return self.table.dataset

    @cached_property
    def neighbours(self) -> pd.DataFrame:
        """Its features that depend on its neighbours, shape ``(1, q)``."""
        if self.kept is not None:
            return self.kept
        if self.around is None or not self.model.neighbour_columns(self.dataset):
            return pd.DataFrame(index=self.table.frame.index)
        return self._seen(self.around)

    @cached_property
    def features(self) -> pd.DataFrame:
        """What the model sees of it, shape ``(1, p)``."""
        return self.model.features_drawn(self.table, self.neighbours)

    @cached_property
    def scored(self) -> Scored:
        """What the model says of it."""
        # Whoever only asks which columns can be changed needs none of it.
        from mlcore.prediction.scoring import score  # noqa: PLC0415

        return score(self.model, self.table, self.features, measured=self.measured)

    @cached_property
    def changeable(self) -> dict[str, Column]:
        """The mission's columns whose values can be others, by their names."""
        return changeable_columns(self.model.inputs, self.model.classifier.columns, self.dataset)

    @cached_property
    def values(self) -> dict[str, float]:
        """What can be changed of it, by the mission's columns; NaN where it is not known."""
        frame = self.table.frame
        return {
            name: float(frame[name].iloc[0]) if name in frame else math.nan
            for name in self.changeable
        }

    def changed(self, changes: Mapping[str, float]) -> ObjectAtHand:
        """Return the same object with other values.

        It stays the object that it is: its star has the same other objects, whatever its period.

        Parameters
        ----------
        changes
            Values of the mission's columns in their units, NaN for what is not to be known.
        """
        changes = {
            name: value
            for name, value in changes.items()
            if not _same(value, self.values.get(name, math.nan))
        }
        if not changes:
            return self
        rows = self.rows({name: np.array([value]) for name, value in changes.items()})
        return replace(self, table=rows, around=self._around(rows, changes))

    def rows(self, changes: Mapping[str, NDArray[np.float64]]) -> Table:
        """Return the object as often as there are values, each time with others.

        Parameters
        ----------
        changes
            Values of the mission's columns, shape ``(n,)`` each.
        """
        count = len(next(iter(changes.values())))
        table = self.table.take(np.zeros(count, dtype=np.int64))
        frame = table.frame.assign(**changes)
        order = [name for name in self.dataset.column_names if name in frame]
        return replace(table, frame=frame[order])

    def features_of(self, rows: Table) -> pd.DataFrame:
        """Return what the model sees of rows that `rows` made, but for a hair of its neighbours.

        See `mlcore.features.surroundings.Surroundings.as_if`; `features` is exact.
        """
        if self.around is None or not self.model.neighbour_columns(self.dataset):
            places = np.zeros(len(rows), dtype=np.int64)
            neighbours = self.neighbours.iloc[places].reset_index(drop=True)
        else:
            compared = measured_quantities(rows, COMPARED_BY)
            neighbours = self._seen(self.around.everything.as_if(self.around.begin, compared))
        return self.model.features_drawn(rows, neighbours)

    def read_changes(self, changes: Mapping[str, Any]) -> dict[str, float]:
        """Return the values that a request has for some of the mission's columns.

        Raises
        ------
        FieldError
            When a column is none that the model reads, or a value none that it can have.
        """
        allowed = self.changeable
        read = {}
        for name, value in changes.items():
            field = f"changes.{name}"
            if name not in allowed:
                raise FieldError(
                    f"{field[:80]} is none of the values that the model reads of the object;"
                    f" allowed are {', '.join(allowed)}.",
                    field=field,
                    allowed=tuple(allowed),
                )
            # The catalogue may have what nobody may send, such as a depth of zero.
            itself = isinstance(value, float | int) and float(value) == self.values[name]
            read[name] = (
                self.values[name] if itself else possible_value(allowed[name], value, field=field)
            )
        return read

    def keeps_neighbours(self, changes: Mapping[str, float]) -> bool:
        """Tell whether features of neighbours stay that would be others with these values."""
        return self.kept is not None and bool(
            self.model.neighbour_columns(self.dataset) and self._compared & changes.keys()
        )

    @property
    def _compared(self) -> set[str | None]:
        """The mission's columns by which neighbours are compared."""
        return {self.dataset.quantities.get(name) for name in COMPARED_BY}

    def _around(self, rows: Table, changes: Mapping[str, float]) -> Around | None:
        """Return its surroundings with its own new values in them."""
        if self.around is None or not self._compared & changes.keys():
            return self.around
        everything, place = self.around.everything, self.around.begin
        compared = measured_quantities(rows, COMPARED_BY)
        return replace(self.around, everything=everything.with_values(place, compared))

    def _seen(self, around: Around) -> pd.DataFrame:
        computed = of_neighbours(around)
        return pd.DataFrame(
            {name: computed[name] for name in self.model.neighbour_columns(self.dataset)}
        )


def changeable_columns(
    inputs: Inputs, seen: Collection[str], dataset: Dataset
) -> dict[str, Column]:
    """Return the mission's columns of numbers that a model reads, by their names.

    Parameters
    ----------
    inputs
        What the model sees. What is left out of a session's table is left out of its model.
    seen
        Names of its columns.
    dataset
        The mission.
    """
    sources = inputs.read_from(dataset)
    read = {name for column in seen for name in sources.get(column, ())}
    return {
        column.name: column
        for column in dataset.columns
        if column.name in read and not column.text and column.name != dataset.host
    }


def _same(value: float, other: float) -> bool:
    return value == other or (math.isnan(value) and math.isnan(other))
