"""How long models take to explain the rows that are to be predicted, and which of them may."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.inspection.shap.explain import explain_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlcore.automl.leaderboard import Trial
    from mlcore.models.classifier import Classifier

__all__ = ["Explaining", "affordable"]

_FEWEST, _MOST = 25, 800
"""Rows that a model is timed on: twice as many each time, until it takes long enough to tell."""
_LONG_ENOUGH = 0.2
"""Seconds beside which what every call takes does not matter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explaining:
    """What follows a search: every predicted row is explained by every member."""

    rows: int
    seconds: float
    """How long that may take [s]."""

    def expected(self, classifier: Classifier, features: pd.DataFrame) -> float:
        """Return how long a model takes to explain so many rows like these [s]."""
        # The first call of a kind also loads and compiles what explains it.
        _timed(classifier, features.iloc[:1])
        count, seconds = _FEWEST, _timed(classifier, features.iloc[:_FEWEST])
        while seconds < _LONG_ENOUGH and 2 * count <= min(_MOST, len(features)):
            count, seconds = 2 * count, _timed(classifier, features.iloc[: 2 * count])
        return seconds / min(count, len(features)) * self.rows


def affordable(finished: Sequence[Trial], seconds: float) -> list[Trial]:
    """Return the trials by which all rows can be explained in time, the best before the others.

    The quickest where there is time for none.
    """
    kept, left = [], seconds
    for trial in finished:
        if trial.explaining <= left:
            kept.append(trial)
            left -= trial.explaining
    return kept or [min(finished, key=lambda trial: trial.explaining)]


def _timed(classifier: Classifier, features: pd.DataFrame) -> float:
    began = time.monotonic()
    explain_rows(classifier, features, np.zeros(len(features), dtype=np.int64))
    return time.monotonic() - began
