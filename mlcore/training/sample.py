"""The rows that a model is fitted on: one matrix, whatever tables they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from mlcore.errors import DataError
from mlcore.evaluation.probes import ProbeRows, bookkeeping_numbers
from mlcore.features.feature_sets import FeatureSet
from mlcore.model_selection.training_rows import labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column
    from mlcore.features.feature_sets import Inputs
    from mlcore.model_selection.training_rows import TrainingRows

__all__ = ["Sample", "sample_of"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sample:
    """Labelled rows with what a model sees of them."""

    features: pd.DataFrame
    """Shape ``(n, p)``: the columns of which at least one row has a value."""
    columns: tuple[Column, ...]
    labels: pd.Series[str]
    hosts: pd.Series[str]
    missions: pd.Series[str]
    parts: tuple[TrainingRows, ...]
    """The same rows, mission by mission."""

    def __len__(self) -> int:
        return len(self.labels)

    def as_probed(self) -> ProbeRows:
        """Return the rows as the probes see them."""
        return ProbeRows(
            features=self.features,
            bookkeeping=pd.concat(
                [bookkeeping_numbers(part.table) for part in self.parts], ignore_index=True
            ),
            labels=self.labels,
            hosts=self.hosts,
        )

    def take(self, mask: NDArray[np.bool_]) -> Sample:
        """Return the rows where a mask of shape ``(n,)`` is true; `parts` are left out."""
        return Sample(
            features=self.features[mask].reset_index(drop=True),
            columns=self.columns,
            labels=self.labels[mask].reset_index(drop=True),
            hosts=self.hosts[mask].reset_index(drop=True),
            missions=self.missions[mask].reset_index(drop=True),
            parts=(),
        )


def sample_of(parts: Sequence[TrainingRows], inputs: Inputs) -> Sample:
    """Join labelled rows into one sample.

    Parameters
    ----------
    parts
        Labelled rows and what a model sees of them, a part a mission.
    inputs
        Which columns a model sees.

    Raises
    ------
    DataError
        When the parts are of several missions but not on shared columns, or no column has a
        single value.
    """
    missions = list(dict.fromkeys(part.table.dataset.name for part in parts))
    if len(missions) > 1 and inputs.feature_set is not FeatureSet.HARMONISED:
        raise DataError(
            "Only a model on the harmonised columns can be trained on several missions at once."
        )
    features = pd.concat([part.features for part in parts], ignore_index=True)
    known = features.notna().any()
    declared = inputs.columns(parts[0].table.dataset)
    columns = tuple(column for column in declared if known[column.name])
    if not columns:
        expected = ", ".join(c.name for c in parts[0].table.dataset.feature_columns())
        raise DataError(
            f"The training table has no value in any feature column; expected are {expected}."
        )
    return Sample(
        features=features.loc[:, [column.name for column in columns]],
        columns=columns,
        labels=pd.concat([labels_of(part.table) for part in parts], ignore_index=True),
        hosts=pd.concat([part.table.hosts for part in parts], ignore_index=True),
        missions=pd.Series(
            [part.table.dataset.name for part in parts for _ in range(len(part.table))],
            dtype="str",
        ),
        parts=tuple(parts),
    )
