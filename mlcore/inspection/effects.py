"""What figures change by when a quantity is taken away, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.in_words import level
from mlcore.inspection.resampled import RESAMPLES, StarResamples, ends
from mlcore.inspection.scoring import Figures, figures_of
from mlcore.levels import INTERVAL_LEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["INTERVAL", "Ablation", "QuantityEffect", "ablation_of"]

INTERVAL = f"{level(INTERVAL_LEVEL)} of {RESAMPLES} resamples by host star"
"""What every interval is, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityEffect:
    """What the figures are without one quantity."""

    quantity: str
    columns: tuple[str, ...]
    without: Figures
    without_low: Figures
    """Lower end of the 95 % interval of `without`."""
    without_high: Figures
    change: Figures
    """Figures without the quantity less those of the baseline: negative where it was needed."""
    low: Figures
    """Lower end of the 95 % interval of the change."""
    high: Figures


@dataclass(frozen=True, kw_only=True, slots=True)
class Ablation:
    """An analysis of what each quantity is worth."""

    method: str
    """What was done, in words."""
    rows: int
    """Number of labelled test rows that every figure is about."""
    stars: int
    """Number of their host stars."""
    baseline: Figures
    baseline_low: Figures
    """Lower end of the 95 % interval of the baseline."""
    baseline_high: Figures
    effects: tuple[QuantityEffect, ...]
    """The one whose absence costs the most ROC-AUC first."""
    untried: tuple[str, ...]
    """Quantities that were left out because of the bound on the number of refits."""


def ablation_of(
    method: str,
    baseline: NDArray[np.float64],
    found: Mapping[str, NDArray[np.float64]],
    groups: Mapping[str, tuple[str, ...]],
    *,
    target: NDArray[np.int64],
    stars: NDArray[np.int64],
    seed: int,
    untried: tuple[str, ...] = (),
) -> Ablation:
    """Compare probabilities without each quantity with those of the baseline.

    Parameters
    ----------
    method
        What was done, in words.
    baseline
        Probabilities of the test rows with all quantities, shape ``(n, 3)``.
    found
        The same without each quantity.
    groups
        Columns of each quantity.
    target
        True class of each row as a position in `CLASSES`, shape ``(n,)``.
    stars
        Number of each row's star, from 0, shape ``(n,)``.
    seed
        Seed of the resamples.
    untried
        Quantities that were left out.
    """
    # The same resamples each time, so that differences are of the same stars.
    resamples = StarResamples([str(each) for each in stars], seed=seed)
    whole = figures_of(baseline, target)
    before = resamples.figures(baseline, target)
    effects = []
    for quantity, probabilities in found.items():
        without = figures_of(probabilities, target)
        after = resamples.figures(probabilities, target)
        change = without.less(whole)
        without_low, without_high = ends(without, after)
        low, high = ends(change, after - before)
        effects.append(
            QuantityEffect(
                quantity=quantity,
                columns=groups[quantity],
                without=without,
                without_low=without_low,
                without_high=without_high,
                change=change,
                low=low,
                high=high,
            )
        )
    baseline_low, baseline_high = ends(whole, before)
    return Ablation(
        method=method,
        rows=len(target),
        stars=resamples.stars,
        baseline=whole,
        baseline_low=baseline_low,
        baseline_high=baseline_high,
        effects=tuple(sorted(effects, key=lambda effect: np.nan_to_num(effect.change.roc_auc))),
        untried=untried,
    )
