"""A trial while the search goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.automl.leaderboard import TrialState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.automl.leaderboard import TrialFigures
    from mlcore.automl.proposals import Proposal
    from mlcore.models.classifier import Classifier

__all__ = ["Tried"]


@dataclass(kw_only=True, slots=True, eq=False)
class Tried:
    """A trial as far as it has come."""

    number: int
    proposal: Proposal
    state: TrialState = TrialState.FAILED
    note: str | None = None
    seconds: float = 0.0
    crashed: bool = False
    outputs: NDArray[np.float64] | None = None
    """Explained outputs of each row, shape ``(n, k)``; of finished trials only."""
    figures: TrialFigures | None = None
    explaining: float = 0.0
    """How long explaining the rows that are to be predicted is expected to take [s]."""
    model: Classifier | None = None
    """Of a fall-back; that of any other finished trial is on disk."""

    @property
    def loss(self) -> float:
        """Log loss, infinite where the trial did not finish."""
        found = None if self.figures is None else self.figures.log_loss.value
        return np.inf if found is None else found
