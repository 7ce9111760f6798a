"""Which physical quantities a tested model rests on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.inspection.effects import INTERVAL
from mlcore.inspection.permutation_importance import (
    mean_absolute_contributions,
    permutation_importance,
)
from mlcore.metrics.measure import no_interval
from mlcore.models.spec import Explainer
from mlcore.progress import silent

if TYPE_CHECKING:
    from mlcore.inspection import Explanation
    from mlcore.inspection.permutation_importance import Contribution, PermutationImportance
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback

__all__ = ["FeatureImportance", "measure_importance"]

_MOST_REPEATS = 3
_REPEATS = {Explainer.KERNEL: 1, Explainer.STACK: 1}
"""A kernel compares each row of each repeat with thousands of training rows; an ensemble asks
each of its members within a time budget."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureImportance:
    """Which physical quantities a model rests on, over the tested rows."""

    permutation: PermutationImportance | None
    """None where no row has a true label."""
    contributions: tuple[Contribution, ...]
    explained_rows: int
    explained_stars: int
    split: str

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        permutation = self.permutation
        return {
            "split": self.split,
            "permutation": None
            if permutation is None
            else {
                "rows": permutation.rows,
                "stars": permutation.stars,
                "interval": INTERVAL,
                "note": None
                if np.isfinite(permutation.baseline_low.as_array()).all()
                else no_interval(permutation.stars),
                "repeats": permutation.repeats,
                "baseline": asdict(permutation.baseline),
                "baseline_low": asdict(permutation.baseline_low),
                "baseline_high": asdict(permutation.baseline_high),
                "losses": [asdict(each) for each in permutation.losses],
            },
            "mean_absolute_contributions": {
                "rows": self.explained_rows,
                "stars": self.explained_stars,
                "interval": INTERVAL,
                "note": no_interval(self.explained_stars) if self.explained_stars < 2 else None,
                "quantities": [asdict(each) for each in self.contributions],
            },
        }


def measure_importance(
    model: TrainedModel,
    rows: LabelledRows,
    explanation: Explanation,
    *,
    split: str,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> FeatureImportance:
    """Ask in two ways which quantities a model rests on.

    See `mlcore.inspection.permutation_importance`.

    Parameters
    ----------
    model
        The fitted model.
    rows
        The tested rows.
    explanation
        Of these rows.
    split
        Which rows these are, in words.
    seed
        Seed of permutations and intervals.
    progress
        Called with the fraction that is done.
    """
    quantities = model.quantities(rows.tables[0].dataset)
    decided = model.task.decided(rows.labels)
    permutation = None
    if decided.any():
        permutation = permutation_importance(
            model.classifier,
            rows.features[decided].reset_index(drop=True),
            list(rows.labels[decided]),
            list(rows.hosts[decided]),
            quantities,
            repeats=_REPEATS.get(model.classifier.model_type.explainer, _MOST_REPEATS),
            seed=seed,
            progress=progress,
        )
    return FeatureImportance(
        permutation=permutation,
        contributions=mean_absolute_contributions(
            explanation, list(rows.hosts), quantities, seed=seed
        ),
        explained_rows=len(explanation.output),
        explained_stars=int(rows.hosts.nunique()),
        split=split,
    )
