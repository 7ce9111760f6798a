"""Which physical quantities a tested model rests on."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mlcore.inspection.inspected_rows import INTERVAL
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
            else asdict(permutation)
            | {
                "interval": INTERVAL,
                "note": None
                if all(map(math.isfinite, permutation.baseline_low.values()))
                else no_interval(permutation.stars),
            },
            "mean_absolute_contributions": {
                "rows": self.explained_rows,
                "stars": self.explained_stars,
                "interval": INTERVAL,
                "note": no_interval(self.explained_stars) if self.explained_stars < 2 else None,
                "quantities": [asdict(moved) for moved in self.contributions],
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
    permutation = None
    if model.task.decided(rows.labels).any():
        permutation = permutation_importance(
            model.classifier,
            rows,
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
