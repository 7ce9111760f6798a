"""One estimand for every model type, so that two models' explanations of an object compare.

Each model's own explanation adds up to whatever it computes cheaply: a score, a margin, a vote.
Here every model is asked the same: how far does each column move the PROBABILITY of a named class,
from the training median to this object? The answer is the Shapley value against one baseline. It
is exact for tree votes by the walk of `mlcore.inspection.shap.trees`, and for any model where few
columns differ from the baseline, by all coalitions; elsewhere it is estimated from antithetic
random orders (Castro, Gómez and Tejada 2009; Mitchell et al. 2022), with its standard error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import comb

from mlcore.errors import DataError
from mlcore.inspection.shap.trees import explain_trees, tree_ensembles
from mlcore.models.classifier import CLASSES
from mlcore.models.outputs import class_outputs
from mlcore.models.spec import Explainer, OutputScale
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

    Output = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    """From rows of raw values, shape ``(m, p)``, to the explained probability of each."""

__all__ = ["MOST_ROWS", "ProbabilityExplanation", "explain_probability"]

MOST_ROWS = 20
"""Most rows in one call: the estimate asks the model thousands of times for each."""

_EXACT_COLUMNS = 11
"""Up to this many differing columns all coalitions cost less than the sampled orders."""
_PAIRS = 128
"""Pairs of an order and its reverse."""
_ROWS_A_CALL = 8192


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ProbabilityExplanation:
    """Signed contributions of the columns to the probability of one class.

    ``base + contributions.sum(axis=1)`` is ``probability``.
    """

    disposition: Disposition
    columns: tuple[str, ...]
    contributions: NDArray[np.float64]
    """Shape ``(n, p)``."""
    standard_errors: NDArray[np.float64]
    """Of the contributions, shape ``(n, p)``; 0 where they are exact."""
    base: float
    """Probability for the training median."""
    probability: NDArray[np.float64]
    """Of each row, shape ``(n,)``."""


def explain_probability(
    classifier: Classifier,
    features: pd.DataFrame,
    disposition: Disposition,
    *,
    pairs: int = _PAIRS,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> ProbabilityExplanation:
    """Attribute the probability of a class to the columns.

    Parameters
    ----------
    classifier
        The fitted model, of any type.
    features
        At most `MOST_ROWS` rows, in the columns' declared units.
    disposition
        The class whose probability is explained; one that the model never gives has the
        probability 0 and no contributions.
    pairs
        Pairs of an order and its reverse, where the values are estimated.
    seed
        Seed of the orders; models are compared with the same one.
    progress
        Called with the fraction of the rows that are done.

    Raises
    ------
    DataError
        When there are more than `MOST_ROWS` rows.
    """
    if len(features) > MOST_ROWS:
        raise DataError(
            f"At most {MOST_ROWS} objects can be explained at once in this way,"
            f" but {len(features)} were asked for."
        )
    rows = features.loc[:, list(classifier.columns)].to_numpy(dtype=np.float64)
    # A model that imputes is brought to the training median by a row of which nothing is known.
    baseline = (
        classifier.baseline
        if classifier.preparation is None
        else np.full(len(classifier.columns), np.nan)
    )
    position = CLASSES.index(disposition)

    def output(X: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = [
            classifier.predict_proba(
                pd.DataFrame(X[begin : begin + _ROWS_A_CALL], columns=list(classifier.columns))
            )[:, position]
            for begin in range(0, len(X), _ROWS_A_CALL)
        ]
        return np.concatenate(parts) if parts else np.empty(0)

    base = float(output(baseline[None, :])[0])
    probability = output(rows)
    contributions, errors = np.zeros_like(rows), np.zeros_like(rows)
    if _votes_with_probabilities(classifier, features, disposition, probability):
        ensemble = tree_ensembles(classifier.estimator)[classifier.classes.index(disposition)]
        prepared = classifier.prepare(features)
        contributions = explain_trees(
            ensemble, prepared, classifier.baseline, lambda done: progress(done, "")
        )
    else:
        for i, row in enumerate(rows):
            contributions[i], errors[i] = _shapley(output, row, baseline, pairs=pairs, seed=seed)
            progress((i + 1) / len(rows), f"{i + 1} of {len(rows)} objects")
    return ProbabilityExplanation(
        disposition=disposition,
        columns=classifier.columns,
        contributions=contributions,
        standard_errors=errors,
        base=base,
        probability=probability,
    )


def _votes_with_probabilities(
    classifier: Classifier,
    features: pd.DataFrame,
    disposition: Disposition,
    probability: NDArray[np.float64],
) -> bool:
    if (
        # A row's votes can equal its calibrated probability while the baseline's do not.
        classifier.calibration is not None
        or classifier.model_type.explainer is not Explainer.TREES
        or classifier.model_type.output is not OutputScale.PROBABILITY
        or disposition not in classifier.classes
    ):
        return False
    # What comes after the votes is not in the trees.
    votes = class_outputs(classifier, classifier.prepare(features))
    return np.allclose(
        votes[:, classifier.classes.index(disposition)], probability, rtol=0, atol=1e-9
    )


def _shapley(
    output: Output,
    row: NDArray[np.float64],
    baseline: NDArray[np.float64],
    *,
    pairs: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values of one row and their standard errors, both of shape ``(p,)``."""
    same = (row == baseline) | (np.isnan(row) & np.isnan(baseline))
    # A column that does not differ is a null player: its value is 0 in every order.
    players = np.flatnonzero(~same)
    values, errors = np.zeros(len(row)), np.zeros(len(row))
    if len(players) <= _EXACT_COLUMNS:
        values[players] = _all_coalitions(output, row, baseline, players)
    else:
        values[players], errors[players] = _orders(output, row, baseline, players, pairs, seed)
    return values, errors


def _all_coalitions(
    output: Output,
    row: NDArray[np.float64],
    baseline: NDArray[np.float64],
    players: NDArray[np.int64],
) -> NDArray[np.float64]:
    count = len(players)
    members = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    hybrids = np.tile(baseline, (2**count, 1))
    hybrids[:, players] = np.where(members == 1, row[players], baseline[players])
    worth = output(hybrids)
    size = members.sum(axis=1)
    values = np.empty(count)
    for player in range(count):
        without = np.flatnonzero(members[:, player] == 0)
        weight = 1 / (count * comb(count - 1, size[without]))
        values[player] = (weight * (worth[without + (1 << player)] - worth[without])).sum()
    return values


def _orders(
    output: Output,
    row: NDArray[np.float64],
    baseline: NDArray[np.float64],
    players: NDArray[np.int64],
    pairs: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    random = np.random.default_rng(seed)
    count = len(players)
    forward = np.array([random.permutation(count) for _ in range(pairs)])
    orders = np.stack([forward, forward[:, ::-1]], axis=1).reshape(2 * pairs, count)
    # arrival[o, j]: after how many steps of order o player j has joined.
    arrival = np.empty_like(orders)
    np.put_along_axis(arrival, orders, np.arange(1, count + 1)[None, :], axis=1)
    joined = arrival[:, None, :] <= np.arange(count + 1)[None, :, None]
    hybrids = np.tile(baseline, (2 * pairs * (count + 1), 1))
    hybrids[:, players] = np.where(joined.reshape(-1, count), row[players], baseline[players])
    steps = np.diff(output(hybrids).reshape(2 * pairs, count + 1), axis=1)
    credited = np.take_along_axis(steps, arrival - 1, axis=1)
    # The two halves of a pair are not independent of each other; pairs are.
    of_pairs = credited.reshape(pairs, 2, count).mean(axis=1)
    errors = of_pairs.std(axis=0, ddof=1) / np.sqrt(pairs) if pairs > 1 else np.zeros(count)
    return of_pairs.mean(axis=0), errors
