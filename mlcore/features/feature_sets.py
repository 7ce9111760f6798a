"""What a model sees: a named set of columns, measured and derived, with the reasons for the rest.

A set is named and not listed, so that a table of the same mission always gives the same matrix.
Columns that state or follow the label are in no set; a user may add one for a table of their own,
and whatever is measured then says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.computed import NOTHING_KEPT, Computed
from mlcore.datasets.spec import Column, Role
from mlcore.datasets.treated import treated
from mlcore.datasets.units import column_facts
from mlcore.errors import DataError
from mlcore.features import compute, features_of, harmonise, harmonised_features
from mlcore.features.quantity_groups import physical_quantities

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.features import Feature

__all__ = ["FeatureSet", "Inputs", "mark_of", "refusal_of_column"]


class FeatureSet(StrEnum):
    """The name of a set of columns.

    Examples
    --------
    >>> import mlcore
    >>> mlcore.FeatureSet("measured").meaning
    "the mission's default columns alone"
    """

    DEFAULT = "default"
    MEASURED = "measured"
    WIDE = "wide"
    HARMONISED = "harmonised"

    @property
    def meaning(self) -> str:
        """What it holds, as a phrase."""
        return _MEANINGS[self]


_MEANINGS = {
    FeatureSet.DEFAULT: "the mission's default columns and the features derived from them",
    FeatureSet.MEASURED: "the mission's default columns alone",
    FeatureSet.WIDE: "the columns of the mission's full table and the features derived from them",
    FeatureSet.HARMONISED: "quantities that the missions share, in the same units",
}


def mark_of(label_derived: Collection[str]) -> str | None:
    """Return what must stand beside every figure of a model that sees these columns.

    Parameters
    ----------
    label_derived
        Columns that state or follow the label.

    Returns
    -------
    str or None
        None where nothing must.
    """
    return f"uses label-derived columns: {', '.join(label_derived)}" if label_derived else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """Which columns a model sees.

    Examples
    --------
    >>> import mlcore
    >>> inputs = mlcore.Inputs(feature_set=mlcore.FeatureSet.MEASURED)
    >>> "toi_created" in {column.name for column in inputs.columns(mlcore.DATASETS["tess"])}
    False
    """

    feature_set: FeatureSet = FeatureSet.DEFAULT
    label_derived: tuple[str, ...] = ()
    """Columns beyond the set that state or follow the label; the table must have kept them."""
    left_out: tuple[str, ...] = ()
    """Columns of the set that the model does not see, because a table to be predicted lacks what
    they are read from."""

    @property
    def mark(self) -> str | None:
        """What must stand beside every figure, None where nothing must."""
        return mark_of(self.label_derived)

    def marked(self, split: str, *, seen: bool = True) -> str:
        """Return which rows figures are of, in words, with the mark where there is one.

        Parameters
        ----------
        split
            Which rows.
        seen
            Whether what was tested on them saw the label-derived columns.
        """
        if self.mark is None:
            return split
        if not seen:
            unseen = ", ".join(self.label_derived)
            return f"{split}; sees none of the session's label-derived columns: {unseen}"
        return f"{split}; {self.mark}"

    def columns(self, dataset: Dataset) -> tuple[Column, ...]:
        """Return the declarations of the columns, in the matrix's order."""
        return tuple(
            column for column in self._all_columns(dataset) if column.name not in self.left_out
        )

    def without(self, names: Collection[str]) -> Inputs:
        """Return the inputs of a model that does not see some of these columns."""
        return replace(self, left_out=tuple(sorted({*self.left_out, *names})))

    def quantities(self, dataset: Dataset) -> dict[str, str]:
        """Return the physical quantity of each column in words, by the column's name."""
        groups = {feature.name: feature.group for feature in self._derived(dataset)}
        return physical_quantities(dataset, self.columns(dataset), groups)

    def computed_from(self, dataset: Dataset) -> dict[str, tuple[str, ...]]:
        """Return the mission's columns that each derived column is computed from."""
        known = {feature.name: feature for feature in features_of(dataset, wide=True)}
        return {
            feature.name: known[feature.name].needs
            for feature in self._derived(dataset)
            if feature.name in known
        }

    def read_from(self, dataset: Dataset) -> dict[str, tuple[str, ...]]:
        """Return the mission's columns without any of which a column is missing in every row.

        Returns
        -------
        dict
            Of each of `columns`, by its name; nothing for a shared quantity that the mission, or
            its default table, does not have.
        """
        computed, measured = self.computed_from(dataset), dataset.quantities
        sources = {
            column.name: computed.get(column.name)
            or ((column.name,) if dataset.knows(column.name) else ())
            or ((measured[column.name],) if column.name in measured else ())
            for column in self.columns(dataset)
        }
        if self.feature_set is FeatureSet.WIDE:
            return sources
        return {
            name: () if any(dataset.column(source).wide for source in needed) else needed
            for name, needed in sources.items()
        }

    def reading(self, dataset: Dataset, name: str) -> tuple[str, ...]:
        """Return the columns that are a mission's column or are computed from it."""
        sources = self.read_from(dataset)
        return tuple(
            column for column, needed in sources.items() if name == column or name in needed
        )

    def unreadable(self, *tables: Table) -> dict[str, tuple[str, ...]]:
        """Return the columns that one of the tables has nothing to read from.

        Parameters
        ----------
        *tables
            Rows of any missions.

        Returns
        -------
        dict
            For each such column the missions' columns that are lacking: a table has none of that
            name, or no row has a value in it.
        """
        lacking: dict[str, tuple[str, ...]] = {}
        for table in tables:
            frame = table.frame
            here = table.dataset.measured_here
            at_hand = {name for name in frame if here or frame[name].notna().any()}
            for name, needed in self.read_from(table.dataset).items():
                gone = [source for source in needed if source not in at_hand]
                if gone:
                    lacking[name] = tuple(dict.fromkeys((*lacking.get(name, ()), *gone)))
        return lacking

    def may_learn_from(self, table: Table) -> NDArray[np.bool_]:
        """Tell for which of a table's rows the values, and not the gaps, would be learnt.

        Returns
        -------
        ndarray of bool, shape ``(n,)``
            False for the rows that `mlcore.datasets.treated` tells of, where the model sees the
            full table's columns.
        """
        if self.feature_set is FeatureSet.WIDE:
            return treated(table)
        return np.ones(len(table), dtype=bool)

    def described(self, dataset: Dataset) -> list[dict[str, Any]]:
        """Return what is declared of each column as JSON values: unit, meaning, source."""
        derived = {feature.name: feature for feature in self._derived(dataset)}
        needs, quantities = self.computed_from(dataset), self.quantities(dataset)
        archive = f"a column of {dataset.source}"
        return [
            {
                "mission": dataset.name,
                "column": column.name,
                **column_facts(column),
                "quantity": quantities[column.name],
                "source": derived[column.name].source if column.name in derived else archive,
                "derived": column.name in derived,
                "computed_from": list(needs.get(column.name, ())),
            }
            for column in self.columns(dataset)
        ]

    def matrix(
        self,
        table: Table,
        *,
        reference: Table | None = None,
        neighbours: bool = True,
        computed: Computed = NOTHING_KEPT,
    ) -> pd.DataFrame:
        """Return the values of the columns for a table's rows.

        Parameters
        ----------
        table
            Rows of any mission.
        reference
            The mission's whole catalogue, for features that depend on an object's neighbours;
            see `mlcore.features.compute`.
        neighbours
            Whether to compute those features; else they are missing.
        computed
            Where it may have been kept.

        Returns
        -------
        DataFrame
            float64, shape ``(n, p)``, in the order of `columns`; NaN where a value is missing.
        """
        return computed.frame(
            "features",
            [repr(self), table, reference, neighbours],
            lambda: self._matrix(table, reference, neighbours=neighbours),
        )

    def _matrix(self, table: Table, reference: Table | None, *, neighbours: bool) -> pd.DataFrame:
        wide = self.feature_set is FeatureSet.WIDE
        if self.feature_set is FeatureSet.HARMONISED:
            parts = [harmonise(table, reference, neighbours=neighbours)]
        else:
            parts = [table.wide_features if wide else table.features]
            if self._derived(table.dataset):
                parts.append(
                    compute(
                        table,
                        reference=reference,
                        wide=wide,
                        neighbours=neighbours,
                        left_out=self.left_out,
                    )
                )
        if self.label_derived:
            parts.append(table.frame.reindex(columns=list(self.label_derived)))
        seen = pd.concat(parts, axis=1).astype("float64")
        return seen.drop(columns=list(self.left_out), errors="ignore") if self.left_out else seen

    def of_neighbours(self, dataset: Dataset) -> tuple[str, ...]:
        """Return the names of the columns that depend on the catalogue's other objects."""
        return tuple(feature.name for feature in self._derived(dataset) if feature.of_neighbours)

    def matrix_drawn(self, drawn: Table, undrawn: pd.DataFrame) -> pd.DataFrame:
        """Return the values of the columns for rows whose values were drawn within their errors.

        What depends on an object's neighbours is left as it is: periods are known to parts in a
        million, and the catalogue would have to be matched again for each draw.

        Parameters
        ----------
        drawn
            The rows with other values.
        undrawn
            What `matrix` returned for the same rows as they are, with as many of its columns as are
            wanted.
        """
        matrix = self.matrix(drawn, neighbours=False)
        fixed = [name for name in self.of_neighbours(drawn.dataset) if name in undrawn]
        matrix[fixed] = undrawn[fixed]
        return matrix

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "feature_set": str(self.feature_set),
            "label_derived": list(self.label_derived),
            "left_out": list(self.left_out),
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Inputs:
        """Return the inputs that `as_json` described."""
        return cls(
            feature_set=FeatureSet(saved["feature_set"]),
            label_derived=tuple(str(name) for name in saved["label_derived"]),
            left_out=tuple(str(name) for name in saved["left_out"]),
        )

    def _all_columns(self, dataset: Dataset) -> tuple[Column, ...]:
        return (
            *self._measured(dataset),
            *(_as_column(feature) for feature in self._derived(dataset)),
            *(dataset.column(name) for name in self.label_derived),
        )

    def _measured(self, dataset: Dataset) -> tuple[Column, ...]:
        if self.feature_set is FeatureSet.HARMONISED:
            return ()
        return dataset.feature_columns(wide=self.feature_set is FeatureSet.WIDE)

    def _derived(self, dataset: Dataset) -> Sequence[Feature]:
        if self.feature_set is FeatureSet.MEASURED:
            return ()
        features = (
            harmonised_features()
            if self.feature_set is FeatureSet.HARMONISED
            else features_of(dataset, wide=self.feature_set is FeatureSet.WIDE)
        )
        return tuple(feature for feature in features if feature.name not in self.left_out)


def refusal_of_column(dataset: Dataset, name: str, *, uploaded: bool) -> DataError | None:
    """Return why a user may not add a column to what a model sees, None where they may.

    Parameters
    ----------
    dataset
        The mission whose column it would be.
    name
        The column's name.
    uploaded
        Whether the rows are a file of the user's own.
    """
    if not dataset.knows(name):
        return DataError(f"{name[:60]} is no column of {dataset.title}.")
    column = dataset.column(name)
    refused = f"{name} may not be seen by a model:"
    reason: str | None = None
    if column.role is Role.LABEL:
        reason = f"{name} is the disposition itself, which no model may see."
    elif column.role is Role.FEATURE:
        reason = f"{name} is a feature, which a model sees without being asked."
    elif column.leak is None:
        reason = f"{refused} it describes the record and says nothing of the object's nature."
    elif column.text:
        reason = f"{refused} {column.leak}, and it is text."
    elif not uploaded:
        reason = (
            f"{refused} {column.leak}. Only for a file of your own can you choose it all the same."
        )
    return None if reason is None else DataError(reason)


@cache
def _as_column(feature: Feature) -> Column:
    return Column(
        name=feature.name,
        unit=feature.unit,
        meaning=feature.meaning,
        role=Role.FEATURE,
        scale=feature.scale,
        wide=feature.wide,
    )
