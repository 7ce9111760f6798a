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
from mlcore.progress import silent

if TYPE_CHECKING:
    from mlcore.inspection import Explanation
    from mlcore.inspection.permutation_importance import Contribution, PermutationImportance
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback

__all__ = [
    "FeatureImportance",
    "measure_importance",
    "measure_permutation_importance",
    "permutation_as_json",
]

_MOST_REPEATS = 3


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
            "permutation": None if permutation is None else permutation_as_json(permutation),
            "mean_absolute_contributions": {
                "rows": self.explained_rows,
                "stars": self.explained_stars,
                "interval": INTERVAL,
                "note": no_interval(self.explained_stars) if self.explained_stars < 2 else None,
                "quantities": [asdict(moved) for moved in self.contributions],
            },
        }


def permutation_as_json(permutation: PermutationImportance) -> dict[str, Any]:
    """Return a permutation importance as JSON values."""
    known = all(map(math.isfinite, permutation.baseline_low.values()))
    return asdict(permutation) | {
        "interval": INTERVAL,
        "note": None if known else no_interval(permutation.stars),
    }


def measure_importance(
    model: TrainedModel,
    rows: LabelledRows,
    explanation: Explanation,
    *,
    split: str,
    permuted: bool = True,
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
    permuted
        Whether it is asked by permutation too, which takes longer.
    seed
        Seed of permutations and intervals.
    progress
        Called with the fraction that is done.
    """
    quantities = model.quantities(rows.tables[0].dataset)
    permutation = (
        measure_permutation_importance(model, rows, seed=seed, progress=progress)
        if permuted
        else None
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


def measure_permutation_importance(
    model: TrainedModel,
    rows: LabelledRows,
    *,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> PermutationImportance | None:
    """Return what the figures lose with a quantity permuted, None where no row has a true label.

    Parameters
    ----------
    model, rows, seed, progress
        As in `measure_importance`.
    """
    if not model.task.decided(rows.labels).any():
        return None
    return permutation_importance(
        model.classifier,
        rows,
        model.quantities(rows.tables[0].dataset),
        repeats=1 if model.classifier.model_type.explainer.asks_slowly else _MOST_REPEATS,
        seed=seed,
        progress=progress,
    )
