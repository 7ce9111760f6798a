"""The rows that a model's figures are about: all tested ones, or some that stand for them.

Of a table that is too large to be explained at once a part is looked at closely; the figures say
which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.model_selection.labelled_rows import LabelledRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.inspection import Explanation
    from mlcore.prediction.predictions import Predictions

__all__ = ["ExplainedRows", "MeasuredRows"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ExplainedRows:
    """Rows of which it is known what moved the model's outputs."""

    rows: LabelledRows
    """With what the model saw of them."""
    explanation: Explanation
    which: str = ""
    """Which of the measured rows they are, in words, where they are not all."""

    @property
    def features(self) -> pd.DataFrame:
        """What the model saw of them, shape ``(n, p)``."""
        return self.rows.features


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MeasuredRows:
    """Rows that a model is measured on, with what it says of them."""

    rows: LabelledRows
    """With what the model saw of them."""
    words: str
    """Which rows they are."""
    probabilities: NDArray[np.float64]
    """What it says of them, of each of `CLASSES`, shape ``(n, 3)``."""
    explained: ExplainedRows
    """Those on which it is asked which columns matter."""

    @classmethod
    def all_of(
        cls, tables: Sequence[Table], predictions: Predictions, *, words: str
    ) -> MeasuredRows:
        """Return the rows of tables that are measured and explained as a whole.

        Parameters
        ----------
        tables
            A table a mission.
        predictions
            What the model says of all their rows.
        words
            Which rows they are.
        """
        rows = LabelledRows.of(tables, predictions.features)
        return cls(
            rows=rows,
            words=words,
            probabilities=predictions.probabilities,
            explained=ExplainedRows(rows=rows, explanation=predictions.explanation),
        )
