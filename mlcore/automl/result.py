"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlcore.automl.leaderboard import Trial, TrialFigures
    from mlcore.models.classifier import Classifier

__all__ = ["SearchResult"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SearchResult:
    """The ensemble of the best models, and what it was chosen from."""

    classifier: Classifier
    """Of the model type ``auto``; its probabilities are calibrated by how it was learnt."""
    leaderboard: tuple[Trial, ...]
    """Every trial: the finished ones by rank, then the others in the order of their beginnings."""
    out_of_fold: NDArray[np.float64]
    """Probability of each of the task's classes for each row, shape ``(n, k)``, by members and
    weights that had not seen the row's star. Which models were tried and kept was decided on
    these rows too, so figures on rows that took no part in the search are slightly lower."""
    fold: NDArray[np.int64]
    """The fold in which each row was held out, shape ``(n,)``."""
    figures: TrialFigures
    """Of the ensemble, from `out_of_fold`."""
    seconds: float
    """How long the search took."""
    notes: tuple[str, ...]
    """What one should know of the search, as sentences."""

    def as_json(self) -> dict[str, Any]:
        """Return the leaderboard and what stands beside it as JSON values."""
        return {
            "trials": [trial.as_json() for trial in self.leaderboard],
            "ensemble": self.figures.as_json(),
            "folds": int(self.fold.max()) + 1,
            "rows": len(self.fold),
            "seconds": round(self.seconds, 2),
            "notes": list(self.notes),
        }
