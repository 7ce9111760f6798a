"""What a model loses without a quantity: trained without it, or with its average in its place.

The two answer different questions. Replacing a quantity's values by the training median shows what
THIS model rests on. Refitting without it shows what no other quantity can make up for (leave
one covariate out: Lei et al. 2018, "Distribution-Free Predictive Inference for Regression"). Both
are compared with the model as it is, on the same test rows, with an interval from a bootstrap by
host star (Efron and Tibshirani 1993, "An Introduction to the Bootstrap").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError
from mlcore.features.quantity_groups import columns_of_quantities
from mlcore.in_words import lowered
from mlcore.inspection.inspected_rows import RANKED_BY, Inspected, InspectedRows, with_bounds
from mlcore.models.classifier import fit_classifier
from mlcore.models.stacked import refit as refit_ensemble
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.inspection.inspected_rows import Figures
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

    Refit = Callable[[tuple[str, ...]], Classifier]

__all__ = [
    "MOST_REFITS",
    "Ablation",
    "QuantityEffect",
    "drop_quantities",
    "refitted_on",
    "replace_by_average",
]

MOST_REFITS = 40
"""Most models that one analysis trains, the baseline included."""
_NO_LABELS = "No test row has a disposition, which an ablation needs."
_FEWEST_COLUMNS = 2
"""A model without its only quantity has nothing to see."""


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
class Ablation(Inspected):
    """An analysis of what each quantity is worth."""

    method: str
    """What was done, in words."""
    effects: tuple[QuantityEffect, ...]
    """The one whose absence costs the most ROC-AUC first."""
    untried: tuple[str, ...]
    """Quantities that were left out because of the bound on the number of refits."""


def replace_by_average(
    classifier: Classifier,
    tested: LabelledRows,
    *,
    training_features: pd.DataFrame,
    quantities: Mapping[str, str],
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> Ablation:
    """Measure what a model loses when a quantity's training median stands in each test row.

    Parameters
    ----------
    classifier
        The fitted model.
    tested
        Test rows; those without a label that the model tells apart are left out.
    training_features
        The rows that it was trained on, for the medians.
    quantities
        Quantity of each of the classifier's columns, see `physical_quantities`.
    seed
        Seed of the bootstrap.
    progress
        Called with the fraction of the quantities that are done.

    Raises
    ------
    DataError
        When no test row has a label.
    """
    rows = InspectedRows(classifier, tested, seed=seed, refusal=_NO_LABELS)
    medians = training_features.loc[:, list(classifier.columns)].median()
    baseline = classifier.predict_proba(rows.features)
    groups = columns_of_quantities({name: quantities[name] for name in classifier.columns})
    without = {}
    for done, (quantity, columns) in enumerate(groups.items(), start=1):
        averaged = rows.features.assign(**medians[list(columns)])
        without[quantity] = classifier.predict_proba(averaged)
        progress(done / len(groups), quantity)
    return _ablation_of(
        "each quantity replaced by its training median, the model unchanged",
        baseline,
        without,
        groups,
        rows=rows,
    )


def drop_quantities(
    classifier: Classifier,
    refit: Refit,
    tested: LabelledRows,
    *,
    quantities: Mapping[str, str],
    most_refits: int = MOST_REFITS,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> Ablation:
    """Measure what is lost when the model is trained without a quantity.

    Parameters
    ----------
    classifier
        The fitted model, for its columns.
    refit
        Returns a model of the same kind, trained on these columns only; see `refitted_on`.
    tested, seed
        As for `replace_by_average`.
    quantities
        Quantity of each of the classifier's columns; where the bound does not allow all, the
        first ones are tried.
    most_refits
        Most models to train, the baseline included.
    progress
        Called with the fraction of the refits that are done.

    Raises
    ------
    DataError
        When no test row has a label, fewer than two refits are allowed, or the model sees a
        single quantity.
    """
    groups = columns_of_quantities(
        {name: quantities[name] for name in quantities if name in classifier.columns}
    )
    if len(groups) < _FEWEST_COLUMNS:
        raise DataError("The model sees a single quantity; without it there is nothing to train.")
    if not 2 <= most_refits <= MOST_REFITS:
        raise DataError(
            f"most_refits was {most_refits}, but it must be a whole number from 2 to {MOST_REFITS}."
        )
    rows = InspectedRows(classifier, tested, seed=seed, refusal=_NO_LABELS)
    tried = dict(list(groups.items())[: most_refits - 1])
    total = len(tried) + 1
    # Refitted as well, so that both sides of each comparison come from the same procedure.
    baseline = refit(classifier.columns).predict_proba(rows.features)
    progress(1 / total, "all quantities")
    without = {}
    for done, (quantity, columns) in enumerate(tried.items(), start=2):
        kept = tuple(name for name in classifier.columns if name not in columns)
        without[quantity] = refit(kept).predict_proba(rows.features)
        progress(done / total, f"without {lowered(quantity)}")
    return _ablation_of(
        "the model trained anew without each quantity",
        baseline,
        without,
        tried,
        rows=rows,
        untried=tuple(quantity for quantity in groups if quantity not in tried),
    )


def refitted_on(classifier: Classifier, rows: LabelledRows) -> Refit:
    """Return what refits a classifier on some of its columns, with its seed.

    Parameters
    ----------
    classifier
        The fitted model: its type, hyperparameters and seed. Of an ensemble the members are
        refitted and their weights stay.
    rows
        The rows that it was trained on, with the declarations of its columns.
    """
    declared = {column.name: column for column in rows.columns}

    def refit(names: tuple[str, ...]) -> Classifier:
        seen = replace(rows, columns=tuple(declared[name] for name in names))
        if classifier.model_type.searches:
            return refit_ensemble(classifier, seen, seed=classifier.seed)
        return fit_classifier(
            classifier.model_type,
            classifier.hyperparameters,
            seen,
            seed=classifier.seed,
            task=classifier.task,
        )

    return refit


def _ablation_of(
    method: str,
    baseline: NDArray[np.float64],
    without: Mapping[str, NDArray[np.float64]],
    groups: Mapping[str, tuple[str, ...]],
    *,
    rows: InspectedRows,
    untried: tuple[str, ...] = (),
) -> Ablation:
    """Compare probabilities without each quantity with those of the baseline.

    Differences are of the same stars: the resamples of the rows are the same each time.
    """
    whole = rows.figures(baseline)
    effects = []
    for quantity, probabilities in without.items():
        remaining = rows.figures(probabilities)
        figures, without_low, without_high = with_bounds(remaining)
        change, low, high = with_bounds(remaining - whole)
        effects.append(
            QuantityEffect(
                quantity=quantity,
                columns=groups[quantity],
                without=figures,
                without_low=without_low,
                without_high=without_high,
                change=change,
                low=low,
                high=high,
            )
        )
    return Ablation(
        method=method,
        **rows.described(whole),
        effects=tuple(sorted(effects, key=lambda effect: np.nan_to_num(effect.change[RANKED_BY]))),
        untried=untried,
    )
