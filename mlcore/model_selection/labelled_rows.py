"""Labelled rows: what a model sees of them, what they are, whose they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from mlcore.errors import DataError
from mlcore.features.feature_sets import FeatureSet
from mlcore.model_selection.training_rows import labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column
    from mlcore.datasets.table import Table
    from mlcore.features.feature_sets import Inputs

__all__ = ["LabelledRows", "rows_to_learn_from"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LabelledRows:
    """Rows to learn from or to test on: what a model sees of them, and what is known of them."""

    features: pd.DataFrame
    """In the columns' declared units, NaN where missing, shape ``(n, p)``."""
    labels: pd.Series[str]
    """A `Disposition` value for each row, missing where it is not known, shape ``(n,)``."""
    hosts: pd.Series[str]
    """Host star of each row, shape ``(n,)``."""
    columns: tuple[Column, ...] = ()
    """Declarations of the feature columns that a model is fitted on, in their order."""
    tables: tuple[Table, ...] = ()
    """The same rows as their catalogues have them, mission by mission; empty: not at hand."""

    @classmethod
    def of(
        cls, tables: Sequence[Table], features: pd.DataFrame, columns: Sequence[Column] = ()
    ) -> Self:
        """Return the rows of tables, with what a model sees of them."""
        labels = [
            pd.Series(np.nan, index=table.frame.index, dtype="str")
            if table.labels is None
            else table.labels
            for table in tables
        ]
        return cls(
            features=features,
            labels=pd.concat(labels, ignore_index=True),
            hosts=pd.concat([table.hosts for table in tables], ignore_index=True),
            columns=tuple(columns),
            tables=tuple(tables),
        )

    @classmethod
    def joined(cls, parts: Sequence[LabelledRows]) -> Self:
        """Return the rows of all parts, one after the other, of the first one's columns."""
        return cls(
            features=pd.concat([part.features for part in parts], ignore_index=True),
            labels=pd.concat([part.labels for part in parts], ignore_index=True),
            hosts=pd.concat([part.hosts for part in parts], ignore_index=True),
            columns=parts[0].columns,
            tables=tuple(table for part in parts for table in part.tables),
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def missions(self) -> pd.Series[str]:
        """Name of each row's mission."""
        names = [table.dataset.name for table in self.tables for _ in range(len(table))]
        return pd.Series(names, dtype="str")

    def take(self, mask: NDArray[np.bool_]) -> Self:
        """Return the rows where a mask of shape ``(n,)`` is true."""
        ends = np.cumsum([len(table) for table in self.tables])
        masks = np.split(np.asarray(mask), ends[:-1])
        return replace(
            self,
            features=self.features[mask].reset_index(drop=True),
            labels=self.labels[mask].reset_index(drop=True),
            hosts=self.hosts[mask].reset_index(drop=True),
            tables=tuple(map(lambda table, kept: table.take(kept), self.tables, masks)),
        )


def rows_to_learn_from(parts: Sequence[LabelledRows], inputs: Inputs) -> LabelledRows:
    """Join the training rows of missions, on the columns of which at least one row has a value.

    Parameters
    ----------
    parts
        Labelled rows and what a model sees of them, a part a mission.
    inputs
        Which columns a model sees.

    Raises
    ------
    DataError
        When the parts are of several missions but not on shared columns, a table has no labels, or
        no column has a single value.
    """
    rows = LabelledRows.joined(parts)
    if len({table.dataset.name for table in rows.tables}) > 1 and (
        inputs.feature_set is not FeatureSet.HARMONISED
    ):
        raise DataError(
            "Only a model on the harmonised columns can be trained on several missions at once."
        )
    dataset = rows.tables[0].dataset
    known = rows.features.notna().any()
    columns = tuple(column for column in inputs.columns(dataset) if known[column.name])
    if not columns:
        expected = ", ".join(dataset.feature_names)
        raise DataError(
            f"The training table has no value in any feature column; expected are {expected}."
        )
    return replace(
        rows,
        features=rows.features.loc[:, [column.name for column in columns]],
        labels=pd.concat([labels_of(table) for table in rows.tables], ignore_index=True),
        columns=columns,
    )
