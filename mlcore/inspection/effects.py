"""What figures change by when a quantity is taken away, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.inspection.inspected_rows import RANKED_BY, bounds_by_name, by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.inspection.inspected_rows import Figures, InspectedRows

__all__ = ["Ablation", "QuantityEffect", "ablation_of"]


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
    without: Mapping[str, NDArray[np.float64]],
    groups: Mapping[str, tuple[str, ...]],
    *,
    rows: InspectedRows,
    untried: tuple[str, ...] = (),
) -> Ablation:
    """Compare probabilities without each quantity with those of the baseline.

    Parameters
    ----------
    method
        What was done, in words.
    baseline
        Probabilities of the rows with all quantities, shape ``(n, 3)``.
    without
        The same without each quantity.
    groups
        Columns of each quantity.
    rows
        The rows, whose resamples are the same each time: differences are of the same stars.
    untried
        Quantities that were left out.
    """
    whole = rows.figures(baseline)
    effects = []
    for quantity, probabilities in without.items():
        figures = rows.figures(probabilities)
        change = figures - whole
        without_low, without_high = bounds_by_name(figures)
        low, high = bounds_by_name(change)
        effects.append(
            QuantityEffect(
                quantity=quantity,
                columns=groups[quantity],
                without=by_name(figures.values),
                without_low=without_low,
                without_high=without_high,
                change=by_name(change.values),
                low=low,
                high=high,
            )
        )
    baseline_low, baseline_high = bounds_by_name(whole)
    return Ablation(
        method=method,
        rows=len(rows),
        stars=rows.stars,
        baseline=by_name(whole.values),
        baseline_low=baseline_low,
        baseline_high=baseline_high,
        effects=tuple(sorted(effects, key=lambda effect: np.nan_to_num(effect.change[RANKED_BY]))),
        untried=untried,
    )
