"""Which physical quantities a model rests on, over all test rows.

Two answers to two questions. Permutation importance asks what the figures lose when a quantity's
values are dealt out among the rows (Breiman 2001, "Random Forests"; Fisher, Rudin and Dominici
2019, "All Models are Wrong, but Many are Useful"): it knows the true labels. The mean absolute
contribution asks how far a quantity moves the output of the rows (Lundberg et al. 2020): it knows
only the model. A quantity's value, uncertainties and derived columns are always moved together;
one that another quantity can stand in for is rightly shown as unimportant by the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.features.quantity_groups import columns_of_quantities
from mlcore.inspection.inspected_rows import (
    RANKED_BY,
    Inspected,
    InspectedRows,
    by_name,
    with_bounds,
)
from mlcore.metrics.resampling import RESAMPLES_OF_CHANGES, Resampled, StarResamples
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.inspection.inspected_rows import Figures
    from mlcore.inspection.shap.explain import Explanation
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

__all__ = [
    "Contribution",
    "PermutationImportance",
    "QuantityLoss",
    "mean_absolute_contributions",
    "permutation_importance",
]

_MOST_ROWS_A_CALL = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityLoss:
    """What the figures lose when one quantity says nothing about its row."""

    quantity: str
    columns: tuple[str, ...]
    mean: Figures
    """Mean loss over the repeats: positive where the model needs the quantity."""
    low: Figures
    """Lower bound of the 95 % interval of `mean`, resampled by host star; NaN: there is none."""
    high: Figures
    spread: Figures | None
    """Standard deviation of the loss over the repeats; None where there was but one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PermutationImportance(Inspected):
    """Permutation importance of every quantity on the same rows."""

    repeats: int
    losses: tuple[QuantityLoss, ...]
    """The largest loss of ROC-AUC first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contribution:
    """How far one quantity moves the explained output."""

    quantity: str
    columns: tuple[str, ...]
    mean_absolute: float
    """Mean over the rows of the size of the columns' summed contributions."""
    mean_absolute_low: float
    """Bounds of its 95 % interval, resampled by host star; NaN: there is none."""
    mean_absolute_high: float
    share: float
    """Of the total over all quantities; 0 where nothing contributes."""
    share_low: float
    share_high: float


def permutation_importance(
    classifier: Classifier,
    tested: LabelledRows,
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
    tested
        Test rows; those without a label that the model tells apart are left out. The intervals
        resample their host stars.
    quantities
        Quantity of each of the classifier's columns, see `physical_quantities`.
    repeats
        How often each quantity is permuted.
    seed
        Seed of the permutations, which all quantities share, and of the intervals.
    progress
        Called with the fraction of the quantities that are done.

    Raises
    ------
    DataError
        When no row has a label.
    """
    rows = InspectedRows(
        classifier,
        tested,
        seed=seed,
        refusal="No row has a disposition, which permutation importance needs.",
    )
    baseline = rows.figures(classifier.predict_proba(rows.features))
    random = np.random.default_rng(seed)
    orders = [random.permutation(len(rows)) for _ in range(repeats)]
    # One call of the model for several orders: on few rows a call costs more than its rows.
    at_once = min(repeats, max(1, _MOST_ROWS_A_CALL // len(rows)))
    parts = [orders[begin : begin + at_once] for begin in range(0, repeats, at_once)]
    # A prepared column comes from one column alone: what is prepared once can be permuted after.
    prepared = classifier.prepare(rows.features)
    as_prepared = replace(classifier, preparation=None)
    repeated = np.asfortranarray(np.tile(prepared, (at_once, 1)))
    losses = []
    groups = columns_of_quantities({name: quantities[name] for name in classifier.columns})
    for done, (quantity, columns) in enumerate(groups.items(), start=1):
        lost = []
        places = [classifier.columns.index(column) for column in columns]
        for part in parts:
            permuted = repeated[: len(part) * len(rows)].copy(order="F")
            permuted[:, places] = prepared[np.concatenate(part)][:, places]
            probabilities = as_prepared.predict_proba(
                pd.DataFrame(permuted, columns=list(classifier.columns), copy=False)
            )
            lost += [
                baseline - rows.figures(of_order) for of_order in np.split(probabilities, len(part))
            ]
        values = np.array([loss.values for loss in lost])
        replicates = np.mean([loss.replicates for loss in lost], axis=0)
        mean, low, high = with_bounds(Resampled(values=values.mean(axis=0), replicates=replicates))
        losses.append(
            QuantityLoss(
                quantity=quantity,
                columns=columns,
                mean=mean,
                low=low,
                high=high,
                spread=by_name(values.std(axis=0, ddof=1)) if repeats > 1 else None,
            )
        )
        progress(done / len(groups), quantity)
    return PermutationImportance(
        **rows.described(baseline),
        repeats=repeats,
        losses=tuple(sorted(losses, key=lambda loss: -np.nan_to_num(loss.mean[RANKED_BY]))),
    )


def mean_absolute_contributions(
    explanation: Explanation, hosts: Sequence[str], quantities: Mapping[str, str], *, seed: int = 0
) -> tuple[Contribution, ...]:
    """Return how far each quantity moves the explained output, the farthest first.

    Parameters
    ----------
    explanation
        Of all rows to take the mean over, at least one.
    hosts
        Host star of each row: the intervals resample stars.
    quantities
        Quantity of each of the explained columns, see `physical_quantities`.
    seed
        Of the intervals.
    """
    groups = columns_of_quantities({name: quantities[name] for name in explanation.columns})
    place = {name: position for position, name in enumerate(explanation.columns)}
    sizes = np.abs(
        np.column_stack(
            [
                explanation.contributions[:, [place[name] for name in columns]].sum(axis=1)
                for columns in groups.values()
            ]
        )
    )
    mean = StarResamples(hosts, resamples=RESAMPLES_OF_CHANGES, seed=seed).means(sizes)
    share = Resampled(values=_shares(mean.values[None, :])[0], replicates=_shares(mean.replicates))
    low, high = mean.bounds()
    share_low, share_high = share.bounds()
    contributions = [
        Contribution(
            quantity=quantity,
            columns=columns,
            mean_absolute=float(mean.values[i]),
            mean_absolute_low=float(low[i]),
            mean_absolute_high=float(high[i]),
            share=float(share.values[i]),
            share_low=float(share_low[i]),
            share_high=float(share_high[i]),
        )
        for i, (quantity, columns) in enumerate(groups.items())
    ]
    return tuple(sorted(contributions, key=lambda moved: -moved.mean_absolute))


def _shares(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    total = sizes.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.zeros_like(sizes)
    np.divide(sizes, total, out=shares, where=total > 0)
    return shares
