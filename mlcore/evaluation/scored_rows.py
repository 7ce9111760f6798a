"""Rows that a model was tested on, with what it says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from mlcore.evaluation.probes import ProbeRows, bookkeeping_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predict import Predictions

__all__ = ["ScoredRows"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredRows:
    """The tested rows of all tables, and what a model says of them."""

    tables: tuple[Table, ...]
    features: pd.DataFrame
    labels: pd.Series[str]
    """Missing where there is none."""
    hosts: pd.Series[str]
    probabilities: NDArray[np.float64]
    """Of each of `CLASSES`, shape ``(n, 3)``."""

    @classmethod
    def of(
        cls, model: TrainedModel, tables: Sequence[Table], predictions: Predictions
    ) -> ScoredRows:
        """Return the rows that a model predicted, in the order of its predictions."""
        return cls(
            tables=tuple(tables),
            features=pd.DataFrame(predictions.values, columns=list(model.classifier.columns)),
            labels=pd.Series(predictions.actual, dtype="str"),
            hosts=pd.Series(predictions.hosts, dtype="str"),
            probabilities=predictions.probabilities,
        )

    def without_labels(self) -> ScoredRows:
        """Return the same rows as if nobody knew what they are."""
        return replace(self, labels=pd.Series([None] * len(self.labels), dtype="str"))

    def as_probed(self) -> ProbeRows:
        """Return the rows as the probes see them."""
        return ProbeRows(
            features=self.features,
            bookkeeping=pd.concat(
                [bookkeeping_numbers(table) for table in self.tables], ignore_index=True
            ),
            labels=self.labels,
            hosts=self.hosts,
        )
