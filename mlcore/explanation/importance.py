"""Which physical quantities a model rests on, over all test rows.

Two answers to two questions. Permutation importance asks what the figures lose when a quantity's
values are dealt out among the rows (Breiman 2001, "Random Forests"; Fisher, Rudin and Dominici
2019, "All Models are Wrong, but Many are Useful"): it knows the true labels. The mean absolute
contribution asks how far a quantity moves the output of the rows (Lundberg et al. 2020): it knows
only the model. A quantity's value, uncertainties and derived columns are always moved together;
one that another quantity can stand in for is rightly shown as unimportant by the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError
from mlcore.explanation.quantities import columns_of_quantities
from mlcore.explanation.scoring import Figures, decided_rows, figures_of
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.explanation.local import Explanation
    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

__all__ = [
    "Contribution",
    "PermutationImportance",
    "QuantityLoss",
    "mean_absolute_contributions",
    "permutation_importance",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityLoss:
    """What the figures lose when one quantity says nothing about its row."""

    quantity: str
    columns: tuple[str, ...]
    mean: Figures
    """Mean loss over the repeats: positive where the model needs the quantity."""
    spread: Figures
    """Standard deviation of the loss over the repeats."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PermutationImportance:
    """Permutation importance of every quantity on the same rows."""

    rows: int
    """Number of labelled rows that it was measured on."""
    repeats: int
    baseline: Figures
    """Figures of the model on these rows as they are."""
    losses: tuple[QuantityLoss, ...]
    """The largest loss of ROC-AUC first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contribution:
    """How far one quantity moves the explained output."""

    quantity: str
    columns: tuple[str, ...]
    mean_absolute: float
    """Mean over the rows of the size of the columns' summed contributions."""
    share: float
    """Of the total over all quantities; 0 where nothing contributes."""


def permutation_importance(
    classifier: Classifier,
    features: pd.DataFrame,
    labels: Sequence[str | None],
    quantities: Mapping[str, str],
    *,
    repeats: int = 5,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> PermutationImportance:
    """Measure what the figures lose when each quantity is permuted among the rows.

    Parameters
    ----------
    classifier
        The fitted model.
    features
        Test rows in the columns' declared units.
    labels
        True `Disposition` of each row; rows without one, or with one that the model does not
        tell apart, are left out.
    quantities
        Quantity of each of the classifier's columns, see `physical_quantities`.
    repeats
        How often each quantity is permuted.
    seed
        Seed of the permutations, which all quantities share.
    progress
        Called with the fraction of the quantities that are done.

    Raises
    ------
    DataError
        When no row has a label.
    """
    decided, target = decided_rows(labels, classifier.classes)
    if not len(decided):
        raise DataError("No row has a disposition, which permutation importance needs.")
    rows = features.loc[:, list(classifier.columns)].iloc[decided].reset_index(drop=True)
    baseline = figures_of(classifier.predict_proba(rows), target)
    random = np.random.default_rng(seed)
    orders = [random.permutation(len(rows)) for _ in range(repeats)]
    losses = []
    groups = columns_of_quantities({name: quantities[name] for name in classifier.columns})
    for done, (quantity, columns) in enumerate(groups.items(), start=1):
        lost = np.array(
            [
                baseline.less(
                    figures_of(classifier.predict_proba(_dealt_out(rows, columns, order)), target)
                ).as_array()
                for order in orders
            ]
        )
        losses.append(
            QuantityLoss(
                quantity=quantity,
                columns=columns,
                mean=Figures.from_array(lost.mean(axis=0)),
                spread=Figures.from_array(lost.std(axis=0, ddof=1 if repeats > 1 else 0)),
            )
        )
        progress(done / len(groups), quantity)
    return PermutationImportance(
        rows=len(rows),
        repeats=repeats,
        baseline=baseline,
        losses=tuple(sorted(losses, key=lambda loss: -np.nan_to_num(loss.mean.roc_auc))),
    )


def mean_absolute_contributions(
    explanation: Explanation, quantities: Mapping[str, str]
) -> tuple[Contribution, ...]:
    """Return how far each quantity moves the explained output, the farthest first.

    Parameters
    ----------
    explanation
        Of all rows to take the mean over, at least one.
    quantities
        Quantity of each of the explained columns, see `physical_quantities`.
    """
    groups = columns_of_quantities({name: quantities[name] for name in explanation.columns})
    place = {name: position for position, name in enumerate(explanation.columns)}
    size = {
        quantity: float(
            np.abs(
                explanation.contributions[:, [place[name] for name in columns]].sum(axis=1)
            ).mean()
        )
        for quantity, columns in groups.items()
    }
    total = sum(size.values())
    return tuple(
        Contribution(
            quantity=quantity,
            columns=groups[quantity],
            mean_absolute=size[quantity],
            share=size[quantity] / total if total else 0.0,
        )
        for quantity in sorted(groups, key=lambda each: -size[each])
    )


def _dealt_out(
    rows: pd.DataFrame, columns: tuple[str, ...], order: NDArray[np.int64]
) -> pd.DataFrame:
    changed = rows.copy()
    changed[list(columns)] = rows[list(columns)].to_numpy()[order]
    return changed
